/** `plan()`: from a task file and a request to a complete, checked description of one run. */
import { looksSecret } from '../redact/secret-names.ts';
import { createHash } from 'node:crypto';
import { basename, dirname, extname, resolve } from 'node:path';
import {
  WORK_DIR,
  cachePath,
  inputPath,
  mergeParams,
  outputPath,
  parseDuration,
  placeAt,
  placedErrors,
  resolveImage,
  taskLimits,
} from '#concourse';
import { newRunId } from '../pod/names.ts';
import { podShape } from '../pod/shape.ts';
import { checkCommand } from './command.ts';
import { parseEarlierOutput } from '../model/earlier-output.ts';
import { Findings } from './findings.ts';
import { checkProcess } from './process-limits.ts';
import { planSidecars } from './sidecars.ts';
import { checkMountPath, mergeVolumes } from './volumes.ts';
import type {
  DraftRequest,
  LocalFiles,
  Plan,
  PlanDraft,
  PlannedCache,
  PlannedImage,
  PlannedInput,
  PlannedOutput,
  PlannedStore,
  PlanResult,
  RunRequest,
  SecurityProfile,
  TaskConfig,
} from '../model/plan.ts';

/** The helper container's image: a static BusyBox, so that its binary also serves in images without a shell. */
export const defaultHelperImage = 'docker.io/library/busybox:musl';
/** A task may run this long unless the request says otherwise. Concourse has no limit; a lost pod must have one. */
export const defaultTimeoutMs = 12 * 60 * 60 * 1000;

/**
 * Checks everything that can be known to be wrong before a byte is sent, and reports it all together. Pure but for the
 * random part of the run's id: the local machine is seen through `files` alone. Where the artifact store is not known yet,
 * the plan is a draft, and `withStore` makes it whole.
 */
export function plan(request: RunRequest, files: LocalFiles): PlanResult;
export function plan(request: DraftRequest, files: LocalFiles): PlanResult<PlanDraft>;
export function plan(
  request: DraftRequest & Partial<Pick<RunRequest, 'store'>>,
  files: LocalFiles,
): PlanResult<PlanDraft> {
  const findings = new Findings(request);
  const { document } = request;
  const config = document.config;
  fileProblems(request, findings);
  checkPlatform(config, findings);
  const inputs = planInputs(request, files, findings);
  const outputs = planOutputs(request, files, findings);
  const caches = planCaches(request, files, findings);
  const volumes = mergeVolumes(WORK_DIR, inputs, outputs, caches, findings);
  const params = planParams(request, findings);
  const image = planImage(request, findings);
  const command = checkCommand(request, volumes.inputs, volumes.outputs, volumes.caches, files, findings);
  const sidecars = planSidecars(request, inputs, files, findings);
  const { store } = request;
  if (store) checkStore(inputs, store, findings);
  checkTimes(request, findings);
  const pod = podShape(request.pod);
  for (const { code, message, nextStep } of pod.problems) findings.error(code, message, nextStep);
  if (command) checkProcess(command, params, findings);
  if (findings.problems.length > 0 || !image || !command) return { problems: findings.problems };

  const task = request.task ?? taskName(request.taskFile);
  const planned: PlanDraft = {
    run: newRunId(task),
    task,
    taskFile: request.taskFile === '-' ? '-' : resolve(request.cwd, request.taskFile),
    image,
    command,
    workDir: WORK_DIR,
    params,
    ...volumes,
    limits: taskLimits(config),
    sidecars,
    helperImage: request.helperImage ?? defaultHelperImage,
    pullSecrets: [...new Set(request.pullSecrets ?? [])],
    profile: profileOf(request),
    pod: pod.shape,
    pty: request.pty ?? false,
    timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
    keepMs: request.keepMs ?? 0,
    includeIgnored: request.includeIgnored ?? false,
    includeGit: request.includeGit ?? false,
    secrets: planSecrets(request, params),
  };
  const whole: PlanDraft | Plan = store ? { ...planned, store } : planned;
  return { plan: whole, warnings: findings.warnings };
}

/** Adds the artifact store to a draft, once it is known. */
export function withStore(draft: PlanDraft, store: PlannedStore): PlanResult {
  const findings = new Findings();
  checkStore(draft.inputs, store, findings);
  return findings.problems.length > 0 ? { problems: findings.problems } : { plan: { ...draft, store }, warnings: [] };
}

/** What is taken from the store needs one. */
function checkStore(inputs: readonly PlannedInput[], store: PlannedStore, findings: Findings): void {
  if (store.kind !== 'direct') return;
  for (const { name, source } of inputs) {
    if (source.kind === 'output') {
      findings.error(
        'no-store',
        `input '${name}' is an output of an earlier run, but there is no artifact store`,
        'name a claim with --claim',
      );
    }
  }
}

