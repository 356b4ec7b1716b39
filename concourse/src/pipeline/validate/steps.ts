/** The plan of a job, step by step (concourse/concourse atc/step_validator.go). */
import { parseDuration } from '../../text/duration.ts';
import { didYouMean } from '../../text/suggest.ts';
import type { TaskConfig } from '../../task/config.ts';
import {
  HOOKS,
  allSteps,
  stepKind,
  stepName,
  type AcrossVar,
  type GetStep,
  type JobConfig,
  type LoadVarStep,
  type PutStep,
  type RunStep,
  type SetPipelineStep,
  type StepConfig,
  type TaskStep,
} from '../config.ts';
import { isGlob, passedMatcher } from './globs.ts';
import { asIdentifier, identifierFault } from './identifier.ts';
import type { Finding, ProblemReport } from './report.ts';

/** Resources that a job gets or puts. */
export type Interactions = ReadonlyMap<JobConfig, ReadonlySet<string>>;

/** The resources of each job. */
export function interactionsOf(jobs: readonly JobConfig[]): Interactions {
  return new Map(
    jobs.map((job) => {
      const used = new Set<string>();
      for (const step of allSteps(job)) {
        if ('get' in step || 'put' in step) used.add(step.resource ?? stepName(step) ?? '');
      }
      return [job, used];
    }),
  );
}

/** The jobs that an entry of `passed` names; before 8.1 the first one of that name. */
export function matchingJobs(jobs: readonly JobConfig[], glob: string, globs: boolean): readonly JobConfig[] {
  if (!globs || !isGlob(glob)) {
    const found = jobsByName(jobs).get(glob) ?? [];
    return globs ? found : found.slice(0, 1);
  }
  const matches = passedMatcher(glob, globs);
  return jobs.filter(({ name }) => matches(name));
}

const byName = new WeakMap<readonly JobConfig[], ReadonlyMap<string, readonly JobConfig[]>>();

/** Made once for the jobs of a pipeline: each get may name some of them. */
function jobsByName(jobs: readonly JobConfig[]): ReadonlyMap<string, readonly JobConfig[]> {
  let found = byName.get(jobs);
  if (found === undefined) byName.set(jobs, (found = Map.groupBy(jobs, ({ name }) => name)));
  return found;
}

/** Validates the steps of one job. */
export class StepValidator {
  readonly #report: ProblemReport;
  readonly #interactions: Interactions;
  readonly #resources: readonly string[];
  readonly #context: string[];
  readonly #gets = new Map<string, GetStep>();
  /** Local variables, the innermost scope last. */
  readonly #scopes: Map<string, object>[] = [new Map<string, object>()];

  constructor(report: ProblemReport, interactions: Interactions, identifier: string) {
    this.#report = report;
    this.#interactions = interactions;
    this.#resources = (report.validated.config.resources ?? []).map(({ name }) => name);
    this.#context = [identifier, '.plan'];
  }

  /** Validates a whole job: its plan is a `do` inside of its hooks. */
  job(job: JobConfig): void {
    job.plan?.forEach((step, index) => this.#within(`.do[${index}]`, () => this.#step(step)));
    this.#hooks(job);
  }

  #within(part: string, inside: () => void): void {
    this.#context.push(part);
    inside();
    this.#context.pop();
  }

