/** The words for what is no step, and for keys that a step does not have. */
import type { MapEntry, MapNode, TaskNode } from '../yaml/nodes.ts';
import { firstKeyRange } from '../yaml/lookup.ts';
import { pathText } from '../text/path-text.ts';
import type { ProblemData, TaskPath } from '../text/problem.ts';
import { didYouMean } from '../text/suggest.ts';
import { STEP_KINDS, type StepKind } from '../pipeline/config.ts';
import { isKnownTo } from '../schema/pipeline.ts';
import { MODIFIERS, STEP_TYPES } from '../schema/steps.ts';
import { TASK } from '../schema/task.ts';
import type { ObjectType } from '../schema/types.ts';
import { actualType } from './messages.ts';
import type { ValueDecoder, Place } from './pipeline-parts.ts';

/** True for a key that makes the kind of a step. */
export function isCore(key: string): key is StepKind {
  return (STEP_KINDS as readonly string[]).includes(key);
}

const KINDS = 'get, put, task, set_pipeline, load_var, in_parallel, do, try';

/** Keys of other times and places: what to write instead. */
const FORMER: Readonly<Record<string, string>> = { aggregate: 'in_parallel', parallel: 'in_parallel', steps: 'do' };

/** Reports that upstream finds no step here. */
export function reportNoStep(decoder: ValueDecoder, node: TaskNode, { path, go }: Place, modified = false): void {
  const where = pathText(path);
  if (node.kind === 'map') {
    const words = 'no step configured';
    const former = node.entries.find(({ name }) => Object.hasOwn(FORMER, name));
    const meant = former
      ? { entry: former, kind: FORMER[former.name] ?? '' }
      : node.entries
          .map((entry) => ({ entry, kind: didYouMean(entry.name, STEP_KINDS) }))
          .find(({ kind }) => kind !== undefined);
    const range = meant?.entry.key.range ?? firstKeyRange(node);
    const since = former?.name === 'aggregate' ? " 'aggregate' was removed in Concourse 7.0." : '';
    const how = meant?.kind === undefined ? ` It needs one of ${KINDS}.` : `${since} Did you mean '${meant.kind}'?`;
    const data: ProblemData = {
      path,
      ...(meant?.kind === undefined ? {} : { key: meant.entry.name, suggestion: meant.kind, replacement: meant.kind }),
    };
    const go = modified ? 'no core step type declared (e.g. get, put, task, etc.)' : words;
    decoder.problems.add('error', 'no-step', range, `${where} is not a step (Concourse: ${go}).${how}`, data);
    decoder.giveUp(go);
    return;
  }
  const isNull = node.kind === 'scalar' && node.value === null;
  const what = isNull ? 'is empty' : `is ${node.kind === 'list' ? 'a list' : 'no mapping'}`;
  const how = node.kind === 'list' ? " Write 'do:' before the list." : ` A step is a mapping with one of ${KINDS}.`;
  const words = isNull
    ? 'no step configured'
    : `json: cannot unmarshal ${actualType(node)} into Go struct field ${go} of type map[string]*json.RawMessage`;
  decoder.reject('no-step', node.range, `${where} ${what}, where a step is wanted.${how}`, words);
}

/** Where an unknown key stands: `step` is refused by upstream's validation, `decode` by its decoder. */
export type UnknownPlace = 'step' | 'decode' | 'ignored';

/**
 * Reports a key that a step, or a mapping inside of one, does not have.
 *
 * @returns the key that was probably meant
 */
export function reportUnknownField(
  decoder: ValueDecoder,
  type: ObjectType,
  entry: MapEntry,
  holder: MapNode,
  path: TaskPath,
  place: UnknownPlace,
): string | undefined {
  const key = entry.name;
  const present = new Set(holder.entries.map(({ name }) => name));
  const step = place === 'step';
  const { target } = decoder.options;
  const known = [...type.fields, ...(step ? MODIFIERS.fields.filter((field) => field.key !== 'fail_fast') : [])];
  const future = known.find((field) => field.key === key);
  const names = known.filter((field) => isKnownTo(field, target)).map((field) => field.key);
  const meant = didYouMean(
    key,
    names.filter((name) => !present.has(name)),
  );
  const consequence =
    place === 'ignored'
      ? 'Concourse silently ignores it.'
      : `Concourse rejects the pipeline (unknown field${step ? 's' : ''}: ${key}).`;
  const data = {
    path: [...path, key],
    key,
    suggestion: meant,
    replacement: meant,
  };
  const what = `'${key}' is not a key of ${/^[aeiou]/.test(type.name) ? 'an' : 'a'} ${type.name}.`;
  const how = future
    ? sinceWords(future.since)
    : meant === undefined
      ? advice(key, type, names)
      : ` Did you mean '${meant}'?`;
  const severity = place === 'ignored' ? 'hint' : 'error';
  decoder.problems.add(severity, 'unknown-step-key', entry.key.range, `${what} ${consequence}${how}`, data);
  return meant;
}

function sinceWords(since: string | undefined): string {
  return since === 'next' ? ' Concourse after 8.2 knows it.' : ` Concourse ${since ?? ''} and later know it.`;
}

function advice(key: string, type: ObjectType, names: readonly string[]): string {
  if (key === 'true' || key === 'false') {
    return ' YAML 1.1 reads the plain words on, off, yes and no as booleans: quote the key.';
  }
  if (key === 'fail_fast') return ' It belongs inside in_parallel:, or beside across:.';
  if (type === STEP_TYPES.task && TASK.fields.some((field) => field.key === key && !field.extension)) {
    return " It belongs into the task: under 'config:', or into the task file.";
  }
  if (isCore(key)) return ' A step does one thing: make it a step of its own.';
  const owner = STEP_KINDS.find((kind) => STEP_TYPES[kind].fields.some((field) => field.key === key));
  if (owner !== undefined) return ` It belongs to a ${owner} step.`;
  return ` Known keys: ${names.join(', ')}.`;
}