/**
 * What nothing may show: params that are marked, and those whose names look secret and whose values are not in the task
 * file for everybody to read; what the caller knows of variables.
 */
function planSecrets(request: DraftRequest, params: Plan['params']): readonly string[] {
  const marked = new Set(request.secretNames ?? []);
  const isOpen = (param: Plan['params'][number]): boolean =>
    param.origin === 'file' && request.document.text.includes(param.value);
  const secret = params.filter((param) => marked.has(param.name) || (looksSecret(param.name) && !isOpen(param)));
  return [...new Set([...secret.map(({ value }) => value), ...(request.secretValues ?? [])])];
}

/** `ci/unit/task.yml` is the task `unit`, `ci/tasks/unit.yml` is `unit`: most files of a repository are called task.yml. */
export function taskName(taskFile: string): string {
  if (taskFile === '-') return 'task';
  const name = basename(taskFile, extname(taskFile));
  const folder = basename(dirname(resolve(taskFile)));
  return /^task$/i.test(name) && folder !== '' ? folder : name;
}

function checkTimes({ timeoutMs, keepMs }: DraftRequest, findings: Findings): void {
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    findings.error(
      'invalid-timeout',
      'the time limit of a run must be more than 0',
      'give it as a duration: --timeout 1h',
    );
  }
  if (keepMs !== undefined && !(keepMs >= 0)) {
    findings.error('invalid-keep', 'a pod cannot be kept for less than 0', 'give it as a duration: --keep 30m');
  }
}

function profileOf(request: DraftRequest): SecurityProfile {
  return request.privileged ? 'privileged' : (request.profile ?? 'auto');
}

/** Errors of the file itself, and all undefined variables in one line as Concourse words it (`vars` package). */
function fileProblems(request: DraftRequest, findings: Findings): void {
  const { document } = request;
  findings.problems.push(...placedErrors(document));
  if (document.undefinedVars.length > 0) {
    const first = document.vars.find((use) => document.undefinedVars.includes(use.name));
    findings.problems.push({
      code: 'undefined-vars',
      message: `undefined vars: ${document.undefinedVars.join(', ')}`,
      ...(first && placeAt(document, first.range.start)),
      nextStep: 'give each a value with -v NAME=VALUE, -y NAME=YAML or -l FILE',
    });
  }
}

function checkPlatform(config: TaskConfig, findings: Findings): void {
  if (config.platform === undefined || config.platform === 'linux') return;
  findings.error(
    'wrong-platform',
    `platform '${config.platform}' cannot run on Kubernetes: its nodes run Linux containers`,
    "set 'platform: linux'",
    ['platform'],
  );
}

/** fly's rules (`fly/commands/internal/executehelpers/uploads.go`, `inputs.go`), all checked before anything is sent. */
function planInputs(request: DraftRequest, files: LocalFiles, findings: Findings): PlannedInput[] {
  const declared = request.document.config.inputs ?? [];
  const given = new Map(Object.entries(request.inputs ?? {}));
  const names = new Set(declared.map((input) => input.name));
  for (const name of given.keys()) {
    if (names.has(name)) continue;
    const known = [...names].join(', ');
    findings.error(
      'unknown-input',
      `unknown input \`${name}\``,
      known === '' ? 'the task declares no inputs' : `the task declares: ${known}`,
    );
  }
  const planned: PlannedInput[] = [];
  for (const [index, input] of declared.entries()) {
    const name = input.name;
    if (name === '') continue;
    const value = given.get(name) ?? (basename(resolve(request.cwd)) === name ? '.' : undefined);
    if (value === undefined) {
      if (!input.optional) {
        findings.error('missing-input', `missing required input \`${name}\``, `say where it is: -i ${name}=PATH`, [
          'inputs',
          index,
        ]);
      }
      continue;
    }
    const path = inputPath(input, WORK_DIR);
    checkMountPath(`input '${name}'`, path, ['inputs', index, 'path'], findings);
    const source = inputSource(name, value, request, files, findings);
    if (source) planned.push({ name, path, source, volume: '' });
  }
  return planned;
}

function inputSource(
  name: string,
  value: string,
  request: DraftRequest,
  files: LocalFiles,
  findings: Findings,
): PlannedInput['source'] | undefined {
  const earlier = parseEarlierOutput(value);
  if (earlier) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(earlier.run)) {
      findings.error(
        'not-a-run',
        `input '${name}': '${earlier.run}' is not the id of a run`,
        '`tarmac runs` lists them',
      );
      return undefined;
    }
    return { kind: 'output', ...earlier };
  }
  const directory = resolve(request.cwd, value);
  const found = files.stat(directory);
  if (!found) {
    findings.error(
      'input-path-missing',
      `path '${value}' does not exist`,
      `input '${name}' needs a folder: -i ${name}=PATH`,
    );
    return undefined;
  }
  if (found.type !== 'directory') {
    findings.error('input-not-a-folder', `${value} not a folder`, `input '${name}' needs a folder: -i ${name}=PATH`);
    return undefined;
  }
  return { kind: 'directory', directory };
}

