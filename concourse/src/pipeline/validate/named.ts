/** What is checked of everything that has a name, and groups, resources and their types. */
import { didYouMean } from '../../text/suggest.ts';
import type { GroupConfig } from '../config.ts';
import { groupMatcher } from './globs.ts';
import { asIdentifier, identifierFault } from './identifier.ts';
import type { ProblemReport } from './report.ts';
import type { Interactions } from './steps.ts';

/** A part of the pipeline with a name, and where it stands in its list. */
export interface Named {
  readonly name: string;
}

/** Its name in messages: `jobs.NAME`, or `jobs[2]` without a name. */
export function identifierOf(list: string, { name }: Named, index: number): string {
  return name === '' ? `${list}[${index}]` : `${list}.${name}`;
}

/** The rule for identifiers, of the name of a part. */
export function checkIdentifier(
  report: ProblemReport,
  section: string,
  list: string,
  part: Named,
  index: number,
): void {
  const context = identifierOf(list, part, index);
  if (part.name === '') {
    if (report.isOpenAt(part, 'name')) return;
    report.error(section, `${context}: identifier cannot be an empty string`, {
      code: 'missing-name',
      message: `${context} has no name (identifier cannot be an empty string). Add 'name:'.`,
      part,
      key: 'name',
      data: { key: 'name' },
    });
    return;
  }
  const fault = identifierFault(part.name);
  if (fault === undefined || report.isOpen(part.name)) return;
  const better = asIdentifier(part.name);
  report.warning(`${context}: '${part.name}' is not a valid identifier: ${fault}`, {
    code: 'invalid-identifier',
    message: `'${part.name}' is not a valid identifier: ${fault}.${better === undefined ? '' : ` Call it '${better}'.`}`,
    part,
    key: 'name',
    ...(better === undefined ? {} : { data: { suggestion: better } }),
  });
}

/** Finds parts of one name; the first one counts. */
export class Names {
  readonly #report: ProblemReport;
  readonly #section: string;
  readonly #seen = new Map<string, { readonly place: string; readonly part: Named }>();

  constructor(report: ProblemReport, section: string) {
    this.#report = report;
    this.#section = section;
  }

  /** Reports a part whose name another one has. */
  check(list: string, part: Named, index: number, section = this.#section): void {
    if (part.name === '') return;
    const place = `${list}[${index}]`;
    const before = this.#seen.get(part.name);
    if (!before) {
      this.#seen.set(part.name, { place, part });
      return;
    }
    this.#report.error(section, `${before.place} and ${place} have the same name ('${part.name}')`, {
      code: 'duplicate-pipeline-name',
      message: `${before.place} and ${place} have the same name ('${part.name}'). Rename one of them.`,
      part,
      key: 'name',
      other: { part: before.part, key: 'name' },
    });
  }
}

/** A required text that is missing. */
function checkPresent(
  report: ProblemReport,
  section: string,
  context: string,
  part: object,
  key: string,
  value: string,
): void {
  if (value !== '' || report.isOpenAt(part, key)) return;
  report.error(section, `${context} has no ${key}`, {
    code: `missing-${key}`,
    message: `${context} has no ${key}. Add '${key}:'.`,
    part,
    key,
    data: { key },
    // Without a name the identifier has been reported.
    silent: key === 'name',
  });
}

/** Resources, and that each is used. */
export function checkResources(report: ProblemReport, interactions: Interactions): void {
  const section = 'resources';
  const resources = report.validated.config.resources ?? [];
  const names = new Names(report, section);
  resources.forEach((resource, index) => {
    const context = identifierOf(section, resource, index);
    checkIdentifier(report, section, section, resource, index);
    names.check(section, resource, index);
    checkPresent(report, section, context, resource, 'name', resource.name);
    checkPresent(report, section, context, resource, 'type', resource.type);
  });
  const used = new Set([...interactions.values()].flatMap((each) => [...each]));
  const { incomplete, templated } = report.validated;
  const unknown =
    incomplete || [...used].some((name) => report.isOpen(name)) || report.isOpenAt(report.validated.config, 'jobs');
  for (const resource of resources) {
    if (used.has(resource.name) || (unknown && templated) || report.isOpen(resource.name)) continue;
    report.error(section, `resource '${resource.name}' is not used`, {
      code: 'unused-resource',
      message: `No get and no put uses the resource '${resource.name}': Concourse rejects the pipeline (resource is not used). Remove it, or use it.`,
      part: resource,
      key: 'name',
      data: { key: resource.name },
      silent: unknown || resource.name === '',
    });
  }
}

