/** From the flags of `tarmac execute` to the plan of a run, and what is said about them on the way. */
import {
  type DraftRequest,
  parseEarlierOutput,
  type PlanDraft,
  type PlannedStore,
  type PlanProblem,
  type PlanResult,
  printable,
  problemText,
  secretVars,
  type SecurityProfile,
  type TaskDocument,
  type WhileRunning,
} from '#runner/model';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  claimOf,
  helperImageOf,
  paintOf,
  podSettingsOf,
  type ClaimFlags,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';
import { expandPath } from '../glob.ts';
import { resolveRun } from '../run-name.ts';
import type { RunnerServices } from '../services.ts';
import { UsageError, type PairMap } from '../usage.ts';
import { readVars, type VarFlags } from '../var-sources.ts';
import type { FollowFlags } from './follow.ts';

/** The flags of `tarmac execute`, parsed. */
export interface ExecuteFlags extends ClusterFlags, ClaimFlags, PodFlags, FollowFlags, VarFlags {
  readonly config?: string;
  readonly input?: PairMap;
  readonly output?: PairMap;
  readonly privileged?: boolean;
  readonly includeIgnored?: boolean;
  readonly sharedCaches?: boolean;
  readonly includeGit?: boolean;
  readonly includeGitOutputs?: boolean;
  readonly secret?: readonly string[];
  readonly background?: boolean;
  readonly param?: PairMap;
  readonly image?: string;
  readonly keep?: number;
  readonly timeout?: number;
  readonly pty?: boolean;
  readonly securityProfile?: SecurityProfile;
  readonly pullSecret?: readonly string[];
  readonly dryRun?: boolean;
  /** Milliseconds; 0 is off. */
  readonly spare?: number;
  readonly watch?: boolean;
  readonly whileRunning?: WhileRunning;
  // Flags of fly without a meaning here; each is answered with a notice.
  readonly tag?: readonly string[];
  readonly team?: string;
  readonly target?: string;
}

export const directStore: PlannedStore = { kind: 'direct' };

/** The draft of a run, with what is known of its store. */
export function draftOf(
  request: DraftRequest,
  runner: RunnerServices,
  { io }: CommandContext,
  flags: ClaimFlags,
): PlanResult<PlanDraft> {
  return runner.plan(claimOf(io, flags) === false ? { ...request, store: directStore } : request);
}

/** Everything that can be read without a cluster. Undefined when there is no task to plan; adds what is wrong to `problems`. */
export async function readRequest(
  flags: ExecuteFlags,
  args: readonly string[],
  problems: string[],
  context: CommandContext,
): Promise<DraftRequest | undefined> {
  const { io } = context;
  const inputs = expandInputs(flags.input ?? {}, io.cwd, problems);
  const taskFile = taskFilePath(flags.config, io.cwd, problems);
  const vars = await readVars(flags, io.cwd, problems);
  const text = taskFile === undefined ? undefined : await readTask(taskFile, context, problems);
  let document: TaskDocument | undefined;
  if (text !== undefined) {
    const decoded = (await context.services.task()).decode(text, vars);
    if ('document' in decoded) document = decoded.document;
    else problems.push(...decoded.problems);
  }
  if (taskFile === undefined || !document) return undefined;
  const helperImage = helperImageOf(io, flags.helperImage);
  return {
    document,
    taskFile,
    cwd: io.cwd,
    inputs,
    outputs: flags.output ?? {},
    args,
    params: flags.param ?? {},
    environment: io.env,
    pullSecrets: flags.pullSecret ?? [],
    pod: podSettingsOf(flags),
    privileged: flags.privileged ?? false,
    pty: flags.pty ?? false,
    includeIgnored: flags.includeIgnored ?? false,
    sharedCaches: flags.sharedCaches ?? false,
    includeGit: flags.includeGit ?? false,
    secretNames: flags.secret ?? [],
    secretValues: secretVars(vars, flags.secret ?? []),
    background: flags.background ?? false,
    ...(flags.image ? { image: flags.image } : {}),
    helperImage,
    profile: flags.securityProfile,
    // What is no duration is reported already; commander has put an empty text in its place.
    timeoutMs: typeof flags.timeout === 'number' ? flags.timeout : undefined,
    keepMs: typeof flags.keep === 'number' ? flags.keep : undefined,
  };
}

