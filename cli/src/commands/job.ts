/** `tarmac job`: a job of a pipeline, with local folders in place of its gets. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printable, secretVars, stateDir, type JobEvent, type PreparedJob, type SecurityProfile } from '#runner/model';
import {
  claimOf,
  helperImageOf,
  podSettingsOf,
  printLines,
  withRunner,
  type ClaimFlags,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';
import { expandPath } from '../glob.ts';
import { jobExitCodes } from '../jobs/exit-codes.ts';
import { JobLines } from '../jobs/job-lines.ts';
import type { VarSources } from '../services.ts';
import { JobStop } from '../stop.ts';
import { UsageError, type PairMap } from '../usage.ts';
import { readVars, varNamesOf, type VarFlags } from '../var-sources.ts';

/** The flags of `tarmac job`, parsed. */
export interface JobFlags extends ClusterFlags, ClaimFlags, PodFlags, VarFlags {
  readonly config?: string;
  readonly job?: string;
  readonly input?: PairMap;
  readonly dryRun?: boolean;
  readonly from?: string;
  readonly of?: string;
  readonly until?: string;
  readonly only?: string;
  readonly put?: readonly string[];
  readonly version?: readonly string[];
  readonly resourceType?: PairMap;
  readonly secret?: readonly string[];
  readonly pods?: string;
  readonly includeIgnored?: boolean;
  readonly includeGit?: boolean;
  readonly securityProfile?: SecurityProfile;
  readonly pullSecret?: readonly string[];
}

/**
 * `tarmac execute --job JOB --step STEP`: a task step by itself, with its vars, params, image and mappings.
 *
 * @param unfit flags of `execute` that a step takes from the pipeline
 * @returns the task's own exit code, as `tarmac execute` has it
 */
export async function executeStep(
  flags: JobFlags & { readonly step?: string },
  unfit: readonly string[],
  context: CommandContext,
): Promise<number> {
  if (flags.job === undefined || flags.step === undefined) {
    throw new UsageError('--job and --step go together\nname the job and its step: --job JOB --step STEP');
  }
  if (unfit.length > 0) {
    throw new UsageError(`${unfit.join(', ')}: a step of a pipeline has these from the pipeline; leave them out`);
  }
  const { step, ...rest } = flags;
  return job({ ...rest, only: step }, context, 'task');
}

/**
 * Runs a job, or prints its plan.
 *
 * @param kind `task`: one step of it, whose exit code is ours
 */
export async function job(flags: JobFlags, context: CommandContext, kind: 'job' | 'task' = 'job'): Promise<number> {
  const { io } = context;
  const limit = podLimit(flags.pods);
  const file = pipelineFile(flags, io.cwd);
  const name = flags.job;
  if (name === undefined) {
    throw new UsageError("the required flag '-j, --job' was not specified\nname the job: tarmac job -c FILE -j JOB");
  }
  const problems: string[] = [];
  const vars = await readVars(flags, io.cwd, problems);
  if (problems.length > 0) throw new UsageError(...problems);
  const text = file === '-' ? await io.stdin.readAll() : await readText(resolve(io.cwd, file));
  const runner = await context.services.runner();
  const { from, until, only, put } = flags;
  const prepared = await runner.prepareJob(
    {
      text,
      file,
      job: name,
      inputs: flags.input ?? {},
      cwd: io.cwd,
      resourceTypes: flags.resourceType ?? {},
      varNames: varNamesOf(vars),
      stateDir: stateDir(io.env),
      of: flags.of,
      choices: {
        puts: put ?? [],
        versions: versionsOf(flags.version ?? []),
        from,
        until,
        only,
      },
    },
    vars,
  );
  if ('wrong' in prepared) throw new UsageError(...prepared.wrong);
  if (kind === 'task' && prepared.only !== 'task') {
    throw new UsageError(`the step '${flags.only ?? ''}' is not a task\nrun it with tarmac job --only`);
  }
  if (flags.dryRun) {
    await printLines(io, prepared.tree.map(printable));
    if (prepared.problems.length === 0) return 0;
    throw new UsageError(...prepared.problems);
  }
  if (prepared.problems.length > 0) throw new UsageError(...prepared.problems);
  return start(prepared, file, limit, flags, vars, context, kind);
}

