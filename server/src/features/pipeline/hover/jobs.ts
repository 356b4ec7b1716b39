/** What a job does, and which jobs come before and after it. */
import { entryOf } from '#concourse';
import { code } from '../../facts/spelled-out.ts';
import { everyStep, itemsOf, jobsOf, textAt, textNode, type WrittenJob, type WrittenStep } from '../model.ts';
import type { PipelineRequest } from '../request.ts';

/** Most names that a line tells. */
const MOST = 12;

/**
 * Markdown paragraphs about a job; the first one names it.
 *
 * @param step the step whose `passed` names the job
 */
export function jobFacts({ source }: PipelineRequest, name: string, step?: WrittenStep): string[] {
  const jobs = jobsOf(source);
  const job = jobs.find((each) => each.name?.text === name);
  if (!job) return [`**${name}**`, `No job of this pipeline is called ${code(name)}.`];
  const facts = [`**${name}** (job)`];
  const resource = step && resourceOf(step);
  if (resource !== undefined) facts.push(throughText(job, resource));
  facts.push(...workOf(job));
  const before = [...passedOf(job)];
  const after = jobs.filter((other) => passedOf(other).has(name)).map((other) => other.name?.text ?? '');
  if (before.length > 0) facts.push(`After ${listed(before)}.`);
  if (after.length > 0) facts.push(`Before ${listed(after)}.`);
  return facts;
}

/** The resource of a get or put. */
export function resourceOf({ kind, node }: WrittenStep): string | undefined {
  return kind === 'get' || kind === 'put' ? (textAt(node, 'resource') ?? textAt(node, kind))?.text : undefined;
}

function throughText({ steps }: WrittenJob, resource: string): string {
  const kinds = new Set([...everyStep(steps)].filter((step) => resourceOf(step) === resource).map(({ kind }) => kind));
  if (kinds.has('get')) return `It fetches ${code(resource)}${kinds.has('put') ? ' and puts it' : ''}.`;
  return kinds.has('put') ? `It puts ${code(resource)}.` : `It neither gets nor puts ${code(resource)}.`;
}

function workOf({ steps }: WrittenJob): string[] {
  const named = (kind: string): string[] => [
    ...new Set(
      [...everyStep(steps)].flatMap((step) => (step.kind === kind ? (textNode(step.core?.value)?.text ?? []) : [])),
    ),
  ];
  const parts = [
    ['Gets', named('get')],
    ['runs', named('task')],
    ['puts', named('put')],
  ] as const;
  const told = parts.filter(([, names]) => names.length > 0).map(([verb, names]) => `${verb} ${listed(names)}`);
  if (told.length === 0) return [];
  const text = told.join('; ');
  return [`${text.charAt(0).toUpperCase()}${text.slice(1)}.`];
}

function passedOf({ steps }: WrittenJob): Set<string> {
  const passed = [...everyStep(steps)].flatMap(({ node }) => itemsOf(entryOf(node, 'passed')?.value));
  return new Set(passed.flatMap((item) => textNode(item)?.text ?? []));
}

/** Names in a row. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST).map((name) => code(name));
  return names.length > MOST ? `${shown.join(', ')} and ${names.length - MOST} more` : shown.join(', ');
}
