/** Rules about the command line of a task. What is inside of its scripts is up to the rules of `rules/script/`. */
import { commandInPath } from '../../script/command-line.ts';
import { shellCommand } from '../../script/command.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entryAt, hasVar, isText, itemsOf } from '../tree.ts';

const RUN = 'Source: [run](https://concourse-ci.org/docs/tasks/).';
const SHELL = 'Source: [sh in POSIX](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/sh.html).';

/** Where a script uses its positional parameters. */
const POSITIONAL = /\$(?:[0-9@*#]|\{[#!]?[0-9@*#])|\b(?:shift|getopts)\b/;
/** A `set` command with its words. */
const SET = /(?:^|[\s;&|({])set((?:[ \t]+[^\s;&|(){}<>]+)+)/g;
/** An interpreter line that turns errexit on. */
const INTERPRETER = /^#!\S+(?:[ \t]+\S+)*[ \t]-[a-z]*e/;

/** True when a script turns on errexit anywhere. */
function setsErrexit(script: string): boolean {
  if (INTERPRETER.test(script)) return true;
  for (const [, text = ''] of script.matchAll(SET)) {
    const words = text.trim().split(/[ \t]+/);
    for (const [index, word] of words.entries()) {
      if (/^-[a-zA-Z]*e/.test(word)) return true;
      if (/^-[a-zA-Z]*o$/.test(word) && words[index + 1] === 'errexit') return true;
    }
  }
  return false;
}

/** The inline script of a task: its text and its node. */
function inlineScript({ document }: RuleContext) {
  const command = shellCommand(document.config.run);
  const items = itemsOf(entryAt(document.root, 'run', 'args')?.value);
  const node = command?.script === undefined ? undefined : items[command.script];
  if (!command || command.script === undefined || !isText(node)) return undefined;
  return { command, position: command.script, node, items };
}

/** Commands of a script, roughly: lines and `;`, comments left out. */
function hasSeveralCommands(script: string): boolean {
  const lines = script.split('\n').filter((line) => !/^\s*(?:#.*)?$/.test(line));
  const continued = lines.every((line, index) => index === lines.length - 1 || /(?:\\|&&|\|\|?)\s*$/.test(line));
  return lines.length > 0 && (!continued || lines.some((line) => /;\s*\S/.test(line)));
}

/** Arguments and inline scripts. */
export const COMMAND_RULES: readonly Rule[] = [
  {
    id: 'command-line-path',
    group: 'script',
    severity: 'warning',
    title: 'A whole command line in run.path',
    documentation: `\`run.path\` is the name of one program, and no shell reads it: \`path: npm test\` looks for a program whose name has a blank in it, and the task ends with \`executable file not found in $PATH\`. Put the words behind the first one into \`args\`. Pipes, \`&&\`, redirections, variables and patterns need a shell: \`path: sh\` with \`args: [-ec, …]\`.\n\n${RUN}`,
    example: 'platform: linux\nrun:\n  path: npm test\n',
    fixable: true,
    check({ document, environment, report }) {
      const meant = commandInPath(document, environment);
      const node = entryAt(document.root, 'run', 'path')?.value;
      if (!meant || node?.kind !== 'scalar') return;
      const { path } = document.config.run;
      const shown = path.trim().replaceAll(/\s+/g, ' ');
      const what = `run.path is the name of one program, and no shell reads it: '${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}' will not be found in $PATH.`;
      const how = meant.shell
        ? 'Only a shell understands this line. Write path: sh, and the line behind -ec in args.'
        : meant.args.length === 0
          ? `Write path: ${meant.path}, without blanks around it.`
          : `Write path: ${meant.path}, and the other words in args.`;
      report(node.range, `${what} ${how}`, { data: { path: ['run', 'path'] } });
    },
  },
  {
    id: 'empty-argument',
    group: 'script',
    severity: 'warning',
    title: 'A list item without a value is an empty argument',
    documentation: `A lone \`-\` in \`args\` is null, and Concourse passes it as an empty argument. Remove the line, or write \`""\` if an empty argument is meant.\n\n${RUN}`,
    example: 'platform: linux\nrun:\n  path: make\n  args:\n    - all\n    -\n',
    fixable: true,
    check({ document, report }) {
      itemsOf(entryAt(document.root, 'run', 'args')?.value).forEach((item, index) => {
        if (item.kind !== 'scalar' || item.value !== null) return;
        const message =
          'This item has no value: Concourse passes an empty argument. Remove it, or write "" if that is meant.';
        report(item.range, message, { data: { path: ['run', 'args', index], replacement: '""' } });
      });
    },
  },
  {
    id: 'shell-c-arguments',
    group: 'script',
    severity: 'warning',
    title: 'sh -c runs only the first argument behind it',
    documentation: `The shell takes the argument behind \`-c\` as the script; what follows becomes \`$0\`, \`$1\` … of that script and is not run. \`args: [-c, echo, hello]\` prints an empty line. Join the words into one argument, and commands of several items into one script.\n\n${SHELL}`,
    example: 'platform: linux\nrun:\n  path: sh\n  args: [-c, echo, hello]\n',
    fixable: true,
    check(context) {
      const found = inlineScript(context);
      if (!found) return;
      const { node, items, position } = found;
      // An item without a value has a rule of its own.
      const rest = items.slice(position + 1).filter((item) => !(item.kind === 'scalar' && item.value === null));
      const first = rest[0];
      // What stands in single quotes is not the shell's: `awk '{print $1}'`.
      const own = node.value.replaceAll(/'[^']*'/g, "''");
      if (!first || hasVar(node.value) || POSITIONAL.test(own)) return;
      const message =
        'The shell runs only the argument behind -c; this one and those behind it become $0, $1 … of that script, which does not use them. Join them into one argument.';
      const last = rest.at(-1) ?? first;
      const range = { start: first.range.start, end: last.range.end };
      context.report(range.end >= range.start ? range : first.range, message, {
        data: { path: ['run', 'args', position + 1], related: node.range },
      });
    },
  },
  {
    id: 'script-without-errexit',
    group: 'script',
    severity: 'hint',
    title: 'An inline script that continues after an error',
    documentation: `Without \`set -e\` a shell script continues when a command fails, and the task succeeds or fails with its last command. Write \`set -e\` at the top, or pass \`-ec\` instead of \`-c\`.\n\n${SHELL}`,
    example: 'platform: linux\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      make\n      make install\n',
    fixable: true,
    check(context) {
      const found = inlineScript(context);
      if (!found || found.command.options.has('errexit')) return;
      const { node, position } = found;
      if (!hasSeveralCommands(node.value) || setsErrexit(node.value)) return;
      const option = entryAt(context.document.root, 'run', 'args');
      const before = itemsOf(option?.value)[position - 1];
      const message =
        "Without 'set -e' this script continues when a command fails. Put 'set -e' at its top, or pass -ec instead of -c.";
      const plain = before?.kind === 'scalar' && before.value === '-c';
      context.report(before?.range ?? node.range, message, {
        data: { path: ['run', 'args', position], ...(plain ? { replacement: '-ec' } : {}) },
      });
    },
  },
];