async function start(
  prepared: PreparedJob,
  file: string,
  limit: number,
  flags: JobFlags,
  vars: VarSources,
  context: CommandContext,
  kind: 'job' | 'task',
): Promise<number> {
  const { io } = context;
  using stop = new JobStop(io);
  return await withRunner(context, flags, async (runner, runnerContext, cluster) => {
    const store = await runner.chooseStore(cluster, claimOf(io, flags));
    if (store.kind === 'direct') {
      void io.stderr.write('notice: without a claim the artifacts of this job go through this machine\n');
    }
    const helperImage = helperImageOf(io, flags.helperImage);
    const lines = new JobLines(io, flags);
    const own = new TaskEnds();
    const result = await runner.runJob(prepared, {
      context: runnerContext,
      pipelineFile: file === '-' ? resolve(io.cwd, 'pipeline.yml') : resolve(io.cwd, file),
      podLimit: limit,
      signal: stop.signal,
      onId: (id) => lines.begin(id),
      base: {
        cwd: io.cwd,
        store,
        pod: podSettingsOf(flags),
        pullSecrets: flags.pullSecret ?? [],
        includeIgnored: flags.includeIgnored ?? false,
        includeGit: flags.includeGit ?? false,
        secretNames: flags.secret ?? [],
        secretValues: secretVars(vars, flags.secret ?? []),
        helperImage,
        profile: flags.securityProfile,
      },
      onEvent: (event) => {
        own.take(event);
        lines.event(event);
      },
      onWarning: (message) => void io.stderr.write(`warning: ${printable(message)}\n`),
      onRunEvent: (step, event) => lines.runEvent(step, event),
    });
    await lines.end(result);
    if (result.status === 'left') return jobExitCodes.aborted;
    if (kind === 'job' || result.status === 'aborted') return jobExitCodes[result.status];
    const ofJob = result.status === 'failed' ? result.exit || jobExitCodes.failed : jobExitCodes[result.status];
    return own.exitCode ?? ofJob;
  });
}

/** How the one task of `execute --step` ended, whatever the steps around it, such as a `try`, make of that. */
class TaskEnds {
  #address: string | undefined;
  /** By the values of an `across`: what its last attempt ended with. */
  readonly #codes = new Map<string, number>();

  take(event: JobEvent): void {
    if (event.type !== 'step-ended' || event.result === 'held back') return;
    const { step, result, exit } = event;
    // What is read for it before, such as the value of a `load_var`, is no task.
    if (step.kind !== 'task') return;
    // Nothing but its own hooks runs beside it, and they run after it.
    this.#address ??= step.address;
    if (step.address !== this.#address) return;
    const code = result === 'failed' ? exit || jobExitCodes.failed : jobExitCodes[result];
    this.#codes.set(JSON.stringify(step.across), code);
  }

  /** 0 when all of them succeeded; undefined when none has ended. */
  get exitCode(): number | undefined {
    const codes = [...this.#codes.values()];
    return codes.find((code) => code !== 0) ?? codes[0];
  }
}
/** Versions by the name of their get: each flag gives one key of one. */
function versionsOf(flags: readonly string[]): Record<string, Record<string, string>> {
  const versions: Record<string, Record<string, string>> = {};
  for (const flag of flags) {
    const [, name = '', key, value = ''] = /^([^=]*)=([^:]+):(.*)$/su.exec(flag) ?? [];
    if (key === undefined) {
      throw new UsageError(`invalid value '${flag}' for --version: must be name=key:value, such as repo=ref:abc`);
    }
    versions[name] = { ...versions[name], [key]: value };
  }
  return versions;
}

function podLimit(text: string | undefined): number {
  if (text === undefined) return 4;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new UsageError(`invalid value '${text}' for --pods: must be a whole number of at least 1`);
}

function pipelineFile(flags: JobFlags, cwd: string): string {
  if (flags.config === undefined) {
    throw new UsageError(
      "the required flag '-c, --config' was not specified\nname the pipeline: tarmac job -c FILE -j JOB",
    );
  }
  if (flags.config === '-') return '-';
  const expanded = expandPath(flags.config, cwd);
  if ('path' in expanded) return expanded.path;
  throw new UsageError(expanded.problem);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`could not read the pipeline: ${(error as Error).message}`);
  }
}
