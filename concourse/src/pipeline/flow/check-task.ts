/** What a task step takes: its file, its image, its inputs; and whether the mappings and params fit the task. */
import { didYouMean } from '../../text/suggest.ts';
import { type Bindings, filled } from './bindings.ts';
import { checkFile } from './check-files.ts';
import { notAnImage } from './check-put.ts';
import { checkParams, checkTaskVars } from './check-params.ts';
import type { JobContext } from './job-context.ts';
import { entryIn, rootOf, textAt, textsBelow, type Located } from './place.ts';
import type { Scope } from './scope.ts';
import { mappingOf, type Mapping } from './steps.ts';
import { shapeOfConfig, shapeOfDocument, type TaskShape, UNKNOWN_TASK } from './task-shape.ts';

/** Checks a task step, and says what its task is. */
export function checkTaskStep(step: Located, scope: Scope, bindings: Bindings, job: JobContext): TaskShape {
  for (const key of ['params', 'vars', 'config']) job.vars(entryIn(step, key), scope, bindings);
  const told = new Set<string>();
  const shape = readShape(step, scope, bindings, job, told);
  if (!shape.known) job.usesAnything = true;
  checkImage(step, scope, bindings, job);
  const inputs = mappingOf(step, 'input_mapping', bindings);
  const outputs = mappingOf(step, 'output_mapping', bindings);
  for (const key of ['input_mapping', 'output_mapping']) {
    for (const text of textsBelow(entryIn(step, key))) job.notFilledIn(text, 'a mapping', bindings);
  }
  const meant = checkKeys(shape, inputs, 'input', scope, job);
  checkKeys(shape, outputs, 'output', scope, job);
  checkInputs(step, shape, inputs, { scope, bindings, job, told, meant });
  checkParams(step, shape, job);
  checkTaskVars(step, shape, scope, bindings, job);
  return shape;
}

function readShape(step: Located, scope: Scope, bindings: Bindings, job: JobContext, told: Set<string>): TaskShape {
  const config = entryIn(step, 'config');
  const file = textAt(step, 'file');
  if (config?.node.kind === 'map') return shapeOfConfig(config);
  if (!file || job.notFilledIn(file, "a task's file", bindings)) return UNKNOWN_TASK;
  told.add((filled(file.text, bindings) ?? file.text).split('/')[0] ?? '');
  const found = checkFile(file, 'The task file', scope, bindings, job);
  if (!found || found.local.kind === 'unknown' || found.local.kind === 'missing') return UNKNOWN_TASK;
  const task = found.local.kind === 'file' ? job.facts.local.task(found.local.path) : undefined;
  if (found.local.kind === 'directory' || task?.isTask === false) {
    const what = found.local.kind === 'directory' ? 'a folder' : 'no task: it has no platform and no command of one';
    job.findings.add('error', 'not-a-task', file, `'${file.text}' is ${what}. Name the file of a task.`);
    return UNKNOWN_TASK;
  }
  return task ? shapeOfDocument(task.document) : UNKNOWN_TASK;
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
