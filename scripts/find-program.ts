/** Programs in PATH. */
import { access } from 'node:fs/promises';
import { constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The first program with this name in PATH, absolute or as PATH says it; undefined where there is none.
 *
 * @param path PATH of the caller
 * @param mayBeIn says of a folder of PATH whether it is looked into; default all
 */
export async function findProgram(
  name: string,
  path: string,
  mayBeIn: (folder: string) => boolean = () => true,
): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const program = join(folder, name);
    if (folder !== '' && mayBeIn(folder) && (await isProgram(program))) return program;
  }
  return undefined;
}

/** Whether a file is there and may be run. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
