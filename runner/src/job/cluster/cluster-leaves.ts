/**
 * The leaves of a job on a cluster: a task step is a run of its own, whose inputs are artifacts of the store by reference;
 * a get is a local folder, an image reference, or a run of its resource type.
 */
import { join } from 'node:path';
import { decodeTask, taskConfigJson, type TaskConfig } from '#concourse';
import type { ArtifactRef } from '../../artifacts/artifact-reader.ts';
import type { ByteSink } from '../../cluster/types.ts';
import type { RunEvent } from '../../model/events.ts';
import type { Plan, PlanResult, RunRequest } from '../../model/plan.ts';
import type { Run, RunResult } from '../../model/run.ts';
import { RunFailureError, type FailureKind } from '../../model/failure.ts';
import { newRunId } from '../../pod/names.ts';
import { looksSecret } from '../../redact/secret-names.ts';
import { longestAnswer } from '../../resource/protocol.ts';
import { ResourceRunner, type ScriptEnd } from '../../resource/resource-runner.ts';
import type { ResourceTypes } from '../../resource/types.ts';
import { StoreError } from '../../store/errors.ts';
import { imageText, inputText, readLocal, type JobArtifact } from './artifact.ts';
import type {
  FileRequest,
  GetEnd,
  GetRequest,
  LeafHandle,
  LeafRun,
  Leaves,
  PutEnd,
  PutRequest,
  SetPipelineRequest,
  TaskEnd,
  TaskRequest,
} from '../steps/leaves.ts';
import type { StepRun } from '../record/job-record.ts';
import { PodSlots } from './pod-slots.ts';
import { showPipeline } from './show-pipeline.ts';
import { splitPath } from '../steps/leaf-session.ts';
import { limitOfRun, planOrThrow } from './run-plan.ts';
import { insidePath } from '../steps/task-step.ts';
import type { TaskNode } from '../plan/plan.ts';
import { isMap } from '../values/values.ts';

/** What the leaves need of the runner; tests have their own. */
export interface ClusterServices {
  readonly plan: (request: RunRequest) => PlanResult;
  readonly startRun: (plan: Plan, onEvent: (event: RunEvent) => void) => Run;
  /** Takes up a run that a former client started. Rejects when nothing of it is left. */
  readonly attachRun: (run: string, onEvent: (event: RunEvent) => void) => Promise<Run>;
  readonly readArtifact: (artifact: ArtifactRef, path: string, sink: ByteSink, signal: AbortSignal) => Promise<void>;
}

/** What is written down of the runs of steps, so that another process can take them up. */
export interface RunNotes {
  /** Before a run begins; it begins when this resolves. */
  run(step: LeafRun, run: StepRun): Promise<void>;
  /** The run of this task that a former client started for the step. */
  pastRun(step: LeafRun, task: string): StepRun | undefined;
}

/** How the tasks of a job run. */
export interface ClusterLeavesOptions {
  readonly services: ClusterServices;
  /** What is the same for every task: the store, the pods, the folder that relative paths start from. */
  readonly base: Omit<RunRequest, 'document' | 'taskFile'>;
  readonly pipelineFile: string;
  /** The text of the pipeline that the job is of. */
  readonly pipelineText?: string;
  readonly job: string;
  /** Without a claim: the folder that receives the outputs of tasks, for the tasks after them. */
  readonly scratch?: string | undefined;
  /** What stands for gets, by the step's name; every other get and put runs its resource type. */
  readonly given: ReadonlyMap<string, JobArtifact>;
  readonly types: ResourceTypes;
  /** Pods at once; default 4. */
  readonly podLimit?: number | undefined;
  readonly onRunEvent: (handle: LeafHandle, event: RunEvent) => void;
  readonly notes?: RunNotes;
}

/** The leaves of a job on a cluster. */
export class ClusterLeaves implements Leaves {
  readonly #options: ClusterLeavesOptions;
  readonly #slots: PodSlots;
  readonly #resources: ResourceRunner;
  readonly #running = new Set<Run>();
  #isLeft = false;

