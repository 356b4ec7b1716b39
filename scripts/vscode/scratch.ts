/** A temporary folder that ends with everything that works in it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWNER, processesOwnedBy, stopProcesses } from '../machine/processes.ts';

/** How long processes may take to end themselves after TERM. */
const graceMs = 5_000;

/** A temporary folder and the processes that work in it: disposing ends these and removes it. */
export interface Scratch extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** To be added to the environment of whatever is started: by it, it is found again, with all that it starts. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes a temporary folder. */
export async function scratchFolder(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), 'tarmac-vscode-'));
  return {
    path,
    env: { [OWNER]: path },
    [Symbol.asyncDispose]: async () => {
      const stillThere = await stopProcesses(() => processesOwnedBy(path), 'SIGTERM', graceMs);
      if (stillThere.length > 0) await stopProcesses(() => processesOwnedBy(path), 'SIGKILL', graceMs);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
