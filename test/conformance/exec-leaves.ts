/** Leaves that do what the script of a recorded case says, on a simulated clock (test/conformance/exec/README.md). */
import type {
  FileRequest,
  GetEnd,
  LeafHandle,
  LeafRun,
  Leaves,
  PutEnd,
  TaskEnd,
  TaskRequest,
} from '#internal/runner/src/job/steps/leaves.ts';
import { labelOf } from '#internal/runner/src/job/steps/start-key.ts';
import type { SimulatedClock } from '../fakes/simulated-clock.ts';

/** What a leaf does in one of its starts. */
export interface Scripted {
  readonly delay?: number;
  readonly result?: 'succeeded' | 'failed' | 'errored';
  readonly exit?: number;
  readonly message?: string;
  readonly at?: 'create';
  readonly kind?: 'worker_disappeared';
  readonly stop?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly value?: unknown;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The scripts of a case, by leaf name or leaf name and across values. */
export type Script = Readonly<Record<string, Scripted | readonly Scripted[]>>;

/** The files of an artifact: its handle in these tests. */
type Files = Readonly<Record<string, string>>;

/** Scripted leaves. */
export class ScriptedLeaves implements Leaves {
  readonly #script: Script;
  readonly #clock: SimulatedClock;
  readonly #starts = new Map<string, number>();
  /** The script of each start, by its id: a set_pipeline asks twice. */
  readonly #chosen = new Map<string, Scripted>();

  /** When the processes of a former client began, by the id of their start: they go on. */
  readonly #began: ReadonlyMap<string, number>;

  constructor(script: Script, clock: SimulatedClock, began: ReadonlyMap<string, number> = new Map()) {
    this.#script = script;
    this.#clock = clock;
    this.#began = began;
  }

  /** Takes down starts that a former client saw to their ends: scripts go by the number of the start. */
  skip(starts: readonly LeafRun[]): void {
    for (const run of starts) {
      this.#scripted({ run });
    }
  }

  async get(_request: unknown, handle: LeafHandle): Promise<GetEnd> {
    const scripted = await this.#process(handle);
    const version = { v: `${handle.run.name}-1` };
    const own = handle.run.leaf.startsWith('get:') ? { version } : {};
    return { exit: exitOf(scripted), handle: scripted.files ?? {}, metadata: scripted.metadata ?? {}, ...own };
  }

  async put(_request: unknown, handle: LeafHandle): Promise<PutEnd> {
    const scripted = await this.#process(handle);
    return { exit: exitOf(scripted), version: { made_by: handle.run.id } };
  }

  async task({ config }: TaskRequest, handle: LeafHandle): Promise<TaskEnd> {
    const scripted = this.#scripted(handle);
    const created = scripted.at !== 'create';
    const names = created ? (config.outputs ?? []).map(({ name }) => name) : [];
    const outputs = new Map(names.map((name) => [name, filesBelow(scripted.files ?? {}, name)]));
    try {
      await this.#process(handle);
      return { exit: exitOf(scripted), outputs };
    } catch (error) {
      return { error: error as Error, outputs };
    }
  }

  async readFile({ artifact, path, purpose }: FileRequest, handle: LeafHandle): Promise<string | undefined> {
    const files = artifact.handle as Files;
    if (purpose === 'task config' || purpose === 'var file') return files[path];
    const { value } = await this.#process(handle, 10);
    if (purpose === 'set_pipeline') return files[path] ?? 'jobs: []';
    if (value === undefined) return files[path];
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  setPipeline(_request: unknown, handle: LeafHandle): Promise<boolean> {
    return Promise.resolve(this.#scripted(handle).result !== 'failed');
  }

  #scripted({ run }: Pick<LeafHandle, 'run'>): Scripted {
    const chosen = this.#chosen.get(run.id);
    if (chosen !== undefined) return chosen;
    const values = run.across.map(({ var: name, value }) => `${name}=${labelOf(value)}`).join(',');
    const key = [`${run.leaf}{${values}}`, run.leaf].find((each) => Object.hasOwn(this.#script, each)) ?? run.leaf;
    const start = this.#starts.get(key) ?? 0;
    this.#starts.set(key, start + 1);
    const entry = this.#script[key] ?? {};
    const list = Array.isArray(entry) ? (entry as readonly Scripted[]) : [entry as Scripted];
    const scripted = list[Math.min(start, list.length - 1)] ?? {};
    this.#chosen.set(run.id, scripted);
    return scripted;
  }

  /** Lives as long as the script says, or until it is interrupted and has stopped. */
  async #process(handle: LeafHandle, usual = 100): Promise<Scripted> {
    const scripted = this.#scripted(handle);
    const { run, signal } = handle;
    if (scripted.result === 'errored' && scripted.at === 'create') throw errorOf(scripted, run.leaf);
    handle.started();
    const gone = this.#clock.now() - (this.#began.get(run.id) ?? this.#clock.now());
    try {
      await this.#clock.sleep(Math.max(0, (scripted.delay ?? usual) - gone), signal);
    } catch {
      if ((scripted.stop ?? 0) > 0) await this.#clock.sleep(scripted.stop ?? 0);
      throw signal.reason as Error;
    }
    if (scripted.result === 'errored') throw errorOf(scripted, run.leaf);
    return scripted;
  }
}

function errorOf({ kind, message }: Scripted, leaf: string): Error {
  const lost = kind === 'worker_disappeared' ? 'worker w1 disappeared while trying to reach it' : undefined;
  return new Error(message ?? lost ?? `scripted error of ${leaf}`);
}

function exitOf({ result, exit }: Scripted): number {
  return result === 'failed' ? (exit ?? 1) : 0;
}

function filesBelow(files: Files, folder: string): Files {
  const below = Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`));
  return Object.fromEntries(below.map(([path, text]) => [path.slice(folder.length + 1), text]));
}
