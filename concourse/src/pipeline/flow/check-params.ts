/** Whether the params and vars of a task step are those of its task file. */
import { didYouMean } from '../../text/suggest.ts';
import { type Bindings, localVars } from './bindings.ts';
import type { JobContext } from './job-context.ts';
import { entriesIn, entryIn, textAt, type Located } from './place.ts';
import type { Scope } from './scope.ts';
import type { TaskShape } from './task-shape.ts';

/** Names shown in one message. */
const MOST_NAMES = 8;

/** Params that the task does not declare, and those that nobody gives. */
export function checkParams(step: Located, shape: TaskShape, job: JobContext): void {
  const file = textAt(step, 'file');
  const params = entryIn(step, 'params');
  if (!shape.document || !shape.known || !file) return;
  const given = entriesIn(params);
  if (params && params.node.kind !== 'map' && !(params.node.kind === 'scalar' && params.node.value === null)) return;
  if (given.some(({ entry }) => entry.name.includes('(('))) return;
  const names = new Set(given.map(({ entry }) => entry.name));
  const free = [...shape.params.keys()].filter((name) => !names.has(name));
  const undeclared = given.filter(({ entry }) => !shape.params.has(entry.name));
  const others: typeof undeclared = [];
  const misspelt = new Set<string>();
  for (const param of undeclared) {
    const { entry, place } = param;
    const meant = didYouMean(entry.name, free);
    if (meant === undefined) {
      others.push(param);
      continue;
    }
    misspelt.add(meant);
    const message = `The task does not declare a param '${entry.name}'. Concourse sets it all the same, and '${meant}' stays as it is. Did you mean '${meant}'?`;
    const data = { key: entry.name, suggestion: meant, replacement: meant };
    job.findings.add('warning', 'undeclared-param', { node: entry.key, place }, message, data);
  }
  const [first] = others;
  if (first) {
    const what = others.slice(0, MOST_NAMES).map(({ entry }) => `'${entry.name}'`);
    const more = others.length > what.length ? ` and ${others.length - what.length} more` : '';
    const message = `The task does not declare ${what.join(', ')}${more}. Concourse sets ${others.length === 1 ? 'it' : 'them'} all the same. Declare under params of the task what it reads.`;
    const at = { node: first.entry.key, place: first.place };
    job.findings.add('hint', 'undeclared-param', at, message, { key: first.entry.name });
  }
  const unset = free.filter((name) => shape.params.get(name) === true && !misspelt.has(name));
  if (unset.length === 0) return;
  const shown = unset.slice(0, MOST_NAMES).map((name) => `'${name}'`);
  const more = unset.length > shown.length ? ` and ${unset.length - shown.length} more` : '';
  const message = `${shown.join(', ')}${more} of the task ${unset.length === 1 ? 'has' : 'have'} no value there and get${unset.length === 1 ? 's' : ''} none here: empty when the task runs. Set ${unset.length === 1 ? 'it' : 'them'} under params of the step if needed.`;
  job.findings.add('hint', 'param-not-given', file, message, { key: unset[0] ?? '' });
}

/** Vars that the task file does not use, and local variables of the file that are not set. */
export function checkTaskVars(
  step: Located,
  shape: TaskShape,
  scope: Scope,
  bindings: Bindings,
  job: JobContext,
): void {
  const file = textAt(step, 'file');
  const { document } = shape;
  if (!document || !file || document.template !== undefined || document.brokenFrom !== undefined) return;
  const wanted = new Set(document.vars.flatMap(({ reference }) => (reference?.source === '' ? [reference.path] : [])));
  for (const { entry, place } of entriesIn(entryIn(step, 'vars'))) {
    if (wanted.has(entry.name) || entry.name.includes('((')) continue;
    const meant = didYouMean(entry.name, wanted);
    const advice = meant === undefined ? 'Remove it.' : `Did you mean '${meant}'?`;
    const message = `The task file has no '((${entry.name}))', so this value goes nowhere. ${advice}`;
    const data = { key: entry.name, suggestion: meant, replacement: meant };
    job.findings.add('hint', 'undeclared-var', { node: entry.key, place }, message, data);
  }
  for (const { name } of document.vars) {
    const [local] = localVars(`((${name}))`, bindings);
    if (local) job.variable(local.path, scope, file, file.node.range, ' in the task file');
  }
}
