/** What every command has at hand, and the errands that several of them run. */
import {
  type Cluster,
  type ClusterTarget,
  type FailureContext,
  type Paint,
  painter,
  type PodSettings,
  type PodShape,
  printable,
  type RunEventSink,
  type RunnerContext,
  stateDir,
} from '#runner/model';
import { signalExitCode, wantsColor, type Io, type StopSignal } from './io.ts';
import type { ClusterOptions, RunnerServices, Services } from './services.ts';
import { UsageError, type PairMap } from './usage.ts';

/** The process, the services, and the arguments after a bare `--`. */
export interface CommandContext {
  readonly io: Io;
  readonly services: Services;
  /** Arguments after the first `--`, verbatim. */
  readonly tail: readonly string[];
}

/** Flags of every command that talks to a cluster. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly helperImage?: string;
  /** False for `--no-color`. */
  readonly color?: boolean;
}

/** Flags that shape the pods that a command makes. */
export interface PodFlags {
  readonly podAnnotation?: PairMap;
  readonly podLabel?: PairMap;
  readonly nodeSelector?: PairMap;
  readonly toleration?: readonly string[];
  readonly serviceAccount?: string;
  readonly priorityClass?: string;
  readonly pullPolicy?: string;
  readonly ephemeralStorage?: string;
  readonly helperCpu?: string;
  readonly helperMemory?: string;
}

/** Flags of commands that use an artifact store. */
export interface ClaimFlags {
  /** False for `--no-claim`. */
  readonly claim?: string | false;
}

/** Flags first, then `TARMAC_CONTEXT` and `TARMAC_NAMESPACE`; `KUBECONFIG` is read where kubeconfigs are. */
export function clusterOptions(io: Io, flags: ClusterFlags, signal?: AbortSignal): ClusterOptions {
  const context = nonEmpty(flags.context) ?? nonEmpty(io.env['TARMAC_CONTEXT']);
  const namespace = nonEmpty(flags.namespace) ?? nonEmpty(io.env['TARMAC_NAMESPACE']);
  const kubeconfig = nonEmpty(flags.kubeconfig);
  return {
    kubeconfig,
    context,
    namespace,
    env: io.env,
    // As kubectl does: a device code that is shown when the login has ended is of no use.
    onLogin: ({ line }) => void io.stderr.write(`${printable(line)}\n`),
    signal,
  };
}

/** `--claim`, else `TARMAC_CLAIM`; false when none is wanted, undefined when nothing was said. */
export function claimOf(io: Io, flags: ClaimFlags): string | false | undefined {
  if (flags.claim === false) return false;
  return nonEmpty(flags.claim) ?? nonEmpty(io.env['TARMAC_CLAIM']);
}

/** `--helper-image`, else `TARMAC_HELPER_IMAGE`. */
export function helperImageOf(io: Io, flag: string | undefined): string | undefined {
  return nonEmpty(flag) ?? nonEmpty(io.env['TARMAC_HELPER_IMAGE']);
}

/** What the flags say about pods, unchecked, in the words of the setting `tarmac.pod`. */
export function podSettingsOf(flags: PodFlags): PodSettings {
  const { podAnnotation, podLabel, nodeSelector, toleration, serviceAccount, priorityClass } = flags;
  const { pullPolicy, ephemeralStorage, helperCpu, helperMemory } = flags;
  return {
    annotations: podAnnotation,
    labels: podLabel,
    nodeSelector,
    tolerations: toleration,
    serviceAccountName: serviceAccount,
    priorityClassName: priorityClass,
    imagePullPolicy: pullPolicy,
    ephemeralStorage,
    helperResources: {
      cpu: helperCpu,
      memory: helperMemory,
    },
  };
}

/**
 * The flags about pods, checked.
 * @throws UsageError with everything that is wrong with them
 */
export function podShapeOf(runner: RunnerServices, flags: PodFlags): PodShape {
  const { shape, problems } = runner.podShape(podSettingsOf(flags));
  if (problems.length > 0) throw new UsageError(...problems.map(({ message, nextStep }) => `${message}\n${nextStep}`));
  return shape;
}

/** An empty environment variable counts as unset, and so does a flag that a script gave an empty variable. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** What a command's work on a cluster may depend on. */
interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: RunEventSink | undefined;
  readonly includeGit?: boolean | undefined;
}

/** Opens the cluster, calls `work`, and closes the cluster. */
export async function withRunner<T>(
  context: CommandContext,
  flags: ClusterFlags & PodFlags,
  work: (runner: RunnerServices, runnerContext: RunnerContext, cluster: Cluster) => Promise<T>,
  options: WorkOptions = {},
): Promise<T> {
  const runner = await context.services.runner();
  const where = clusterOptions(context.io, flags, options.signal);
  const pod = podShapeOf(runner, flags);
  let target: ClusterTarget | undefined;
  try {
    await using cluster = await runner.openCluster(where);
    target = cluster.target;
    const helperImage = helperImageOf(context.io, flags.helperImage);
    const runnerContext: RunnerContext = {
      cluster,
      stateDir: stateDir(context.io.env),
      onEvent: options.onEvent ?? (() => undefined),
      pod,
      helperImage,
      includeGit: options.includeGit,
      signal: options.signal,
    };
    return await work(runner, runnerContext, cluster);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const failure = runner.failureOf(error, failureContext(where, target));
    throw failure ? new ReportedFailure(runner.describeFailure(failure), error) : error;
  }
}

/** What is known of the cluster, for the text of a failure. */
function failureContext(where: ClusterOptions, target: ClusterTarget | undefined): FailureContext {
  if (target) return target;
  return {
    context: where.context,
    namespace: where.namespace,
  };
}

/** A failure of the cluster or the store, as text for the terminal. */
export class ReportedFailure extends Error {
  override readonly name = 'ReportedFailure';

  constructor(text: string, cause: unknown) {
    super(text, { cause });
  }
}

/**
 * Runs a command that the first stop signal cancels through `signal`, with 128 + the signal's number as its exit code; a
 * second one ends the process at once. A closed standard output only ends the printing.
 */
export async function interruptible(io: Io, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const cancel = new AbortController();
  let stopped: StopSignal | undefined;
  const handler = io.onStop((signal) => {
    if (signal === 'SIGPIPE') return;
    if (stopped) io.exit(signalExitCode(stopped));
    stopped = signal;
    cancel.abort();
  });
  try {
    const code = await work(cancel.signal);
    return stopped ? signalExitCode(stopped) : code;
  } catch (error) {
    if (stopped) return signalExitCode(stopped);
    throw error;
  } finally {
    handler[Symbol.dispose]();
  }
}

/** The painter for our own lines. */
export function paintOf(io: Io, flags: { readonly color?: boolean }): Paint {
  return painter(wantsColor(io, flags.color ?? true));
}

/** Prints each problem as fly prints its one: `error: TEXT` on stderr; further lines of a text are indented. */
export function printErrors(io: Io, problems: readonly string[]): void {
  for (const problem of problems) void io.stderr.write(`error: ${printable(problem).replaceAll('\n', '\n       ')}\n`);
}

/** Prints lines on stdout. */
export async function printLines(io: Io, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await io.stdout.write(`${lines.join('\n')}\n`);
}

/** Prints a value as JSON on stdout. */
export async function printJson(io: Io, value: unknown): Promise<void> {
  await io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
