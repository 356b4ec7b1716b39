/** What a task step takes: its file, its image, its inputs; and whether the mappings and params fit the task. */
import { didYouMean } from '../../text/suggest.ts';
import { type Bindings, filled } from './bindings.ts';
import { checkFile, meantFile } from './check-files.ts';
import { notAnImage } from './check-put.ts';
import { checkParams, checkTaskVars } from './check-params.ts';
import type { JobContext } from './job-context.ts';
import { entryIn, rootOf, textAt, textsBelow, type Located } from './place.ts';
import type { Scope } from './scope.ts';
import { mappingOf, splitPath, type Mapping } from './steps.ts';
import { shapeOfConfig, shapeOfDocument, type TaskShape, UNKNOWN_TASK } from './task-shape.ts';

/** Checks a task step, and says what its task is. */
export function checkTaskStep(step: Located, scope: Scope, bindings: Bindings, job: JobContext): TaskShape {
  for (const key of ['params', 'vars', 'config']) job.vars(entryIn(step, key), scope, bindings);
  const told = new Set<string>();
  const { shape, meant: meantShape } = readShape(step, scope, bindings, job, told);
  if (!shape.known) job.usesAnything = true;
  checkImage(step, scope, bindings, job);
  const inputs = mappingOf(step, 'input_mapping', bindings);
  const outputs = mappingOf(step, 'output_mapping', bindings);
  for (const key of ['input_mapping', 'output_mapping']) {
    for (const text of textsBelow(entryIn(step, key))) job.notFilledIn(text, 'a mapping', bindings);
  }
  // Of several task files that an across names each takes its part of what the step gives.
  const oneOfSeveral = bindings.size > 0 && textAt(step, 'file')?.text.includes('((') === true;
  const meant = checkKeys(shape, inputs, 'input', scope, job, oneOfSeveral);
  checkKeys(shape, outputs, 'output', scope, job, oneOfSeveral);
  checkInputs(step, shape, inputs, { scope, bindings, job, told, meant });
  if (!oneOfSeveral) checkParams(step, shape, job);
  checkTaskVars(step, shape, scope, bindings, job);
  return meantShape ?? shape;
}

/** The task of a step; and where its file is misspelled, the one that is meant: what that leaves is not missed later. */
interface ReadShape {
  readonly shape: TaskShape;
  readonly meant?: TaskShape | undefined;
}

const UNREAD: ReadShape = { shape: UNKNOWN_TASK };

function readShape(step: Located, scope: Scope, bindings: Bindings, job: JobContext, told: Set<string>): ReadShape {
  const config = entryIn(step, 'config');
  const file = textAt(step, 'file');
  if (config?.node.kind === 'map') return { shape: shapeOfConfig(config) };
  if (!file || job.notFilledIn(file, "a task's file", bindings)) return UNREAD;
  const text = filled(file.text, bindings);
  told.add((text ?? file.text).split('/')[0] ?? '');
  const found = checkFile(file, 'The task file', scope, bindings, job);
  if (!found) return { shape: UNKNOWN_TASK, meant: text === undefined ? undefined : meantTask(text, scope, job) };
  if (found.local.kind === 'unknown' || found.local.kind === 'missing') return UNREAD;
  const task = found.local.kind === 'file' ? job.facts.local.task(found.local.path) : undefined;
  if (found.local.kind === 'directory' || task?.isTask === false) {
    const what = found.local.kind === 'directory' ? 'a folder' : 'no task: it has no platform and no command of one';
    job.findings.add('error', 'not-a-task', file, `'${file.text}' is ${what}. Name the file of a task.`);
    return UNREAD;
  }
  return task ? { shape: shapeOfDocument(task.document) } : UNREAD;
}

/** The task that a path is meant to name: its artifact or its file is misspelled, or a get is missing. */
function meantTask(text: string, scope: Scope, job: JobContext): TaskShape | undefined {
  const parts = splitPath(text);
  if (!parts) return undefined;
  const { artifact: name, path } = parts;
  const artifact = scope.artifacts.get(name) ?? scope.artifacts.get(job.meant(name, scope) ?? '');
  const { local } = job.facts;
  if (!(artifact ? artifact.local : job.facts.resources.get(name)?.local === true)) return undefined;
  const there = local.at(path);
  const meant = there.kind === 'missing' ? meantFile(there.path, job) : undefined;
  const file = meant === undefined ? there : local.at(meant);
  const task = file.kind === 'file' ? local.task(file.path) : undefined;
  return task?.isTask === true ? shapeOfDocument(task.document) : undefined;
}