  #error(text: string, finding: Finding): void {
    this.#report.error('jobs', `${this.#context.join('')}: ${text}`, finding);
  }

  #warning(text: string, finding: Finding): void {
    this.#report.warning(`${this.#context.join('')}: ${text}`, finding);
  }

  #hooks(holder: StepConfig | JobConfig): void {
    for (const name of HOOKS) {
      const hook = holder[name];
      if (hook) this.#within(`.${name}`, () => this.#step(hook));
    }
  }

  #step(step: StepConfig): void {
    this.#unknownFields(step);
    if (step.across === undefined) this.#attempts(step);
    else this.#across(step, step.across);
    this.#hooks(step);
  }

  #unknownFields(part: object): void {
    const fields = this.#report.validated.unknownFields.get(part);
    if (!fields) return;
    // Reported where they were decoded.
    const names = fields.map(({ name }) => goQuote(name)).sort();
    this.#error(`unknown fields [${names.join(' ')}]`, { code: 'unknown-step-key', message: '', part, silent: true });
  }

  #across(step: StepConfig, vars: readonly AcrossVar[]): void {
    this.#context.push('.across');
    if (this.#report.validated.target === '7.14') {
      this.#error('the across step must be explicitly opted-in to using the `--enable-across-step` flag', {
        code: 'across-needs-flag',
        message: 'Concourse before 8.0 takes across only when the server is started with --enable-across-step.',
        part: step,
        key: 'across',
      });
    }
    if (vars.length === 0) {
      this.#error('no vars specified', {
        code: 'invalid-across',
        message: 'Concourse rejects an across without variables (no vars specified). Add a list of var: and values:.',
        part: step,
        key: 'across',
      });
    }
    this.#scopes.push(new Map());
    vars.forEach((each, index) => {
      this.#within(`[${index}]`, () => {
        this.#declare(each.var, each, 'var');
        if (typeof each.max_in_flight === 'number' && each.max_in_flight <= 0) {
          this.#within('.max_in_flight', () =>
            this.#error('must be greater than 0', {
              code: 'invalid-across',
              message: 'max_in_flight must be greater than 0. Write a number from 1, or all.',
              part: each,
              key: 'max_in_flight',
            }),
          );
        }
      });
    });
    this.#attempts(step);
    this.#scopes.pop();
    this.#context.pop();
  }

  #declare(name: string, part: object, key: string): void {
    const inner = this.#scopes.at(-1);
    const before = inner?.get(name);
    if (before) {
      this.#error('repeated var name', {
        code: 'repeated-local-var',
        message: `The local variable '${name}' is set twice in this scope (repeated var name). Rename one of them.`,
        part,
        key,
        other: { part: before, key: 'load_var' in before ? 'load_var' : 'var' },
      });
      return;
    }
    const outer = this.#scopes.findLast((scope) => scope.has(name))?.get(name);
    if (outer) {
      this.#warning(`shadows local var '${name}'`, {
        code: 'shadowed-local-var',
        message: `'${name}' hides the outer local variable with that name (shadows local var). Rename it.`,
        part,
        key,
        other: { part: outer, key: 'load_var' in outer ? 'load_var' : 'var' },
      });
    }
    inner?.set(name, part);
  }

  #attempts(step: StepConfig): void {
    this.#timeout(step);
    if (step.attempts !== undefined && step.attempts <= 0) {
      this.#within('.attempts', () =>
        this.#error('must be greater than 0', {
          code: 'invalid-attempts',
          message: 'attempts must be greater than 0.',
          part: step,
          key: 'attempts',
        }),
      );
    }
  }

  #timeout(step: StepConfig): void {
    this.#core(step);
    const kind = stepKind(step);
    // Those have a timeout of their own, which upstream reads when they run.
    if (step.timeout === undefined || ['run', 'task', 'put', 'get', 'unknown'].includes(kind)) return;
    const { timeout } = step;
    if (this.#report.isOpen(timeout) || parseDuration(timeout).ok) return;
    this.#within('.timeout', () =>
      this.#error(`invalid duration '${timeout}'`, {
        code: 'invalid-duration',
        message: `Invalid duration '${timeout}'. Write numbers with the units h, m, s, ms, us or ns, e.g. 1h30m.`,
        part: step,
        key: 'timeout',
      }),
    );
  }

  #core(step: StepConfig): void {
    if ('run' in step) {
      this.#within(`.run(${step.type ?? ''}.${step.run})`, () => this.#run(step));
    } else if ('task' in step) {
      this.#within(`.task(${step.task})`, () => this.#task(step));
    } else if ('put' in step) {
      this.#within(`.put(${step.put})`, () => this.#put(step));
    } else if ('get' in step) {
      this.#within(`.get(${step.get})`, () => this.#get(step));
    } else if ('set_pipeline' in step) {
      this.#within(`.set_pipeline(${step.set_pipeline})`, () => this.#setPipeline(step));
    } else if ('load_var' in step) {
      this.#within(`.load_var(${step.load_var})`, () => this.#loadVar(step));
    } else if ('try' in step) {
      this.#within('.try', () => this.#step(step.try));
    } else if ('do' in step) {
      step.do?.forEach((each, index) => this.#within(`.do[${index}]`, () => this.#step(each)));
    } else if ('in_parallel' in step) {
      this.#within('.in_parallel', () =>
        step.in_parallel.steps?.forEach((each, index) => this.#within(`.steps[${index}]`, () => this.#step(each))),
      );
    }
  }

  #identifier(name: string, part: object, key: string, severity: 'warning' | 'error' = 'warning'): void {
    const context = this.#context.join('');
    const at = { part, key, code: 'invalid-identifier' };
    if (name === '') {
      if (this.#report.isOpenAt(part, key)) return;
      const message = `The ${key} step has no name (identifier cannot be an empty string). Write one behind '${key}:'.`;
      // Upstream prints the context twice.
      this.#error(`${context}: identifier cannot be an empty string`, { ...at, message });
      return;
    }
    const last = this.#context.at(-1) ?? '';
    // Names under across are often made from its variables; upstream looks at these two kinds only, by a word in the text.
    if (this.#context.at(-2)?.includes('across') && (last.includes('task') || last.includes('set_pipeline'))) return;
    const fault = identifierFault(name);
    if (fault === undefined || this.#report.isOpen(name)) return;
    const text = `'${name}' is not a valid identifier: ${fault}`;
    const better = asIdentifier(name);
    const message = `'${name}' is not a valid identifier: ${fault}.${better === undefined ? '' : ` Call it '${better}'.`}`;
    const finding = { ...at, message, ...(better === undefined ? {} : { data: { suggestion: better } }) };
    if (severity === 'warning') this.#warning(text, finding);
    else this.#error(`${context}: ${text}`, finding);
  }

  #get(step: GetStep): void {
    this.#identifier(step.get, step, 'get');
    const before = this.#gets.get(step.get);
    if (before && !this.#report.isOpen(step.get)) {
      this.#error('repeated name', {
        code: 'repeated-get',
        message: `The job gets '${step.get}' twice (repeated name). Give one of them another name, and name the resource by 'resource:'.`,
        part: step,
        key: 'get',
        other: { part: before, key: 'get' },
      });
    }
    if (!before) this.#gets.set(step.get, step);
    this.#resource(step, step.get, 'get');
    step.passed?.forEach((glob, index) => {
      this.#within('.passed', () => this.#passed(step, glob, index));
    });
  }

  #passed(step: GetStep, glob: string, index: number): void {
    const { target, config } = this.#report.validated;
    if (this.#report.isOpen(glob)) return;
    const at = { part: step, key: 'passed', index };
    const resource = step.resource ?? step.get;
    const jobs = matchingJobs(config.jobs ?? [], glob, target !== '7.14');
    if (jobs.length === 0) {
      const names = (config.jobs ?? []).map(({ name }) => name);
      if (names.some((name) => this.#report.isOpen(name))) return;
      const meant = didYouMean(glob, names);
      this.#error(target === '7.14' ? `unknown job '${glob}'` : `no matching job(s) for '${glob}'`, {
        code: 'unknown-job',
        message: `No job is called '${glob}'.${meant === undefined ? '' : ` Did you mean '${meant}'?`}`,
        ...at,
        data: meant === undefined ? {} : { suggestion: meant, replacement: meant },
      });
    }
    for (const job of jobs) {
      if (this.#interactions.get(job)?.has(resource)) continue;
      const silent = this.#report.validated.incomplete || this.#report.isOpen(resource) || this.#hasOpen(job);
      if (silent && this.#report.validated.templated) continue;
      this.#error(`job '${job.name}' does not interact with resource '${resource}'`, {
        code: 'passed-without-resource',
        message: `The job '${job.name}' never gets or puts '${resource}', so no version can have passed it (does not interact with resource). Remove it from passed, or add the resource to that job.`,
        ...at,
        other: { part: job, key: 'name' },
        silent,
      });
    }
  }

  /** True for a job whose resources are known only with the variables. */
  #hasOpen(job: JobConfig): boolean {
    return [...(this.#interactions.get(job) ?? [])].some((name) => this.#report.isOpen(name));
  }

  #resource(step: GetStep | PutStep, name: string, key: 'get' | 'put'): void {
    const resource = step.resource ?? name;
    if (this.#resources.includes(resource) || this.#report.isOpen(resource)) return;
    if (this.#report.isOpenAt(step, key) || this.#report.isOpenAt(this.#report.validated.config, 'resources')) return;
    if (this.#resources.some((each) => this.#report.isOpen(each))) return;
    const meant = didYouMean(resource, this.#resources);
    this.#error(`unknown resource '${resource}'`, {
      code: 'unknown-resource',
      message: `There is no resource '${resource}' (unknown resource).${meant === undefined ? ' Define it under resources:.' : ` Did you mean '${meant}'?`}`,
      part: step,
      key: step.resource === undefined ? key : 'resource',
      data: meant === undefined ? { key: resource } : { key: resource, suggestion: meant, replacement: meant },
    });
  }

  #put(step: PutStep): void {
    this.#identifier(step.put, step, 'put');
    this.#resource(step, step.put, 'put');
  }

  #run(step: RunStep): void {
    this.#identifier(step.run, step, 'run', 'error');
    const type = step.type ?? '';
    const prototypes = (this.#report.validated.config.prototypes ?? []).map(({ name }) => name);
    if (prototypes.includes(type) || this.#report.isOpen(type)) return;
    this.#error(`unknown prototype '${type}'`, {
      code: 'unknown-prototype',
      message:
        type === ''
          ? "A run step needs the name of a prototype as 'type:' (unknown prototype '')."
          : `There is no prototype '${type}' (unknown prototype). Define it under prototypes:.`,
      part: step,
      key: step.type === undefined ? 'run' : 'type',
    });
  }

  #task(step: TaskStep): void {
    this.#identifier(step.task, step, 'task');
    const { config } = step;
    const hasFile = (step.file ?? '') !== '' || this.#report.isOpenAt(step, 'file');
    if (!config && !hasFile) {
      this.#error('must specify either `file:` or `config:`', {
        code: 'task-without-config',
        message: 'A task step needs `file:` with the task file, or `config:` with the task itself.',
        part: step,
        key: 'task',
      });
    }
    if (config && hasFile) {
      this.#error('must specify one of `file:` or `config:`, not both', {
        code: 'task-with-both',
        message: 'A task step has either `file:` or `config:`, not both. Remove one of them.',
        part: step,
        key: 'file',
      });
    }
    if (config) this.#within('.config', () => this.#taskConfig(config));
    if (config && step.image !== undefined && (config.image_resource ?? config.rootfs_uri) !== undefined) {
      this.#warning(
        'specifies image: on the step but also specifies an image under config: - the image: on the step takes precedence',
        {
          code: 'image-twice',
          message: `The image '${step.image}' of the step takes precedence over the image of the task. Remove one of them.`,
          part: step,
          key: 'image',
          other: { part: config, key: config.image_resource === undefined ? 'rootfs_uri' : 'image_resource' },
        },
      );
    }
    if (step.hermetic === true) {
      this.#warning('specifies `hermetic:` only works against worker containerd runtime', {
        code: 'hermetic-runtime',
        message: '`hermetic` works only on workers with the containerd runtime. Others give the task the network.',
        part: step,
        key: 'hermetic',
      });
    }
  }

  /** The document of the task itself reports these: here only fly's words. */
  #taskConfig(config: TaskConfig): void {
    this.#unknownFields(config);
    const silent = (text: string): void => this.#error(text, { code: '', message: '', part: config, silent: true });
    if ((config.platform ?? '') === '' && !this.#report.isOpenAt(config, 'platform')) silent("missing 'platform'");
    if (this.#report.validated.target === '7.14' && config.run.path === '' && !this.#report.validated.templated) {
      silent('missing path to executable to run');
    }
    for (const kind of ['input', 'output'] as const) {
      config[`${kind}s`]?.forEach(({ name }, position) => {
        if (name === '') silent(`  ${kind} in position ${position} is missing a name`);
      });
    }
  }

  #setPipeline(step: SetPipelineStep): void {
    this.#identifier(step.set_pipeline, step, 'set_pipeline');
    this.#file(step, 'set_pipeline', 'pipeline file');
  }

  #loadVar(step: LoadVarStep): void {
    this.#identifier(step.load_var, step, 'load_var');
    if (!this.#report.isOpen(step.load_var)) this.#declare(step.load_var, step, 'load_var');
    this.#file(step, 'load_var', 'file to read');
  }

  #file(step: SetPipelineStep | LoadVarStep, key: string, what: string): void {
    if ((step.file ?? '') !== '' || this.#report.isOpenAt(step, 'file')) return;
    this.#error('no file specified', {
      code: 'missing-file',
      message: `A ${key} step needs 'file:', the ${what} as ARTIFACT/path (no file specified).`,
      part: step,
      key,
    });
  }
}

/** A text as Go's `%+q` prints it. */
function goQuote(text: string): string {
  const digits = (code: number, width: number): string => code.toString(16).padStart(width, '0');
  return JSON.stringify(text).replaceAll(/\\u00([01][0-9a-f])|[\u007f-\u{10ffff}]/gu, (match, control?: string) => {
    if (control !== undefined) return `\\x${control}`;
    const code = match.codePointAt(0) ?? 0;
    if (code === 0x7f) return '\\x7f';
    return code > 0xffff ? `\\U${digits(code, 8)}` : `\\u${digits(code, 4)}`;
  });
}