  constructor(options: ClusterLeavesOptions) {
    this.#options = options;
    this.#slots = new PodSlots(options.podLimit ?? 4);
    const { services, base, pipelineFile, job, types } = options;
    this.#resources = new ResourceRunner({
      base,
      pipelineFile,
      job,
      types,
      plan: services.plan,
      target: () => this.#ownFolder(),
      run: (plan, handle) => this.#runScript(plan, handle),
    });
  }

  async get(request: GetRequest, handle: LeafHandle): Promise<GetEnd> {
    // What stands for a put stands for it while it is held back: what it makes is fetched.
    const given = request.ofPut ? undefined : this.#options.given.get(handle.run.name);
    if (given === undefined) return await this.#resources.get(request, handle);
    handle.started();
    return { exit: 0, handle: given };
  }

  async put(request: PutRequest, handle: LeafHandle): Promise<PutEnd> {
    return await this.#resources.put(request, handle);
  }

  async task(request: TaskRequest, handle: LeafHandle): Promise<TaskEnd> {
    const nothing = new Map<string, unknown>();
    if (handle.signal.aborted) return { error: handle.signal.reason as Error, outputs: nothing };
    return await this.#inSlot(this.#plan(request), handle, (event) => this.#options.onRunEvent(handle, event));
  }

  /** Runs a script of a resource type. Its standard output is its answer; the rest is shown. */
  async #runScript(plan: Plan, handle: LeafHandle): Promise<ScriptEnd> {
    const answer: Uint8Array[] = [];
    let length = 0;
    const end = await this.#inSlot(plan, handle, (event) => {
      if (event.type !== 'output' || event.stream !== 'stdout') {
        this.#options.onRunEvent(handle, event);
        return;
      }
      length += event.data.length;
      if (length <= longestAnswer) answer.push(event.data);
    });
    if (length <= longestAnswer) return { ...end, stdout: Buffer.concat(answer).toString() };
    const error = new Error(`${plan.command.path} wrote more than ${longestAnswer} bytes to its standard output`);
    return { error, ...end, stdout: '' };
  }

  /** Runs a plan when one more pod may be there. */
  async #inSlot(plan: Plan, handle: LeafHandle, onEvent: (event: RunEvent) => void): Promise<TaskEnd> {
    using slot = await this.#slots.take(handle.signal).catch(() => undefined);
    if (slot === undefined) return { error: handle.signal.reason as Error, outputs: new Map() };
    return await this.#run(plan, handle, onEvent);
  }

  /**
   * Lets go of what runs: it goes on by itself, and who takes the job up follows it. No step comes to an end here any
   * more.
   */
  async leave(): Promise<void> {
    this.#isLeft = true;
    await Promise.all([...this.#running].map((run) => run.detach()));
  }

  async #run(plan: Plan, handle: LeafHandle, onEvent: (event: RunEvent) => void): Promise<TaskEnd> {
    const { services, notes } = this.#options;
    const told = (event: RunEvent): void => {
      if (event.type === 'command-started') handle.started();
      onEvent(event);
    };
    const past = notes?.pastRun(handle.run, plan.task);
    if (past !== undefined) {
      const taken = await takenUp(
        services.attachRun(past.run, (event) => {
          if (event.type !== 'failure' || event.failure.kind !== 'not-started') told(event);
        }),
      );
      const end = taken && (await this.#follow(taken, past.outputs, handle));
      // A run whose command has never begun has done nothing: it is begun anew.
      if (end !== undefined && !hasNeverBegun(end.result)) return end.end;
    }
    const outputs = plan.outputs.map(({ name, target }) => ({ name, ...(target !== undefined && { target }) }));
    await notes?.run(handle.run, { run: plan.run, task: plan.task, outputs });
    if (this.#isLeft) return await never();
    return (await this.#follow(services.startRun(plan, told), outputs, handle)).end;
  }

  /** Sees to a run until its end. */
  async #follow(
    started: Run,
    outputs: StepRun['outputs'],
    handle: LeafHandle,
  ): Promise<{ readonly end: TaskEnd; readonly result: RunResult }> {
    await using run = started;
    this.#running.add(run);
    const abort = (): void => run.abort();
    handle.signal.addEventListener('abort', abort, { once: true });
    if (handle.signal.aborted) abort();
    const result = await run.done;
    handle.signal.removeEventListener('abort', abort);
    this.#running.delete(run);
    // What a run that we let go of says of its end is not its end.
    if (this.#isLeft) return await never();
    return { result, end: endOf(result, outputs, run.id, handle) };
  }

  async readFile({ artifact, path }: FileRequest, handle: LeafHandle): Promise<string | undefined> {
    const place = artifact.handle as JobArtifact;
    switch (place.kind) {
      case 'directory':
        return readLocal(place.directory, path);
      case 'image':
        return undefined;
      case 'output': {
        const pieces: Uint8Array[] = [];
        const sink: ByteSink = (piece) => void pieces.push(Uint8Array.from(piece));
        try {
          const { run, output } = place;
          await this.#options.services.readArtifact({ kind: 'output', run, name: output }, path, sink, handle.signal);
        } catch (error) {
          if (error instanceof StoreError && error.kind === 'MISSING') return undefined;
          throw error;
        }
        return Buffer.concat(pieces).toString();
      }
    }
  }

  async setPipeline({ node, config }: SetPipelineRequest, handle: LeafHandle): Promise<boolean> {
    const { pipelineFile, pipelineText, base } = this.#options;
    const self = node.name === 'self' && pipelineText !== undefined;
    const path = join(base.cwd, splitPath(node.file)?.path ?? '');
    const before = self
      ? pipelineText
      : await readLocal(base.cwd, splitPath(node.file)?.path ?? '').catch(() => undefined);
    const shown = showPipeline(node.name, config, { text: before, file: self ? pipelineFile : path });
    handle.log(`${shown.lines.join('\n')}\n`);
    return shown.ok;
  }

  #ownFolder(): string | undefined {
    const { scratch } = this.#options;
    return scratch === undefined ? undefined : join(scratch, newRunId('step'));
  }

  #plan({ config, node, inputs, image, secrets }: TaskRequest): Plan {
    const { base, services, pipelineFile, job } = this.#options;
    const own = this.#ownFolder();
    const outputs = own === undefined ? [] : (config.outputs ?? []).map(({ name }) => [name, join(own, name)] as const);
    const given: Record<string, string> = {};
    const present = (config.inputs ?? []).filter(({ name, path }) => {
      const place = inputs.get(insidePath(path ?? name))?.handle as JobArtifact | undefined;
      if (place !== undefined) given[name] = inputText(name, place);
      return place !== undefined;
    });
    // An optional input that is not there must not become the folder that Tarmac would guess for it.
    const text = taskConfigJson({ ...config, inputs: present });
    const reference = image === undefined ? undefined : imageText(image.handle as JobArtifact, node);
    const result = services.plan({
      ...base,
      document: decodeTask(text, { extensions: true }),
      // Caches belong to a step of a job, as Concourse keys them.
      taskFile: `${pipelineFile}#${job}/${node.name}`,
      task: node.name,
      inputs: given,
      outputs: Object.fromEntries(outputs),
      environment: {},
      privileged: node.privileged ?? false,
      secretNames: [...(base.secretNames ?? []), ...secretParams(config, node)],
      secretValues: [...(base.secretValues ?? []), ...secrets],
      ...(reference !== undefined && { image: reference }),
      ...limitOfRun(node.timeout),
    });
    return planOrThrow(result);
  }
}

/** How a run ended, for its step. */
function endOf(result: RunResult, kept: StepRun['outputs'], run: string, { signal }: LeafHandle): TaskEnd {
  const ran = result.exitCode !== undefined || result.status === 'succeeded';
  const outputs = new Map<string, unknown>();
  for (const { name, target } of ran || signal.aborted ? kept : []) {
    const place: JobArtifact =
      target === undefined ? { kind: 'output', run, output: name } : { kind: 'directory', directory: target };
    outputs.set(name, place);
  }
  if (signal.aborted) return { error: signal.reason as Error, outputs };
  if (ran && (result.status === 'succeeded' || result.status === 'failed')) {
    return { exit: result.exitCode ?? 0, outputs };
  }
  const { failure } = result;
  return { error: new Error(failure === undefined ? `the task ${result.status}` : failure.title), outputs };
}

/** Kinds of failures of a run of which there is nothing to follow, so that its step is begun anew. */
const nothingLeft: ReadonlySet<FailureKind> = new Set(['pod-deleted', 'supervisor-lost', 'not-started']);

/** The run; undefined when nothing of it is left. An API that cannot be reached is an error of the step. */
async function takenUp(attached: Promise<Run>): Promise<Run | undefined> {
  try {
    return await attached;
  } catch (error) {
    if (error instanceof RunFailureError && nothingLeft.has(error.failure.kind)) {
      return undefined;
    }
    throw error;
  }
}

function hasNeverBegun({ exitCode, failure }: RunResult): boolean {
  return exitCode === undefined && failure?.kind === 'not-started';
}

/** For who has let go: nothing comes of it any more. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Params whose names look secret and whose values are not in the pipeline for everybody to read. */
function secretParams(config: TaskConfig, node: TaskNode): string[] {
  const inline = node.config?.['params'];
  const written = { ...(isMap(inline) ? inline : {}), ...node.params };
  return Object.keys(config.params ?? {}).filter((name) => {
    const value = Object.hasOwn(written, name) ? written[name] : undefined;
    return looksSecret(name) && (typeof value !== 'string' || value.includes('(('));
  });
}
