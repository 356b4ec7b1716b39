/** What Linux and Kubernetes can hand to a process: found out before a pod is made that could never start it. */
import type { Findings } from './plan.ts';
import type { Plan } from './types.ts';

/** Longest argument, and longest `NAME=VALUE`, in bytes without the final NUL (`MAX_ARG_STRLEN`, linux/binfmts.h). */
const longestText = 128 * 1024 - 1;
/** What a Secret can hold, in bytes (`MaxSecretSize`, k8s.io/api/core/v1). */
const mostParams = 1024 * 1024;

/** Checks the command and the params. No value is in a finding: they may be secrets. */
export function checkProcess(command: Plan['command'], params: Plan['params'], findings: Findings): void {
  const check = (what: string, text: string, place: readonly (string | number)[]): void => {
    if (text.includes('\0'))
      findings.error('nul-byte', `${what} holds a NUL byte, which no process can be given`, 'take it out', place);
    else if (Buffer.byteLength(text) > longestText)
      findings.error(
        'too-long',
        `${what} has ${Buffer.byteLength(text)} bytes, and Linux gives a process at most ${longestText} in one piece`,
        'put the text into a file of an input',
        place,
      );
  };
  check('run.path', command.path, ['run', 'path']);
  check('run.dir', command.dir, ['run', 'dir']);
  check('run.user', command.user ?? '', ['run', 'user']);
  for (const [index, argument] of command.args.entries())
    check(`argument ${index + 1} of the command`, argument, ['run', 'args', index]);
  let sum = 0;
  for (const { name, value } of params) {
    check(`param '${name}'`, `${name}=${value}`, ['params', name]);
    sum += Buffer.byteLength(value);
  }
  if (sum > mostParams)
    findings.error(
      'too-long',
      `the params have ${sum} bytes together, and the Secret that carries them holds at most ${mostParams}`,
      'put large values into files of an input',
      ['params'],
    );
}
