/** docs/rules.md, from the table of rules. */
import { DEFAULT_PROBLEM_LIMIT } from '#internal/concourse/src/rules/check.ts';
import { RULES } from '#internal/concourse/src/rules/index.ts';
import type { Rule } from '#internal/concourse/src/rules/rule.ts';
import type { Target } from '#internal/concourse/src/task/config.ts';
import { rightExample } from './right-example.ts';
import { TASK_PATH, TASK_TEXT, WITH_TASK_FILE } from './right-pipelines.ts';

const GROUPS: Readonly<Record<Rule['group'], string>> = {
  syntax: 'YAML',
  structure: 'Keys',
  values: 'Values',
  image: 'Image',
  params: 'Params and secrets',
  vars: 'Variables',
  paths: 'Inputs, outputs, caches',
  limits: 'Limits',
  files: 'Local files',
  script: 'Commands and scripts',
  pipeline: 'Pipelines',
  flow: 'Between the steps of a pipeline',
  checking: 'The checks themselves',
};

const TARGETS: Readonly<Record<Target, string>> = {
  current: '8.1 and later',
  '8.0': '8.0',
  '5.5': '5.5 to 7.x',
};

const INTRODUCTION = `# Rules

Everything that Tarmac can say about a task file, in the editor and by \`tarmac validate\`. Made from the rule table by \`npm run generate\`; do not edit.

- **error**: the Concourse version that is set as the target rejects the file.
- **warning**: Concourse or the run silently ignores or changes something.
- **information** and **hint**: advice.

The severity of each rule can be set, \`off\` included. In a file, a comment silences rules:

\`\`\`yaml
# tarmac: disable=no-image                 above the first key: for the whole file
platform: linux
params:
  DEBUG: yes # tarmac: disable=yaml-value-changes
  # tarmac: disable=yaml-value-changes, env-name
  ON: on
\`\`\`

A comment behind something is about its line, one on a line of its own about the next line. Comments in inline scripts count too. A file shows at most ${DEFAULT_PROBLEM_LIMIT} problems.
Neither settings nor comments change the verdict: a file that Concourse rejects stays invalid for \`tarmac validate\` and for runs.
`;

function severityOf(rule: Rule): string {
  const targets = rule.targets ? `, Concourse ${rule.targets.map((target) => TARGETS[target]).join(' and ')} only` : '';
  return `${rule.severity}${targets}${rule.fixable ? ', with a quick fix' : ''}`;
}

/** Control characters cannot stand in a page. */
function visible(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (character) =>
    String.fromCodePoint(0x2400 + (character.codePointAt(0) ?? 0)),
  );
}

/** An example with the word that says which one it is. */
function labelled(label: string, example: string): string {
  return `\n${label}:\n\n\`\`\`yaml\n${visible(example.trimEnd())}\n\`\`\`\n`;
}

function section(rule: Rule): string {
  const pair = WITH_TASK_FILE[rule.id];
  const wrong = rule.example ?? pair?.wrong;
  const right = rightExample(rule) ?? pair?.right;
  const examples = [
    ...(wrong === undefined ? [] : [labelled('Wrong', wrong)]),
    ...(right === undefined ? [] : [labelled('Right', right)]),
    ...(pair ? [labelled(`\`${TASK_PATH}\` of both`, TASK_TEXT)] : []),
  ].join('');
  return `### ${rule.id}\n\n${rule.title} (${severityOf(rule)}).\n\n${rule.documentation}\n${examples}`;
}

/** The text of docs/rules.md. */
export function rulesPage(): string {
  const groups = (Object.keys(GROUPS) as Rule['group'][]).map((group) => ({
    title: GROUPS[group],
    rules: RULES.filter((rule) => rule.group === group),
  }));
  const table = groups.flatMap(({ title, rules }) =>
    rules.map(
      (rule) =>
        `| [${rule.id}](#${rule.id}) | ${title} | ${rule.severity} | ${rule.fixable ? 'yes' : ''} | ${rule.title} |`,
    ),
  );
  const sections = groups.map(({ title, rules }) => `## ${title}\n\n${rules.map(section).join('\n')}`);
  return `${INTRODUCTION}\n| rule | about | severity | fix | finds |\n|---|---|---|---|---|\n${table.join('\n')}\n\n${sections.join('\n')}`;
}