function checkImage(step: Located, scope: Scope, bindings: Bindings, job: JobContext): void {
  const image = textAt(step, 'image');
  if (!image || job.notFilledIn(image, 'the image of a task', bindings)) return;
  const name = filled(image.text, bindings);
  if (name === undefined) {
    job.usesAnything = true;
    return;
  }
  const replacement = name === image.text ? { replacement: (meant: string) => meant } : {};
  const artifact = job.artifact(name, scope, { at: image, what: `The image '${name}'`, ...replacement });
  const { maker } = artifact ?? {};
  if (!maker?.resource) return;
  const reason = notAnImage(maker.resource.baseType, maker.params && rootOf(maker.params));
  if (reason === undefined) return;
  const message = `'${name}' cannot be the image: it ${reason}. The task errors when it starts.`;
  job.findings.add('warning', 'image-form', image, message, { key: name });
}

/** Says which keys of a mapping the task does not have. Returns the inputs that they are meant to be. */
function checkKeys(
  shape: TaskShape,
  mapping: Mapping,
  kind: 'input' | 'output',
  scope: Scope,
  job: JobContext,
  oneOfSeveral: boolean,
): Set<string> {
  const ports = kind === 'input' ? shape.inputs : shape.outputs;
  const names = new Set(ports.map(({ name }) => name));
  const meant = new Set<string>();
  if (!shape.known || [...names].some((name) => name.includes('(('))) return meant;
  const mapped = new Set(mapping.entries.map(({ key }) => key));
  for (const { key, keyAt } of mapping.entries) {
    if (names.has(key)) continue;
    const free = ports.filter(({ name }) => !mapped.has(name));
    const lacking =
      kind === 'input' ? free.filter(({ name, optional }) => !optional && !scope.artifacts.has(name)) : [];
    const only = lacking.length === 1 ? lacking[0]?.name : undefined;
    const suggestion =
      didYouMean(
        key,
        free.map(({ name }) => name),
      ) ?? only;
    const breaks = lacking.some(({ name }) => name === suggestion) && !scope.open;
    if (breaks && suggestion !== undefined) meant.add(suggestion);
    if (!breaks && oneOfSeveral) continue;
    const head = `The task has no ${kind} '${key}', so Concourse ignores this mapping.`;
    const consequence = breaks ? ` The input '${suggestion ?? ''}' is missing therefore.` : '';
    const advice = suggestion === undefined ? 'Remove it.' : `Did you mean '${suggestion}'?`;
    job.findings.add(breaks ? 'error' : 'warning', 'unknown-mapping', keyAt, `${head}${consequence} ${advice}`, {
      key,
      suggestion,
      replacement: suggestion,
    });
  }
  return meant;
}

interface InputChecks {
  readonly scope: Scope;
  readonly bindings: Bindings;
  readonly job: JobContext;
  /** Artifacts that were told already. */
  readonly told: Set<string>;
  /** Inputs whose mapping is misspelled. */
  readonly meant: ReadonlySet<string>;
}

function checkInputs(
  step: Located,
  shape: TaskShape,
  mapping: Mapping,
  { scope, bindings, job, told, meant }: InputChecks,
): void {
  const mapped = new Map(mapping.entries.map((entry) => [entry.key, entry]));
  const file = textAt(step, 'file');
  for (const { name: written, optional, named } of shape.inputs) {
    const name = filled(written, bindings);
    if (name === undefined || !mapping.whole) continue;
    const entry = mapped.get(name);
    const artifact = entry ? entry.value : name;
    if (artifact === undefined) continue;
    job.used.add(artifact);
    const at = entry?.at ?? named ?? file;
    if (optional || meant.has(name) || told.has(artifact) || !at) continue;
    told.add(artifact);
    const what = entry ? `'${artifact}' for the input '${name}'` : `The input '${name}' of the task`;
    // A name in a mapping or in the pipeline's own text can be mended there; that of a file needs a mapping.
    const own = entry ?? named;
    job.artifact(artifact, scope, { at, what, ...(own ? { replacement: (other: string) => other } : {}) });
  }
  // What is known of a task that is not here: its mapping names artifacts that it takes.
  if (shape.known) return;
  for (const { value } of mapping.entries) if (value !== undefined) job.used.add(value);
}
