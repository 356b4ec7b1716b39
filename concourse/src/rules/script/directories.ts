/** Rules about inputs and outputs that the script of a task does not mention. */
import { taskMounts, type Mount } from '../../task/paths.ts';
import { isOpaque, looksAround } from '../../script/programs.ts';
import { taskScript, type TaskScript } from '../../script/task-script.ts';
import type { TaskConfig } from '../../task/config.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entryAt, hasVar, itemsOf } from '../tree.ts';

const TASKS = 'Source: [tasks](https://concourse-ci.org/docs/tasks/).';
const SILENCE =
  'Nothing is said about a script that starts programs of unknown habits, sources or evaluates other text, looks at whatever is there (`*`, `ls`, `find .`), or takes paths from params without a value.';

/** Everything that can name a directory, as one text; undefined when a directory can be found without being named. */
function mentions({ document, environment }: RuleContext): { text: string; script: TaskScript } | undefined {
  const script = taskScript(document, environment);
  if (!script || isOpaque(script.facts) || looksAround(script.facts) || takesPaths(script, document.config)) {
    return undefined;
  }
  const { run, params } = document.config;
  const words = [run.path, run.dir ?? '', ...(run.args ?? []), ...Object.values(params ?? {}), script.text];
  return { text: words.join('\n'), script };
}

/** True when a word begins with a param that the caller sets, so that it may be any path. */
function takesPaths({ text, facts }: TaskScript, { params }: TaskConfig): boolean {
  const set = Object.entries(params ?? {}).filter(([, value]) => value === '' || hasVar(value));
  const names = new Set(set.map(([name]) => name));
  if (text.includes('((')) return true;
  return facts.uses.some(({ name, whole }) => {
    const before = text[whole.start - 1] ?? ' ';
    return names.has(name) && /[\s"'=(]/.test(before);
  });
}

/** Reports the mounts of a kind of which no part of the path is mentioned. */
function reportUnused(context: RuleContext, kind: 'input' | 'output', message: (mount: Mount) => string): void {
  const { document, report } = context;
  const all = taskMounts(document.config);
  if (!all.some((mount) => mount.kind === kind)) return;
  const found = mentions(context);
  if (!found) return;
  const items = itemsOf(entryAt(document.root, `${kind}s`)?.value);
  const counts = new Map<string, number>();
  for (const { path } of all) counts.set(path, (counts.get(path) ?? 0) + 1);
  for (const mount of all) {
    const item = items[mount.index];
    // An output on an input starts with its contents: it need not be written. Names from variables are not known.
    if (mount.kind !== kind || !item || mount.name === '' || (counts.get(mount.path) ?? 0) > 1) continue;
    const written = document.config[`${kind}s`]?.[mount.index]?.path ?? mount.name;
    const parts = written.split('/').filter((part) => part.replaceAll('.', '') !== '');
    if (hasVar(written) || parts.length === 0 || parts.some((part) => found.text.includes(part))) continue;
    const name = entryAt(item, 'name')?.value.range ?? item.range;
    report(name, message(mount), { data: { path: [`${kind}s`, mount.index], key: mount.name } });
  }
}

/** Inputs and outputs. */
export const SCRIPT_DIRECTORY_RULES: readonly Rule[] = [
  {
    id: 'unused-input',
    group: 'script',
    severity: 'hint',
    title: 'An input that the script does not use',
    documentation: `No part of the path of the input appears in the command or in its script. Every input costs time to fetch, and the task waits for it. ${SILENCE}\n\n${TASKS}`,
    example: 'platform: linux\ninputs:\n  - name: repo\nrun:\n  path: sh\n  args: [-ec, echo hello]\n',
    fixable: true,
    check(context) {
      reportUnused(
        context,
        'input',
        ({ name }) => `The script does not mention the input '${name}'. Remove the input, or use it.`,
      );
    },
  },
  {
    id: 'unused-output',
    group: 'script',
    severity: 'hint',
    title: 'An output that the script does not write',
    documentation: `No part of the path of the output appears in the command or in its script, so it stays empty, and later steps get an empty directory. ${SILENCE}\n\n${TASKS}`,
    example: 'platform: linux\noutputs:\n  - name: built\nrun:\n  path: sh\n  args: [-ec, echo hello]\n',
    fixable: true,
    check(context) {
      reportUnused(
        context,
        'output',
        ({ name }) =>
          `The script does not mention the output '${name}', so it stays empty. Write into its directory, or remove it.`,
      );
    },
  },
];
