/** What file systems that nobody writes to have in common. */
import { FileSystemError, type Uri } from 'vscode';

/** Refuses every change. VS Code asks for none of them where a file system is registered as read-only; other extensions may. */
export class ReadOnlyFiles {
  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }
}
