/** For protocol tests: a folder with files. */
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A folder of a test, with files in it; it is removed at the end of its scope. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder with these files: text by relative path. */
  static async with(files: Readonly<Record<string, string>>): Promise<Folder> {
    const folder = new Folder(await realpath(await mkdtemp(join(tmpdir(), 'tarmac-protocol-'))));
    for (const [path, text] of Object.entries(files)) await folder.write(path, text);
    return folder;
  }

  get uri(): string {
    return pathToFileURL(this.path).href;
  }

  uriOf(path: string): string {
    return pathToFileURL(join(this.path, path)).href;
  }

  async write(path: string, text: string, executable = false): Promise<void> {
    const file = join(this.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (executable) await chmod(file, 0o755);
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.path, path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
