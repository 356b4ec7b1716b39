/**
 * Everything that upstream's validation says of a decoded pipeline, in its order (concourse/concourse
 * atc/configvalidate/validate.go).
 */
import type { Problems } from '../../text/problem.ts';
import { varNames } from '../../vars/vars.ts';
import type { JsonValue } from '../../task/config.ts';
import { allSteps, type GetStep, type JobConfig, type VarSourceConfig } from '../config.ts';
import { parseGoUrl } from './go-url.ts';
import { Names, checkGroups, checkIdentifier, checkResources, checkTypes, identifierOf } from './named.ts';
import { ProblemReport, type Validated } from './report.ts';
import { StepValidator, interactionsOf, matchingJobs, type Interactions } from './steps.ts';
import { MANAGERS, OTHER_MANAGERS, checkManager } from './var-source-config.ts';

/** What fly prints of a pipeline. */
export interface Validation {
  /** `SECTION: message`, in order. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Validates a decoded pipeline; `problems` receives each finding at its place. */
export function validatePipeline(validated: Validated, problems: Problems): Validation {
  const report = new ProblemReport(validated, problems);
  const interactions = interactionsOf(validated.config.jobs ?? []);
  checkGroups(report);
  checkResources(report, interactions);
  checkTypes(report);
  checkVarSources(report);
  checkJobs(report, interactions);
  checkDisplay(report);
  checkCycle(report);
  return report;
}

function checkVarSources(report: ProblemReport): void {
  const section = 'variable sources';
  const list = 'var_sources';
  const sources = report.validated.config.var_sources ?? [];
  const names = new Names(report, section);
  sources.forEach((source, index) => {
    checkIdentifier(report, section, list, source, index);
    if (!report.isOpen(source.type) && !report.isOpenAt(source, 'type')) checkVarSource(report, source, index, names);
  });
  checkOrder(report, sources);
}

function checkVarSource(report: ProblemReport, source: VarSourceConfig, index: number, names: Names): void {
  const section = 'variable sources';
  const type = MANAGERS.find((each) => each === source.type);
  const other = Object.hasOwn(OTHER_MANAGERS, source.type) ? OTHER_MANAGERS[source.type] : undefined;
  if (!type && other === undefined) {
    report.error(section, `unknown credential manager type: ${source.type}`, {
      code: 'invalid-var-source',
      message: `Concourse knows no credential manager '${source.type}'. Pipelines may use ${MANAGERS.join(', ')}.`,
      part: source,
      key: 'type',
    });
    return;
  }
  if (other !== undefined) {
    report.error(section, `credential manager type ${source.type} is not supported in pipeline yet`, {
      code: 'invalid-var-source',
      message: `The credential manager ${source.type} is not supported in pipelines. They may use ${MANAGERS.join(', ')}.`,
      part: source,
      key: 'type',
    });
  }
  names.check('var_sources', source, index);
  const verdict = type
    ? checkManager(type, source.config, report.validated.target)
    : ({ kind: 'invalid', reason: other ?? '' } as const);
  // What a variable will be is not known.
  if (verdict.kind === 'fine' || (report.validated.templated && hasVars(source.config))) return;
  const words =
    verdict.kind === 'uncreated'
      ? `failed to create credential manager ${source.name}`
      : `credential manager ${source.name} is invalid`;
  report.error(section, `${words}: ${verdict.reason}`, {
    code: 'invalid-var-source',
    message: `Concourse rejects the variable source '${source.name}': ${verdict.reason.replaceAll(/\s*\n\s*/g, ' ')}.`,
    part: source,
    key: 'config',
    silent: !type,
  });
}

function hasVars(value: JsonValue): boolean {
  return varNames(JSON.stringify(value)).length > 0;
}

/** Sources whose configuration uses variables of other sources come after these. */
function checkOrder(report: ProblemReport, sources: readonly VarSourceConfig[]): void {
  const resolved = new Set<string>();
  let pending = sources;
  while (pending.length > 0) {
    const ready = pending.find(({ config }) => dependencies(config).every((name) => resolved.has(name)));
    if (!ready) break;
    resolved.add(ready.name);
    pending = pending.filter((source) => source !== ready);
  }
  const [first] = pending;
  if (!first) return;
  const names = pending.map(({ name }) => name).join(', ');
  report.error(
    'variable sources',
    `failed to order by dependency: could not resolve inter-dependent var sources: ${names}`,
    {
      code: 'invalid-var-source',
      message: `The variable sources ${names} need each other, or one that does not exist (could not resolve inter-dependent var sources).`,
      part: first,
      key: 'config',
    },
  );
}

/** The sources of `((source:name))` in a configuration. */
function dependencies(config: JsonValue): string[] {
  return varNames(JSON.stringify(config).replaceAll('\\"', '"')).flatMap((name) => {
    const colon = name.indexOf(':');
    return colon < 0 ? [] : [name.slice(0, colon)];
  });
}

function checkJobs(report: ProblemReport, interactions: Interactions): void {
  const section = 'jobs';
  const { config } = report.validated;
  const jobs = config.jobs ?? [];
  if (jobs.length === 0) {
    if (report.isOpenAt(config, 'jobs')) return;
    report.error(section, 'jobs: pipeline must contain at least one job', {
      code: 'no-jobs',
      message: 'A pipeline must contain at least one job. Add one under jobs:.',
      part: config,
      key: 'jobs',
      data: { key: 'jobs' },
    });
    return;
  }
  const names = new Names(report, section);
  jobs.forEach((job, index) => {
    const identifier = identifierOf(section, job, index);
    checkIdentifier(report, section, section, job, index);
    names.check(section, job, index);
    if (job.name === '' && !report.isOpenAt(job, 'name')) {
      report.error(section, `${identifier} has no name`, {
        code: 'missing-name',
        message: '',
        part: job,
        silent: true,
      });
    }
    checkRetention(report, job, identifier);
    new StepValidator(report, interactions, identifier).job(job);
  });
}

function checkRetention(report: ProblemReport, job: JobConfig, identifier: string): void {
  const old = job.build_logs_to_retain ?? 0;
  const retention = job.build_log_retention;
  const error = (text: string, key: string, part: object = job, other?: string): void =>
    report.error('jobs', text, {
      code: 'invalid-log-retention',
      message: `${text}.`,
      part,
      key,
      ...(other === undefined ? {} : { other: { part, key: other } }),
    });
  if (old !== 0 && report.validated.target !== '7.14') {
    report.warning(`${identifier}.build_logs_to_retain is deprecated. Use build_log_retention instead.`, {
      code: 'deprecated-log-retention',
      message: `build_logs_to_retain is deprecated. Write 'build_log_retention: {builds: ${old}}'.`,
      part: job,
      key: 'build_logs_to_retain',
    });
  }
  if (old !== 0 && retention) {
    const text = `${identifier} can't use both build_log_retention and build_logs_to_retain`;
    error(text, 'build_logs_to_retain', job, 'build_log_retention');
  } else if (old < 0) {
    error(`${identifier} has negative build_logs_to_retain: ${old}`, 'build_logs_to_retain');
  }
  if (!retention) return;
  const { builds = 0, days = 0, minimum_succeeded_builds: minimum = 0 } = retention;
  const negative = (word: string, key: string, value: number): void => {
    if (value < 0) error(`${identifier} has negative build_log_retention.${word}: ${value}`, key, retention);
  };
  negative('builds', 'builds', builds);
  negative('days', 'days', days);
  negative('min_success_builds', 'minimum_succeeded_builds', minimum);
  if (builds > 0 && minimum > builds) {
    // Upstream means builds with the second.
    const words = `${identifier} has build_log_retention.min_success_builds: ${minimum} greater than build_log_retention.min_success_builds: ${builds}`;
    error(words, 'minimum_succeeded_builds', retention, 'builds');
  }
}

function checkDisplay(report: ProblemReport): void {
  const { display } = report.validated.config;
  const image = display?.background_image ?? '';
  if (!display || image === '' || report.isOpen(image)) return;
  const url = parseGoUrl(image);
  const finding = { code: 'invalid-background', part: display, key: 'background_image' };
  if (!url) {
    const text = `background_image is not a valid URL: ${image}`;
    report.error('display config', text, { ...finding, message: `${text}.` });
  } else if (!['', 'http', 'https'].includes(url.scheme)) {
    const text = 'background_image scheme must be either http, https or relative';
    report.error('display config', text, { ...finding, message: `${text}.` });
  }
}

/** Jobs that wait for each other by `passed`: the first cycle only, as upstream. */
function checkCycle(report: ProblemReport): void {
  const jobs = report.validated.config.jobs ?? [];
  const globs = report.validated.target !== '7.14';
  const state = new Map<string, 'open' | 'done'>();
  // A loop of its own in place of recursion: chains of jobs may be long.
  const gets = new Map(jobs.map((job) => [job, nextJobs(job, jobs, globs)]));
  for (const job of jobs) {
    // Also of a name that has been looked at: jobs may have one name.
    const stack = [{ job, at: 0 }];
    state.set(job.name, 'open');
    while (stack.length > 0) {
      const top = stack.at(-1);
      const next = top && gets.get(top.job)?.[top.at++];
      if (!top || !next) {
        if (top) state.set(top.job.name, 'done');
        stack.pop();
        continue;
      }
      const known = state.get(next.job.name);
      if (known === 'done') continue;
      if (known === 'open') {
        const names = [...stack.map((each) => each.job.name), next.job.name];
        const path = names.slice(names.indexOf(next.job.name)).join(' → ');
        report.error('jobs', `pipeline contains a cycle that starts at Job '${next.job.name}'`, {
          code: 'job-cycle',
          message: `Jobs wait for each other: ${path} (pipeline contains a cycle that starts at Job '${next.job.name}'). Remove one of these from passed.`,
          part: next.step,
          key: 'passed',
          index: next.index,
          other: { part: next.job, key: 'name' },
        });
        return;
      }
      state.set(next.job.name, 'open');
      stack.push({ job: next.job, at: 0 });
    }
  }
}

interface Next {
  readonly job: JobConfig;
  readonly step: GetStep;
  readonly index: number;
}

/** The jobs that a job's gets name in `passed`. */
function nextJobs(job: JobConfig, jobs: readonly JobConfig[], globs: boolean): Next[] {
  return allSteps(job).flatMap((step) => {
    if (!('get' in step)) return [];
    return (step.passed ?? []).flatMap((pattern, index) => {
      return matchingJobs(jobs, pattern, globs).map((next): Next => ({ job: next, step, index }));
    });
  });
}
