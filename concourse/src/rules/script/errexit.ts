/** The rule about script files that go on after an error. */
import { nodeAt } from '../../yaml/lookup.ts';
import { shellCommand } from '../../script/command.ts';
import type { ScriptFacts } from '../../script/facts.ts';
import { taskScript } from '../../script/task-script.ts';
import type { Rule } from '../rule.ts';

/** Commands whose failure means nothing, or that end the script themselves. */
const HARMLESS: ReadonlySet<string> = new Set(
  ': [ [[ echo exec exit export false local printf pwd return set shift shopt test trap true umask unset'.split(' '),
);

/** Commands after whose failure the script would go on with something else. */
function canGoOn({ commands }: ScriptFacts): boolean {
  let failing = 0;
  for (const { kind, words, nested, terminator } of commands) {
    if (kind !== 'command' || nested || words.length === 0 || HARMLESS.has(words[0]?.text ?? '')) continue;
    if (terminator === '\n' || terminator === ';' || terminator === '') failing++;
  }
  return failing > 1;
}

/** `set -e` in files. */
export const ERREXIT_RULES: readonly Rule[] = [
  {
    id: 'script-file-without-errexit',
    group: 'script',
    severity: 'hint',
    title: 'A script file that continues after an error',
    documentation:
      'Without `set -e` a shell script continues when a command fails, and the task succeeds or fails with its last command. Write `set -e` at the top of the file, `set -euo pipefail` for bash; or start it with `sh -e FILE`.\n\nSource: [set in POSIX](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#set).',
    fixable: true,
    check({ document, environment, report }) {
      const script = taskScript(document, environment);
      if (script?.kind !== 'file') return;
      const { facts, file } = script;
      const options = shellCommand(document.config.run)?.options;
      // A file that is given to a shell has its first line as a comment.
      const own = facts.options.has('errexit') && !(file.shell !== undefined && onlyByShebang(facts));
      const handlesErrors = facts.commands.some(
        ({ words: [name, ...rest] }) => name?.text === 'trap' && rest.some(({ text }) => text === 'ERR'),
      );
      if (own || options?.has('errexit') === true || facts.openEnded || handlesErrors || !canGoOn(facts)) return;
      const named = nodeAt(document.root, file.named);
      const message = `'${file.written}' has no 'set -e': it continues when a command fails. Put 'set -e' at its top.`;
      if (named) report(named.range, message, { data: { path: file.named } });
    },
  },
];

/** True when `-e` stands on the `#!` line and nowhere else. */
function onlyByShebang({ shebang, commands }: ScriptFacts): boolean {
  const byLine = shebang?.args.some((word) => /^-\w*e/.test(word)) === true;
  return byLine && !commands.some(({ words: [name] }) => name?.text === 'set');
}
