/** Where the file of a definition in tasks.json is. */
import { isAbsolute, resolve } from 'node:path';
import { Uri, workspace, type TaskScope, type WorkspaceFolder } from 'vscode';

/**
 * The file, and the absolute directory that relative paths of its definition start from: the folder of the task, or else the
 * first one of the workspace.
 */
export function definitionFile(
  path: string,
  scope: WorkspaceFolder | TaskScope,
): { readonly uri: Uri; readonly cwd: string } {
  const folder = typeof scope === 'object' ? scope : workspace.workspaceFolders?.[0];
  const cwd = folder?.uri.fsPath ?? '/';
  return { uri: Uri.file(isAbsolute(path) ? path : resolve(cwd, path)), cwd };
}
