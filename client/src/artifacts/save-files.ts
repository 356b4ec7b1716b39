/** Writes files of an artifact to the local disk: whole or not at all, and never outside of the folder that was chosen. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/** One file that is to be saved. */
export interface FileToSave {
  /** Relative to the folder, with `/` between parts. */
  readonly path: string;
  readonly executable: boolean;
  /** Streams the bytes. They count only when it resolves. */
  readonly read: (sink: (chunk: Uint8Array) => Promise<void>) => Promise<void>;
}

/**
 * Saves files below a folder, one after the other. What is there already stays, but for files of the same path.
 *
 * @param folder absolute; made if it is not there
 * @param onFile is called before each file
 * @throws what reading or writing says, and the signal's reason: files that were saved before stay
 */
export async function saveFiles(
  folder: string,
  files: readonly FileToSave[],
  signal: AbortSignal,
  onFile: (file: FileToSave) => void = () => undefined,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    signal.throwIfAborted();
    onFile(file);
    await saveFile(pathBelow(folder, file.path), file);
  }
}

/** Saves one file in place of what is there: under a name of its own until it is complete. */
export async function saveFile(target: string, { executable, read }: FileToSave): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${randomUUID().slice(0, 8)}.part`;
  try {
    await using file = await open(temporary, 'wx', executable ? 0o777 : 0o666);
    await read(async (chunk) => {
      await file.writeFile(chunk);
    });
    await file.close();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** On Windows a name of Linux may hold what separates names there. */
function pathBelow(folder: string, path: string): string {
  const target = resolve(folder, path);
  const inside = relative(folder, target);
  const isBelow = inside !== '' && !isAbsolute(inside) && inside.split(sep)[0] !== '..';
  if (!isBelow || inside.split(sep).length !== path.split('/').length) {
    throw new Error(`'${path}' is not a valid file name on this machine.`);
  }
  return target;
}
