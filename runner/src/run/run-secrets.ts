/** What the output of a run must not show, for whoever takes the run up again: the pod of the run keeps it. */
import { POD_LAYOUT, scriptCommand } from '../supervisor/layout.ts';
import { runScript } from '../store/transfer.ts';
import type { StoreShell } from '../store/types.ts';
import { patiently, type PatienceOptions } from './patient.ts';

/**
 * The texts that a run was given as secrets. Empty for a run without any, and for one whose pod knows no such list. No
 * output can be told without them, so they are asked for as long as the pod lives.
 *
 * @param main a shell in the container of the task
 */
export async function secretsOfRun(main: StoreShell, options: PatienceOptions): Promise<readonly string[]> {
  return await patiently(async () => {
    const { stdout } = await runScript(main, scriptCommand(POD_LAYOUT, 'secrets'), { signal: options.signal });
    return stdout.split('\n').slice(1);
  }, options);
}
