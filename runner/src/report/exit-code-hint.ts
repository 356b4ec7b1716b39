/** What the exit code of a command usually means. */
import { constants } from 'node:os';

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** What an exit code of a command usually means; undefined where only the command knows. */
export function exitCodeHint(code: number): string | undefined {
  if (code === 126) {
    return 'exit status 126: the command was found but cannot be run (its executable bit, its interpreter or its architecture)';
  }
  if (code === 127) return 'exit status 127: a command was not found (its path, or the image lacks it)';
  if (code <= 128 || code > 128 + 64) return undefined;
  const name = signalNames.get(code - 128);
  if (name === undefined) return undefined;
  const reason = name === 'SIGKILL' ? ', often because it used more memory than it may' : '';
  return `exit status ${code}: the command was ended by ${name}${reason}`;
}