function planOutputs(request: DraftRequest, files: LocalFiles, findings: Findings): PlannedOutput[] {
  const declared = request.document.config.outputs ?? [];
  const targets = new Map(Object.entries(request.outputs ?? {}));
  const names = new Set(declared.map((output) => output.name));
  for (const name of targets.keys()) {
    if (!names.has(name)) {
      findings.error(
        'unknown-output',
        `unknown output '${name}'`,
        `the task declares: ${[...names].join(', ') || 'none'}`,
      );
    }
  }
  if (request.background && targets.size > 0) {
    findings.error(
      'background-outputs',
      'background execution cannot withstand outputs',
      "leave out -o and use 'tarmac download' when the run has ended",
    );
  }
  const planned = new Map<string, PlannedOutput>();
  for (const [index, output] of declared.entries()) {
    const name = output.name;
    if (name === '') continue;
    const path = outputPath(output, WORK_DIR);
    checkMountPath(`output '${name}'`, path, ['outputs', index, 'path'], findings);
    const given = targets.get(name);
    const target = given === undefined ? undefined : resolve(request.cwd, given);
    const why = target === undefined ? undefined : files.whyNotWritable(target);
    if (why !== undefined) {
      findings.error(
        'output-target',
        `output '${name}' cannot be written to ${given ?? ''}: ${why}`,
        `choose another folder: -o ${name}=PATH`,
      );
    }
    if (planned.has(name)) {
      findings.warn('duplicate-output', `output '${name}' is declared twice; the last one counts`, undefined, [
        'outputs',
        index,
      ]);
    }
    planned.set(name, { name, path, volume: '', ...(target === undefined ? {} : { target }) });
  }
  return [...planned.values()];
}

function planCaches(request: DraftRequest, files: LocalFiles, findings: Findings): PlannedCache[] {
  const planned: PlannedCache[] = [];
  for (const [index, cache] of (request.document.config.caches ?? []).entries()) {
    // Upstream takes a cache without a path as an empty path, which is the working directory: nothing worth keeping.
    if (cache.path === undefined || cache.path === '') continue;
    const path = cachePath(cache, WORK_DIR);
    checkMountPath(`cache '${cache.path}'`, path, ['caches', index, 'path'], findings);
    const ttl = cache.ttl === undefined || cache.ttl === '' ? undefined : parseDuration(cache.ttl);
    const { repository, file, person } = files.cacheScope(
      request.taskFile === '-' ? resolve(request.cwd, '-') : resolve(request.cwd, request.taskFile),
    );
    // Steps of one pipeline share a file, and no caches.
    const owner = request.task === undefined ? file : `${file}#${request.task}`;
    const parts = ['cache 2', repository, owner, path, ...(request.sharedCaches ? [] : [person])];
    const key = createHash('sha256').update(parts.join('\0')).digest('hex');
    planned.push({
      path,
      volume: '',
      key,
      ...(ttl?.ok ? { ttlSeconds: Number(ttl.nanoseconds / 1_000_000_000n) } : {}),
    });
  }
  return planned;
}

function planParams(request: DraftRequest, findings: Findings): Plan['params'] {
  const merged = mergeParams(request.document.config, request.environment ?? {}, request.params ?? {});
  for (const param of merged) {
    if (param.name !== '' && !param.name.includes('=')) continue;
    findings.error(
      'illegal-param-name',
      `param '${param.name}' cannot be an environment variable: a name is not empty and holds no '='`,
      'rename the param',
      ['params', param.name],
    );
  }
  return merged;
}

function planImage(request: DraftRequest, findings: Findings): PlannedImage | undefined {
  const resolved = resolveImage(
    request.document.config,
    request.image === undefined ? {} : { override: request.image },
  );
  if ('unresolved' in resolved) {
    findings.error('no-image', resolved.unresolved, 'give an image with --image REF', ['image_resource']);
    return undefined;
  }
  for (const note of resolved.notes) findings.warn('image', note, undefined, ['image_resource']);
  const { reference, registry, credentials, architecture, fallbackReference, fallbackCredentials } = resolved;
  return {
    reference,
    registry,
    ...(fallbackReference ? { fallbackReference } : {}),
    ...(fallbackCredentials ? { fallbackCredentials } : {}),
    ...(credentials ? { credentials } : {}),
    ...(architecture ? { architecture } : {}),
  };
}
