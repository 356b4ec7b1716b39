/** docs/guide/cli.md: the commands and flags of the command line, from its own command tree. */
import type { Argument, Command, Option } from 'commander';
import { processIo } from '#internal/cli/src/process-io.ts';
import { buildCommands } from '#internal/cli/src/command-tree.ts';
import { realServices } from '#internal/cli/src/real-services.ts';
import { version } from '#internal/cli/src/version.ts';

const introduction = `# Commands

What the command line has. \`tarmac COMMAND --help\` prints the same in a terminal; \`tarmac completion bash\` (\`zsh\`, \`fish\`) prints a
script that completes commands and flags.

## Ways to name things

| where | what |
|---|---|
| a run | its id, the beginning of it, or \`latest\`: the newest that was started from this machine. Of a step of a job also \`JOB/STEP\` |
| \`-i NAME=PATH\` | a local folder, sent as far as git does not ignore it |
| \`-i NAME=run:RUN/OUTPUT\` | an output of an earlier run, which the store has: nothing is sent. \`run:latest/OUTPUT\` is the one of your newest run |
| \`RUN/OUTPUT\` | for \`download\`: \`latest/binary\` |
| \`-c -\` | the task file on standard input |

Flags win over environment variables: \`TARMAC_CONTEXT\`, \`TARMAC_NAMESPACE\`, \`TARMAC_CLAIM\` and \`TARMAC_HELPER_IMAGE\` for the cluster,
\`KUBECONFIG\` as kubectl reads it, \`NO_COLOR\`.

## Exit codes

As \`fly execute\` has them: 0, the task has succeeded; its own exit code, when it has failed; 1, wrong usage, a task file that
Concourse rejects, or a transfer that failed; 2, the task could not be run, something of the run could not be removed from the cluster, or a
second Ctrl-C; 3, it was aborted. \`tarmac job\` has [a table of its own](jobs.md#exit-codes). \`validate\` ends with 1 when Concourse rejects a file,
\`tests\` when a test has failed or there is no result.
`;

/** A cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

function argumentRow(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}…` : argument.name();
  return `| \`${name.toUpperCase()}\` | ${cell(argument.description)}${argument.required ? '' : ' (optional)'} |`;
}

function optionRow({ flags, description, defaultValue }: Option): string {
  const otherwise = defaultValue === undefined || defaultValue === true ? '' : ` (\`${String(defaultValue)}\`)`;
  return `| \`${flags.replaceAll('|', '\\|')}\` | ${cell(description)}${otherwise} |`;
}

function section(command: Command, path: string): string[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  if (children.length > 0) return children.flatMap((child) => section(child, `${path} ${child.name()}`));
  const aliases = command.aliases().map((alias) => `\`${alias}\``);
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help');
  const description = command.description();
  return [
    [
      `### ${path}`,
      '',
      `${description.charAt(0).toUpperCase()}${description.slice(1)}.${aliases.length > 0 ? ` Also called ${aliases.join(', ')}.` : ''}`,
      '',
      '```sh',
      `${path} ${command.usage().replace('[options]', '[flags]')}`,
      '```',
      '',
      '| | |',
      '|---|---|',
      ...command.registeredArguments.map(argumentRow),
      ...options.map(optionRow),
      '',
    ].join('\n'),
  ];
}

/** The text of the page. */
export function cliPage(): string {
  const { command } = buildCommands({ io: processIo(), services: realServices(), tail: [] }, version);
  return [introduction, '## All commands', '', section(command, 'tarmac').join('\n')].join('\n');
}
