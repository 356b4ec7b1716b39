/** What Linux and Kubernetes can hand to a process: found out before a pod is made that could never start it. */
import type { Findings } from './findings.ts';
import type { Plan } from '../model/plan.ts';

/** Longest argument, and longest `NAME=VALUE`, in bytes without the final NUL (`MAX_ARG_STRLEN`, linux/binfmts.h). */
const longestText = 128 * 1024 - 1;
/**
 * What arguments and variables may take together, in bytes: a quarter of the stack's limit (execve(2)), which is 8 MiB
 * almost everywhere, less an eighth of a MiB for what the image sets.
 */
const mostTogether = (2048 - 128) * 1024;
/** A pointer and the final NUL of each text count, too. */
const besides = 9;

/** Checks the command and the params. No value is in a finding: they may be secrets. */
export function checkProcess(command: Plan['command'], params: Plan['params'], findings: Findings): void {
  const check = (what: string, text: string, place: readonly (string | number)[]): void => {
    if (text.includes('\0')) {
      findings.error('nul-byte', `${what} holds a NUL byte, which no process can be given`, 'take it out', place);
    } else if (Buffer.byteLength(text) > longestText) {
      findings.error(
        'too-long',
        `${what} has ${Buffer.byteLength(text)} bytes, and Linux gives a process at most ${longestText} in one piece`,
        'put the text into a file of an input',
        place,
      );
    }
  };
  check('run.path', command.path, ['run', 'path']);
  check('run.dir', command.dir, ['run', 'dir']);
  check('run.user', command.user ?? '', ['run', 'user']);
  for (const [index, argument] of command.args.entries()) {
    check(`argument ${index + 1} of the command`, argument, ['run', 'args', index]);
  }
  for (const { name, value } of params) check(`param '${name}'`, `${name}=${value}`, ['params', name]);
  const size = (texts: readonly string[]): number =>
    texts.reduce((sum, text) => sum + Buffer.byteLength(text) + besides, 0);
  const variables = size(params.map(({ name, value }) => `${name}=${value}`));
  const words = size([command.path, ...command.args]);
  if (variables + words > mostTogether) {
    findings.error(
      'too-long',
      `the params and the arguments have ${variables + words} bytes together, and Linux gives a process at most ${mostTogether}`,
      'put large values into files of an input',
      variables > words ? ['params'] : ['run', 'args'],
    );
  }
}