/** Resource types and prototypes: one name space. */
export function checkTypes(report: ProblemReport): void {
  const { config } = report.validated;
  const names = new Names(report, 'resource types');
  for (const [section, list, parts] of [
    ['resource types', 'resource_types', config.resource_types ?? []],
    ['prototypes', 'prototypes', config.prototypes ?? []],
  ] as const) {
    parts.forEach((part, index) => {
      const context = identifierOf(list, part, index);
      checkIdentifier(report, section, list, part, index);
      names.check(list, part, index, section);
      checkPresent(report, section, context, part, 'name', part.name);
      checkPresent(report, section, context, part, 'type', part.type);
    });
  }
}

/** Groups: what they name is there, and once there is one, each job is in one. */
export function checkGroups(report: ProblemReport): void {
  const section = 'groups';
  const { config } = report.validated;
  const groups = config.groups ?? [];
  const jobs = config.jobs ?? [];
  const openJobs = jobs.some(({ name }) => report.isOpen(name)) || report.isOpenAt(config, 'jobs');
  const grouped = new Set<string>();
  groups.forEach((group, index) => {
    checkIdentifier(report, section, section, group, index);
    group.jobs?.forEach((glob, at) => {
      if (!report.isOpen(glob)) checkGlob(report, group, glob, at, grouped, openJobs);
    });
    group.resources?.forEach((name, at) => checkGroupResource(report, group, name, at));
  });
  const openGlob = groups.some(
    (group) => report.isOpenAt(group, 'jobs') || group.jobs?.some((glob) => report.isOpen(glob)),
  );
  const count = new Map<string, GroupConfig[]>();
  for (const group of groups) count.set(group.name, [...(count.get(group.name) ?? []), group]);
  for (const [name, [first, second, ...more]] of count) {
    if (!first || !second) continue;
    report.error(section, `group '${name}' appears ${2 + more.length} times. Duplicate names are not allowed.`, {
      code: 'duplicate-pipeline-name',
      message: `The group '${name}' appears ${2 + more.length} times. Duplicate names are not allowed.`,
      part: second,
      key: 'name',
      other: { part: first, key: 'name' },
    });
  }
  if (groups.length === 0 || openGlob) return;
  for (const job of new Map(jobs.map((each) => [each.name, each])).values()) {
    if (grouped.has(job.name) || report.isOpen(job.name)) continue;
    report.error(section, `job '${job.name}' belongs to no group`, {
      code: 'ungrouped-job',
      message: `The job '${job.name}' belongs to no group. Once there is a group, every job needs one: add it to a group's 'jobs:'.`,
      part: job,
      key: 'name',
      ...(groups[0] ? { other: { part: groups[0], key: 'name' } } : {}),
      silent: job.name === '',
    });
  }
}

function checkGlob(
  report: ProblemReport,
  group: GroupConfig,
  glob: string,
  index: number,
  grouped: Set<string>,
  open: boolean,
): void {
  const at = { part: group, key: 'jobs', index };
  const jobs = report.validated.config.jobs ?? [];
  const matches = groupMatcher(glob);
  if (!matches) {
    report.error('groups', `invalid glob expression '${glob}' for group '${group.name}'`, {
      code: 'invalid-glob',
      message: `'${glob}' is not a pattern that Concourse can read (invalid glob expression). Patterns have *, ?, [a-c], [!x] and {a,b}.`,
      ...at,
    });
    return;
  }
  const found = jobs.filter(({ name }) => matches(name));
  for (const { name } of found) grouped.add(name);
  if (found.length > 0 || open) return;
  const meant = didYouMean(
    glob,
    jobs.map(({ name }) => name),
  );
  report.error('groups', `no jobs match '${glob}' for group '${group.name}'`, {
    code: 'unknown-job',
    message: `No job matches '${glob}' of the group '${group.name}'.${meant === undefined ? '' : ` Did you mean '${meant}'?`}`,
    ...at,
    data: meant === undefined ? {} : { suggestion: meant, replacement: meant },
  });
}

function checkGroupResource(report: ProblemReport, group: GroupConfig, name: string, index: number): void {
  const names = (report.validated.config.resources ?? []).map((resource) => resource.name);
  if (names.includes(name) || report.isOpen(name) || names.some((each) => report.isOpen(each))) return;
  const meant = didYouMean(name, names);
  report.error('groups', `group '${group.name}' has unknown resource '${name}'`, {
    code: 'unknown-resource',
    message: `There is no resource '${name}' for the group '${group.name}' (unknown resource).${meant === undefined ? '' : ` Did you mean '${meant}'?`}`,
    part: group,
    key: 'resources',
    index,
    data: meant === undefined ? {} : { suggestion: meant, replacement: meant },
  });
}
