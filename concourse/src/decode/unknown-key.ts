/** The words for keys that a task does not have. */
import { pathText } from '../text/path-text.ts';
import type { MapEntry, TaskNode } from '../yaml/nodes.ts';
import type { ProblemData, Problems, TaskPath, TextRange } from '../text/problem.ts';
import { IMAGE_SOURCE_KEYS } from '../schema/image.ts';
import { STEP_KEYS, TASK } from '../schema/task.ts';
import type { ObjectType } from '../schema/types.ts';
import { didYouMean } from '../text/suggest.ts';
import type { Target } from '../task/config.ts';

/** The mapping in which an unknown key stands. */
export interface UnknownKeyContext {
  readonly type: ObjectType;
  readonly path: TaskPath;
  /** Known keys that the mapping has, with their places. */
  readonly present: ReadonlyMap<string, TextRange | undefined>;
  /** The target generation rejects unknown keys here. */
  readonly rejected: boolean;
  readonly target: Target;
}

/** Keys of older Concourse versions, and singulars: what to write instead. */
const LEGACY: Readonly<Record<string, string>> = {
  input: 'inputs',
  output: 'outputs',
  cache: 'caches',
  param: 'params',
};

/** An anchor on a value or inside of it. */
function anchorIn(node: TaskNode): string | undefined {
  // An alias shows the anchor of its target, which may stand anywhere.
  if (node.written) return undefined;
  if (node.anchor !== undefined) return node.anchor;
  if (node.kind === 'scalar') return undefined;
  const children = node.kind === 'list' ? node.items : node.entries.map((entry) => entry.value);
  for (const child of children) {
    const anchor = anchorIn(child);
    if (anchor !== undefined) return anchor;
  }
  return undefined;
}

/** `docker:///busybox#1.36` as a reference; undefined for anything else. */
function dockerUri(node: TaskNode): string | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  const match = /^docker:\/\/(?:\/|(?=[^/]))([^#\s]+)(?:#(\S+))?$/.exec(node.value);
  if (!match?.[1]) return undefined;
  return match[2] === undefined ? match[1] : `${match[1]}:${match[2]}`;
}

interface Advice {
  readonly code: string;
  /** First sentence. */
  readonly what: string;
  /** Last sentence. */
  readonly how: string;
  readonly data: ProblemData;
  /** The known key that was probably meant. */
  readonly meant?: string;
}

function atTop(entry: MapEntry, at: TaskPath): Advice | undefined {
  const { name: key, value } = entry;
  if (key === 'image') {
    const reference = dockerUri(value);
    return {
      code: 'legacy-image',
      what: "'image' is not a key of a task file.",
      how: "Give the image by 'image_resource' with type and source ('image: docker:///…' is from before Concourse 3.0). An 'image' that names an artifact belongs to the pipeline step.",
      data: { path: at, key, becomes: reference },
    };
  }
  if (STEP_KEYS.has(key)) {
    return {
      code: 'step-key',
      what: `'${key}' belongs to the task step of a pipeline, not into the task file.`,
      how: 'Move it to the step.',
      data: { path: at, key },
    };
  }
  return undefined;
}

function advise(entry: MapEntry, context: UnknownKeyContext): Advice {
  const { type, path, present } = context;
  const key = entry.name;
  const at = [...path, key];
  if (type === TASK) {
    const special = atTop(entry, at);
    if (special) return special;
  }
  const what = `'${key}' is not a key of ${type === TASK ? 'a task' : pathText(path)}.`;
  if (type.name === 'image_resource') {
    const known = Object.values(IMAGE_SOURCE_KEYS).some((keys) => keys.some((source) => source.key === key));
    if (known) {
      const data = { path: at, key, suggestion: `source.${key}` };
      const wrong = `'${key}' is not a key of image_resource.`;
      return { code: 'unknown-key', what: wrong, how: "It belongs one level deeper, under 'source'.", data };
    }
  }
  if (/^-\w/.test(key) && entry.key.plain) {
    const how = "An item of a list begins with '- ': write a blank behind the '-'.";
    return { code: 'unknown-key', what, how, data: { path: at, key, replacement: `- ${key.slice(1)}` } };
  }
  const names = type.fields.filter((field) => !field.extension).map((field) => field.key);
  const legacy = type === TASK && Object.hasOwn(LEGACY, key) ? LEGACY[key] : undefined;
  const free = names.filter((name) => !present.has(name));
  const meant = legacy !== undefined && !present.has(legacy) ? legacy : didYouMean(key, free);
  if (meant !== undefined) {
    const data = { path: at, key, suggestion: meant, replacement: meant };
    return { code: 'unknown-key', what, how: `Did you mean '${meant}'?`, data, meant };
  }
  const anchor = type === TASK ? anchorIn(entry.value) : undefined;
  if (anchor !== undefined) {
    return {
      code: 'helper-key',
      what: `'${key}' only holds the anchor '&${anchor}'.`,
      how: 'A task file has no place for helper keys: put the anchor where its value is used first.',
      data: { path: at, key },
    };
  }
  const twin = legacy ?? didYouMean(key, names);
  const related = twin === undefined ? undefined : present.get(twin);
  if (twin !== undefined && related) {
    const how = `If you mean '${twin}', put it under the '${twin}' that is there already.`;
    return { code: 'unknown-key', what, how, data: { path: at, key, suggestion: twin, related } };
  }
  return { code: 'unknown-key', what, how: `Known keys: ${names.join(', ')}.`, data: { path: at, key } };
}

/** What upstream says of an input or output without a name, when that is what the unknown key leads to. */
function missingBecause(context: UnknownKeyContext, meant: string | undefined): string | undefined {
  if (meant === undefined || !context.type.fields.some((field) => field.key === meant && field.required)) {
    return undefined;
  }
  if (context.type === TASK) return `missing '${meant}'`;
  return `${context.type.name} in position ${context.path.at(-1) ?? 0} is missing a ${meant}`;
}

/**
 * Reports a key that the type does not know. Where it stands for a required key that is missing, this is the one
 * problem for both.
 *
 * @returns the known key that was probably meant, when the mapping does not have it
 */
export function reportUnknownKey(problems: Problems, entry: MapEntry, context: UnknownKeyContext): string | undefined {
  const { code, what, how, data, meant } = advise(entry, context);
  const missing = missingBecause(context, meant);
  const key = entry.name;
  const rejected = context.rejected || missing !== undefined;
  const words = [
    ...(context.rejected
      ? [
          context.target === 'current' && context.type === TASK
            ? `unknown fields: [${key}]`
            : `json: unknown field "${key}"`,
        ]
      : []),
    ...(missing !== undefined && !(context.rejected && context.target !== 'current') ? [missing] : []),
  ];
  const consequence = rejected ? `Concourse rejects the file (${words.join('; ')}).` : 'Concourse silently ignores it.';
  problems.add(rejected ? 'error' : 'warning', code, entry.key.range, `${what} ${consequence} ${how}`, data);
  return meant;
}