export function taskFilePath(config: string | undefined, cwd: string, problems: string[]): string | undefined {
  if (config === undefined) {
    problems.push("the required flag '-c, --config' was not specified\nname the task's file: tarmac execute -c FILE");
    return undefined;
  }
  if (config === '-') return config;
  const expanded = expandPath(config, cwd);
  if ('path' in expanded) return expanded.path;
  problems.push(expanded.problem);
  return undefined;
}

/** An input's path may be a pattern. One that does not exist is left to the plan, which reports it beside its own findings. */
function expandInputs(inputs: PairMap, cwd: string, problems: string[]): PairMap {
  const expanded: Record<string, string> = {};
  for (const [name, value] of Object.entries(inputs)) {
    const path = parseEarlierOutput(value) ? { path: value } : expandPath(value, cwd);
    if ('problem' in path && !path.missing) problems.push(`input '${name}': ${path.problem}`);
    // The folder stands in for an ambiguous pattern, which is reported already.
    expanded[name] = 'path' in path ? path.path : path.missing ? value : '.';
  }
  return expanded;
}

/** The ids of earlier runs in full, where `latest` or the beginning of one was given. */
export async function resolveInputRuns(
  inputs: PlanDraft['inputs'],
  runner: RunnerServices,
  context: Parameters<typeof resolveRun>[2],
): Promise<PlanDraft['inputs']> {
  const resolved: PlanDraft['inputs'][number][] = [];
  for (const input of inputs) {
    const { source } = input;
    const isEarlier = source.kind === 'output';
    resolved.push(
      isEarlier ? { ...input, source: { ...source, run: await resolveRun(source.run, runner, context) } } : input,
    );
  }
  return resolved;
}

async function readTask(taskFile: string, context: CommandContext, problems: string[]): Promise<string | undefined> {
  try {
    if (taskFile === '-') return await context.io.stdin.readAll();
    return await readFile(resolve(context.io.cwd, taskFile), 'utf8');
  } catch (error) {
    problems.push(`could not read the task file: ${(error as Error).message}`);
    return undefined;
  }
}

/** @throws {UsageError} with everything that the plan found wrong, after what is known to be wrong already */
export function checked<P extends PlanDraft>(
  result: PlanResult<P>,
  taskFile: string,
  known: readonly string[] = [],
): { readonly plan: P; readonly warnings: readonly PlanProblem[] } {
  if ('plan' in result && known.length === 0) return result;
  const found = 'plan' in result ? [] : result.problems.map((problem) => problemText(problem, taskFile));
  throw new UsageError(...known, ...found);
}

export function printWarnings(warnings: readonly PlanProblem[], flags: ExecuteFlags, context: CommandContext): void {
  const paint = paintOf(context.io, flags);
  for (const warning of warnings) {
    const [first = '', ...rest] = problemText(warning, flags.config ?? '-').split('\n');
    const lines = [
      paint('yellow', `warning: ${printable(first)}`),
      ...rest.map((line) => `         ${printable(line)}`),
    ];
    void context.io.stderr.write(`${lines.join('\n')}\n`);
  }
}

/** Flags of fly that say nothing here do not stop a script that has them. */
export function printNotices(flags: ExecuteFlags, context: CommandContext): void {
  const notices = [
    flags.target === undefined
      ? undefined
      : '-t/--target has no meaning without a Concourse server; choose the cluster with --context',
    flags.team === undefined
      ? undefined
      : '--team has no meaning without a Concourse server; choose the namespace with --namespace',
    flags.tag === undefined ? undefined : '--tag has no meaning without Concourse workers; Kubernetes chooses the node',
  ];
  for (const notice of notices) if (notice !== undefined) void context.io.stderr.write(`notice: ${notice}\n`);
}
