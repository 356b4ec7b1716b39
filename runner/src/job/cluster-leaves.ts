/**
 * The leaves of a job on a cluster: a task step is a run of its own, whose inputs are artifacts of the store by reference;
 * a get is a local folder or an image reference.
 */
import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { decodeTask, taskConfigJson, type TaskConfig } from '#concourse';
import type { ArtifactRef } from '../artifacts/artifact-reader.ts';
import type { ByteSink } from '../cluster/types.ts';
import { formatEarlierOutput } from '../model/earlier-output.ts';
import type { RunEvent } from '../model/events.ts';
import type { Plan, PlanResult, RunRequest } from '../model/plan.ts';
import type { Run } from '../model/run.ts';
import { looksSecret } from '../redact/secret-names.ts';
import { StoreError } from '../store/errors.ts';
import type {
  FileRequest,
  GetEnd,
  LeafHandle,
  Leaves,
  PutEnd,
  SetPipelineRequest,
  TaskEnd,
  TaskRequest,
} from './leaves.ts';
import { timeoutMs } from './combinators.ts';
import { insidePath } from './task-step.ts';
import type { TaskNode } from './plan.ts';
import { isMap } from './values.ts';

/** Where an artifact of a job is. Plain data: a record keeps it. */
export type JobArtifact =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'output'; readonly run: string; readonly output: string }
  | { readonly kind: 'image'; readonly reference: string };

/** What the leaves need of the runner; tests have their own. */
export interface ClusterServices {
  readonly plan: (request: RunRequest) => PlanResult;
  readonly startRun: (plan: Plan, onEvent: (event: RunEvent) => void) => Run;
  readonly readArtifact: (artifact: ArtifactRef, path: string, sink: ByteSink, signal: AbortSignal) => Promise<void>;
}

/** How the tasks of a job run. */
export interface ClusterLeavesOptions {
  readonly services: ClusterServices;
  /** What is the same for every task: the store, the pods, the folder that relative paths start from. */
  readonly base: Omit<RunRequest, 'document' | 'taskFile'>;
  readonly pipelineFile: string;
  readonly job: string;
  /** Without a claim: the folder that receives the outputs of tasks, for the tasks after them. */
  readonly scratch?: string;
  /** What stands for gets, by the step's name. */
  readonly given: ReadonlyMap<string, JobArtifact>;
  /** Pods at once; default 4. */
  readonly podLimit?: number;
  readonly onRunEvent: (handle: LeafHandle, event: RunEvent) => void;
}

/** The leaves of a job on a cluster. */
export class ClusterLeaves implements Leaves {
  readonly #options: ClusterLeavesOptions;
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #tasks = 0;

  constructor(options: ClusterLeavesOptions) {
    this.#options = options;
    this.#free = options.podLimit ?? 4;
  }

  get(_request: unknown, { run, started }: LeafHandle): Promise<GetEnd> {
    const handle = this.#options.given.get(run.name);
    if (handle === undefined) return Promise.reject(new Error(notGiven(run.name)));
    started();
    return Promise.resolve({ exit: 0, handle });
  }

  put(_request: unknown, { run }: LeafHandle): Promise<PutEnd> {
    return Promise.reject(
      new Error(`put ${run.name}: resource types do not run here yet. Leave --put ${run.name} out.`),
    );
  }

  async task(request: TaskRequest, handle: LeafHandle): Promise<TaskEnd> {
    const nothing = new Map<string, unknown>();
    if (handle.signal.aborted) return { error: handle.signal.reason as Error, outputs: nothing };
    const plan = this.#plan(request);
    try {
      await this.#takeSlot(handle.signal);
    } catch {
      return { error: handle.signal.reason as Error, outputs: nothing };
    }
    try {
      return await this.#run(plan, handle);
    } finally {
      this.#free += 1;
      this.#waiting.shift()?.();
    }
  }

  async #run(plan: Plan, handle: LeafHandle): Promise<TaskEnd> {
    await using run = this.#options.services.startRun(plan, (event) => {
      if (event.type === 'command-started') handle.started();
      this.#options.onRunEvent(handle, event);
    });
    const abort = (): void => run.abort();
    handle.signal.addEventListener('abort', abort, { once: true });
    const result = await run.done;
    handle.signal.removeEventListener('abort', abort);
    const ran = result.exitCode !== undefined || result.status === 'succeeded';
    const stopped = handle.signal.aborted;
    const outputs = new Map<string, unknown>();
    for (const { name, target } of ran || stopped ? plan.outputs : []) {
      const place: JobArtifact =
        target === undefined ? { kind: 'output', run: run.id, output: name } : { kind: 'directory', directory: target };
      outputs.set(name, place);
    }
    if (stopped) return { error: handle.signal.reason as Error, outputs };
    if (ran && (result.status === 'succeeded' || result.status === 'failed')) {
      return { exit: result.exitCode ?? 0, outputs };
    }
    const { failure } = result;
    return { error: new Error(failure === undefined ? `the task ${result.status}` : failure.title), outputs };
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

  setPipeline({ node }: SetPipelineRequest, handle: LeafHandle): Promise<boolean> {
    handle.log(`held back: would set the pipeline ${node.name} from ${node.file}\n`);
    return Promise.resolve(true);
  }

  /** Waits until one more pod may be there. */
  async #takeSlot(signal: AbortSignal): Promise<void> {
    while (this.#free <= 0) {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
        this.#waiting.push(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        });
      });
    }
    this.#free -= 1;
  }

  #plan({ config, node, inputs, image, secrets }: TaskRequest): Plan {
    const { base, services, pipelineFile, job, scratch } = this.#options;
    const own = scratch === undefined ? undefined : join(scratch, String((this.#tasks += 1)));
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
      ...(node.timeout !== undefined && { timeoutMs: Math.max(timeoutMs(node.timeout), 1000) * 2 }),
    });
    if ('plan' in result) return result.plan;
    throw new Error(result.problems.map(({ message }) => message).join('\n'));
  }
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

/** What is said when nothing stands for a get. */
export function notGiven(name: string): string {
  return `get ${name}: resource types do not run here yet. Give a folder with -i ${name}=DIR, or an output of an earlier run with -i ${name}=run:RUN/OUTPUT.`;
}

function inputText(name: string, place: JobArtifact): string {
  if (place.kind === 'directory') return place.directory;
  if (place.kind === 'output') return formatEarlierOutput(place);
  throw new Error(
    `the input ${name} is the image ${place.reference}, which is not fetched: give its files with -i ${name}=DIR.`,
  );
}

function imageText(place: JobArtifact, { image }: TaskNode): string {
  if (place.kind === 'image') return place.reference;
  throw new Error(
    `image: ${image ?? ''} is an artifact of this job: only an image of a registry can be the image of a pod here.`,
  );
}

async function readLocal(directory: string, path: string): Promise<string | undefined> {
  try {
    const root = await realpath(directory);
    const file = await realpath(join(root, path));
    const inside = relative(root, file);
    if (inside.startsWith('..') || isAbsolute(inside)) {
      throw new Error(`${path} leads out of ${directory}: only what lies in the folder is read.`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
