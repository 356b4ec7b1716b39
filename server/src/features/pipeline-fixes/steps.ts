/** Fixes of single steps and their keys: what the validation of a pipeline finds. */
import { entryOf, type Problem } from '#concourse';
import { startOf } from '../fixes/layout.ts';
import { jobsOf } from '../pipeline/model.ts';
import { meantName } from './artifacts.ts';
import type { PipelineEditor } from './editor.ts';
import { fix, replace, type PipelineFix, type PipelineFixMaker } from './fix.ts';

/** A key that is not known: the one that is meant, below `config` where it belongs there, or none. */
export const unknownKey: PipelineFixMaker = (problem, editor) => {
  const entry = editor.entryAt(problem.range);
  const { replacement } = problem.data ?? {};
  const name = problem.data?.key ?? editor.text.slice(problem.range.start, problem.range.end);
  // Rejected, and spelt as nothing else: only this can be meant.
  const safe = problem.severity === 'error' ? ({ safe: true } as const) : {};
  const rename =
    replacement === undefined
      ? []
      : replace(`Rename '${name}' to '${replacement}'`, problem.range, replacement, { preferred: true, ...safe });
  return [
    ...rename,
    ...moveToConfig(problem, editor, name),
    ...(entry ? fix(`Remove '${name}'`, editor.layout.remove(entry)) : []),
  ];
};

/** Keys of a task beside its `config` go into it, with their lines as they are. */
function moveToConfig({ range, message }: Problem, editor: PipelineEditor, name: string): PipelineFix[] {
  const step = editor.step(range)?.step;
  const config = step && entryOf(step.node, 'config')?.value;
  const map = editor.mapOf(config);
  const entry = editor.entryAt(range);
  if (!message.includes("under 'config:'") || !entry || !map || map.flow === true || config?.written) return [];
  const { layout } = editor;
  const own = startOf(entry.pair.key);
  const last = map.items.at(-1);
  const first = startOf(map.items[0]?.key);
  if (own === undefined || !last || first === undefined || !layout.isFirstOnLine(own)) return [];
  const indent = layout.column(first) - layout.column(own);
  const lines = layout.linesOf(entry);
  const text = layout.text.slice(lines.start, lines.end);
  if (indent <= 0 || map.items.some((pair) => String(pair.key) === name)) return [];
  const moved = text.replaceAll(/^(?=[^\r\n])/gmu, ' '.repeat(indent));
  const at = layout.nextLine(layout.endOf({ map, pair: last, index: map.items.length - 1 }));
  const inside = at > lines.start && at < lines.end;
  const newText = moved.endsWith('\n') ? moved : `${moved}${layout.lineEnd}`;
  if (inside || (at === layout.text.length && !layout.text.endsWith('\n'))) return [];
  return fix(`Move '${name}' under 'config'`, [...layout.remove(entry), { range: { start: at, end: at }, newText }], {
    preferred: true,
  });
}

/** No step: the kind that is meant. `aggregate` can only mean `in_parallel`. */
export const noStep: PipelineFixMaker = (problem, editor) => {
  const { key, replacement } = problem.data ?? {};
  if (key === undefined || replacement === undefined) return [];
  const safe = key === 'aggregate' ? ({ safe: true } as const) : {};
  const title = `Rename '${key}' to '${replacement}'`;
  return replace(
    title,
    problem.range,
    editor.text.charAt(problem.range.start) === '"' ? `"${replacement}"` : replacement,
    {
      preferred: true,
      ...safe,
    },
  );
};

/** Makes fixes that remove a key of the step. */
export function removeKeyOfStep(...keys: readonly string[]): PipelineFixMaker {
  return ({ range }, editor) => {
    const step = editor.step(range)?.step;
    return keys.flatMap((key) => (step ? fix(`Remove '${key}'`, editor.removeKey(step.node, key)) : []));
  };
}

/** The entry around the value of a problem, removed. */
export const removeAround: PipelineFixMaker = ({ range }, editor) => {
  const entry = editor.layout.entryAt(range.start) ?? editor.layout.entryOfValueAt(range.start);
  const name = entry ? String(entry.pair.key) : '';
  return entry ? fix(`Remove '${name}'`, editor.layout.remove(entry)) : [];
};

/** The image of the step counts: the other one goes, or this one. */
export const imageTwice: PipelineFixMaker = ({ range }, editor) => {
  const step = editor.step(range)?.step;
  const config = step && entryOf(step.node, 'config')?.value;
  const key = config && entryOf(config, 'image_resource') ? 'image_resource' : 'rootfs_uri';
  return [
    // What Concourse does anyway.
    ...fix(`Remove '${key}' of the task`, editor.removeKey(config, key), { preferred: true, safe: true }),
    ...fix("Remove 'image' of the step", step ? editor.removeKey(step.node, 'image') : []),
  ];
};

/** A word that is taken for `latest`. */
export const versionWord: PipelineFixMaker = ({ range }, { text }) => [
  ...replace("Write 'latest', which is what it means", range, 'latest', { safe: true }),
  ...replace(`Pin it: {ref: ${text.slice(range.start, range.end)}}`, range, `{ref: ${quoted(text, range)}}`),
];

function quoted(text: string, { start, end }: Problem['range']): string {
  const word = text.slice(start, end);
  return /^["']/u.test(word) ? word : JSON.stringify(word);
}

/** `build_logs_to_retain: 5` as it is written today. */
export const logRetention: PipelineFixMaker = ({ range }, editor) => {
  const job = jobsOf(editor.request.source).find(
    ({ node }) => node.range.start <= range.start && range.end <= node.range.end,
  );
  const old = job && entryOf(job.node, 'build_logs_to_retain');
  if (!old || old.value.kind !== 'scalar' || entryOf(job.node, 'build_log_retention')) return [];
  const whole = { start: old.key.range.start, end: old.value.range.end };
  const newText = `build_log_retention: {builds: ${old.value.text}}`;
  return replace(`Write '${newText}'`, whole, newText, { preferred: true, safe: true });
};

/** Words for the units of a duration that Concourse does not know. */
const UNITS: readonly (readonly [RegExp, number, string])[] = [
  [/^(\d+) ?d(?:ays?)?$/iu, 24, 'h'],
  [/^(\d+) ?w(?:eeks?)?$/iu, 168, 'h'],
  [/^(\d+) ?(?:h|hrs?|hours?)$/iu, 1, 'h'],
  [/^(\d+) ?(?:m|mins?|minutes?)$/iu, 1, 'm'],
  [/^(\d+) ?(?:s|secs?|seconds?)$/iu, 1, 's'],
];

/** A duration in units that Concourse knows, where only one can be meant. */
export const duration: PipelineFixMaker = ({ range }, { text }) => {
  const written = text
    .slice(range.start, range.end)
    .replaceAll(/^["']|["']$/gu, '')
    .trim();
  for (const [pattern, factor, unit] of UNITS) {
    const amount = pattern.exec(written)?.[1];
    if (amount === undefined) continue;
    const better = `${Number(amount) * factor}${unit}`;
    return better === written ? [] : replace(`Write ${better}`, range, better, { preferred: true, safe: true });
  }
  return [];
};

/** A task step with two tasks: one of them goes. */
export const taskWithBoth = removeKeyOfStep('file', 'config');

/** A word for the inputs of a put: a list of that artifact, or all. */
export const putInputsWord: PipelineFixMaker = (problem, editor) => {
  const all: PipelineFix[] = replace("Write 'all'", problem.range, 'all');
  return [...meantName(problem, editor), ...all];
};
