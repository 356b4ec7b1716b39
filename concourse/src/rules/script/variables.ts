/** Rules about the variables of a task's shell script: what it reads without anybody setting it, and the reverse. */
import { nodeAt } from '../../yaml/lookup.ts';
import type { TextRange } from '../../text/problem.ts';
import { isBuildMetadata, isOpaque, isProvided, isReadByTools } from '../../script/programs.ts';
import type { VariableUse } from '../../script/syntax.ts';
import { reportRange, taskScript, type TaskScript } from '../../script/task-script.ts';
import { givenParams } from '../given.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entriesOf, entryAt } from '../tree.ts';

const ENVIRONMENT = 'Source: [params](https://concourse-ci.org/docs/tasks/).';

/** Names shown in one message. */
const MOST_NAMES = 8;

/** The script of the task, and the place that stands for its file. */
function scriptOf({ document, environment }: RuleContext): { script: TaskScript; named: TextRange } | undefined {
  const script = taskScript(document, environment);
  const named = script && nodeAt(document.root, script.kind === 'file' ? script.file.named : script.embedded.path);
  return script && named ? { script, named: named.range } : undefined;
}

/** The first use of each variable that nothing sets. */
function unsetUses({ facts }: TaskScript, params: ReadonlySet<string>): VariableUse[] {
  if (facts.openEnded) return [];
  const set = new Set(facts.settings.map(({ name }) => name));
  const first = new Map<string, VariableUse>();
  for (const use of facts.uses) {
    const { name, guarded } = use;
    if (guarded || set.has(name) || params.has(name) || isProvided(name) || first.has(name)) continue;
    first.set(name, use);
  }
  return [...first.values()];
}

/** Params of the task and those that its step in the pipeline gives; undefined when a variable stands for them. */
function paramsOf({ document, environment }: RuleContext): ReadonlySet<string> | undefined {
  const stepParams = givenParams(document, environment);
  if (stepParams === 'unknown') return undefined;
  return new Set([...Object.keys(document.config.params ?? {}), ...(stepParams ?? [])]);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `$${name}`);
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}

/** Variables and params. */
export const SCRIPT_VARIABLE_RULES: readonly Rule[] = [
  {
    id: 'unset-variable',
    group: 'script',
    severity: 'hint',
    title: 'The script reads a variable that nobody sets',
    documentation: `A task has the environment of its image and its \`params\`, nothing else. The variable is neither a param nor set in the script, and the script does not provide for its absence (\`\${NAME:-default}\`, \`[ -n "$NAME" ]\`). Declare it under \`params\`; without a value if the caller sets it. Names that images commonly set (\`JAVA_HOME\`, \`NODE_VERSION\`) are left out, and so is every script that sources or evaluates other text.\n\n${ENVIRONMENT}`,
    example: 'platform: linux\nrun:\n  path: sh\n  args:\n    - -ec\n    - echo "hello $NAME"\n',
    fixable: true,
    check(context) {
      const found = scriptOf(context);
      if (!found) return;
      const { script, named } = found;
      const params = paramsOf(context);
      // Params that come from a variable are not known by name.
      if (!params || [...params].some((name) => name.includes('(('))) return;
      const uses = unsetUses(script, params).filter(({ name }) => !isBuildMetadata(name));
      if (uses.length === 0) return;
      if (script.kind === 'file') {
        const names = uses.map(({ name }) => name);
        const [what, it] = names.length === 1 ? ['is neither a param nor', 'it'] : ['are neither params nor', 'them'];
        const message = `'${script.file.written}' reads ${listed(names)}, which ${what} set there: empty, unless the image sets ${it}. Declare ${it} under params.`;
        context.report(named, message, { data: { path: script.file.named, ...(names[0] ? { key: names[0] } : {}) } });
        return;
      }
      for (const { name, whole } of uses) {
        const message = `$${name} is neither a param nor set in this script: it is empty, unless the image sets it. Declare it under params.`;
        context.report(reportRange(script, whole, named), message, { data: { path: script.embedded.path, key: name } });
      }
    },
  },
  {
    id: 'build-metadata',
    group: 'script',
    severity: 'information',
    title: 'A task has no build metadata',
    documentation:
      'Concourse gives `BUILD_ID`, `BUILD_NAME`, `BUILD_JOB_NAME` and the like to get and put steps, not to tasks, where they are empty. A resource can write them into a file that the task takes as an input, or the pipeline passes what it knows in `params`.\n\nSource: [metadata](https://concourse-ci.org/docs/resource-types/implementing/).',
    example: 'platform: linux\nrun:\n  path: sh\n  args: [-ec, echo "build $BUILD_ID"]\n',
    fixable: true,
    check(context) {
      const found = scriptOf(context);
      if (!found) return;
      const { script, named } = found;
      const params = paramsOf(context);
      for (const { name, whole } of params ? unsetUses(script, params) : []) {
        if (!isBuildMetadata(name)) continue;
        const where = script.kind === 'file' ? ` in '${script.file.written}'` : '';
        const message = `$${name}${where} is empty: Concourse gives build metadata to get and put steps, not to tasks. Take it from an input, or declare a param that the pipeline sets.`;
        const path = script.kind === 'file' ? script.file.named : script.embedded.path;
        context.report(reportRange(script, whole, named), message, { data: { path, key: name } });
      }
    },
  },
  {
    id: 'unused-param',
    group: 'script',
    severity: 'hint',
    title: 'A param that the script does not read',
    documentation: `The name of the param appears nowhere in the script, and the script starts no program that could read it from its environment: only the shell's own commands and a few plain ones such as \`cp\` and \`sed\`. Remove the param, or use it.\n\n${ENVIRONMENT}`,
    example: 'platform: linux\nparams:\n  UNUSED: "1"\nrun:\n  path: sh\n  args: [-ec, echo hello]\n',
    fixable: true,
    check(context) {
      const found = scriptOf(context);
      if (!found || isOpaque(found.script.facts)) return;
      const { document, report } = context;
      const words = new Set(found.script.text.match(/[A-Za-z_]\w*/g));
      // These print the whole environment.
      if (words.has('env') || words.has('printenv') || words.has('export')) {
        const { commands } = found.script.facts;
        const printing = commands.some(({ words: [name, ...rest] }) => {
          if (name?.text === 'env' || name?.text === 'printenv') return true;
          return name?.text === 'export' && rest.every(({ text }) => text === '-p');
        });
        if (printing && !commands.some(({ assignments }) => assignments.length > 0)) return;
      }
      for (const { name, key } of entriesOf(entryAt(document.root, 'params')?.value)) {
        if (!/^[A-Za-z_]\w*$/.test(name) || words.has(name) || isReadByTools(name)) continue;
        const message = `The script does not read $${name}, and starts no program that could. Remove the param, or use it.`;
        report(key.range, message, { data: { path: ['params', name], key: name } });
      }
    },
  },
];
