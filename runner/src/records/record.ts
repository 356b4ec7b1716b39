/**
 * What a run leaves on the user's disk: a small record, and the command's output byte for byte. A run whose pod is gone
 * stays readable from here; a run whose client died is taken up again with it.
 *
 * ```
 * <stateDir>/runs/<run>/record.json   written by temporary file and rename
 *                       stdout.log, stderr.log
 * ```
 */
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { RunEvent, RunStatus } from '../model/events.ts';
import type { RunFailure } from '../model/failure.ts';
import { shownCommand } from '../plan/command.ts';
import { formatInputSource } from '../model/earlier-output.ts';
import type { Plan } from '../model/plan.ts';
import type { RunFacts } from '../model/run-facts.ts';
import { thisClient, type Client } from './client.ts';
import { makeDirectory } from '../make-directory.ts';

/** Version of the record's shape; another version is not read. */
const recordFormat = 1;

/** Digests of what does not travel as an input. */
export interface GivenDigests {
  /** By name of the param. */
  readonly params: Readonly<Record<string, string>>;
  /** Command, arguments, directory, user and standard input. */
  readonly command: string;
  /** Limits, sidecars, privileges, terminal. */
  readonly surroundings: string;
}

/** A run as remembered. No secret is in it: params are named, not valued. */
export interface RunRecord extends RunFacts {
  readonly format: typeof recordFormat;
  readonly server: string;
  /** That of the latest attempt to start. */
  pod: string;
  podUid?: string;
  /** When the API server made the pod, by its own clock: orders runs where clients' clocks are wrong. */
  podCreatedAt?: string;
  readonly helperImage: string;
  readonly image: string;
  /** `sha256:…` of the image that ran, once the node has told it: a tag may mean another one tomorrow. */
  imageDigest?: string;
  readonly command: readonly string[];
  /** The command's working directory. */
  readonly dir: string;
  readonly params: readonly string[];
  /** With the digest of the tree that was sent, once it is known. */
  readonly inputs: readonly { readonly name: string; readonly from: string; digest?: string }[];
  /** What the run was given besides, as keyed digests: equal for equal values, and of no use to who has no key. */
  readonly given?: GivenDigests;
  readonly outputs: readonly { readonly name: string; readonly volume: string; readonly target?: string }[];
  readonly caches: readonly { readonly path: string; readonly key: string; readonly volume: string }[];
  readonly keepMs: number;
  readonly timeoutMs: number;
  /** The process that follows the run and will finish it. */
  client?: Client;
  /** When the command had been started under the supervisor, ISO 8601. */
  commandStartedAt?: string;
  endedAt?: string;
  status?: RunStatus;
  exitCode?: number;
  /** Why it ended badly, for whoever asks later. */
  failure?: RunFailure;
  /** Milliseconds per phase. */
  phases?: readonly { readonly label: string; readonly durationMs: number }[];
  /** Outputs that are in the store, with their size. */
  saved?: {
    readonly name: string;
    readonly bytes: number;
    readonly files: number;
    readonly kept: boolean;
    /** Digest of the archive as it was saved: an input of a later run must be that one. */
    readonly sha256?: string;
  }[];
}

/** Folder of one run's record. The id was made by us or is checked here: it never leaves `runs/`. */
export function runDir(stateDir: string, run: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(run)) throw new Error(`'${run}' is not the id of a run`);
  return join(stateDir, 'runs', run);
}

/** Makes the record of a run that is about to begin. */
export function recordOf(
  plan: Plan,
  where: { context: string; server: string; namespace: string; pod: string },
): RunRecord {
  return {
    format: recordFormat,
    run: plan.run,
    task: plan.task,
    taskFile: plan.taskFile,
    ...where,
    ...(plan.store.kind === 'claim' ? { claim: plan.store.claim } : {}),
    helperImage: plan.helperImage,
    image: plan.image.reference,
    command: shownCommand(plan),
    dir: plan.command.dir,
    params: plan.params.map((param) => param.name),
    inputs: plan.inputs.map((input) => ({
      name: input.name,
      from: formatInputSource(input.source),
    })),
    outputs: plan.outputs.map(({ name, volume, target }) => ({ name, volume, ...(target ? { target } : {}) })),
    caches: plan.caches.map(({ path, key, volume }) => ({ path, key, volume })),
    client: thisClient(),
    keepMs: plan.keepMs,
    timeoutMs: plan.timeoutMs,
    startedAt: new Date().toISOString(),
  };
}

export async function writeRecord(stateDir: string, record: RunRecord): Promise<void> {
  const dir = runDir(stateDir, record.run);
  await makeDirectory(dir, 0o700);
  const temporary = join(dir, `record.json.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  await rename(temporary, join(dir, 'record.json'));
}

/** Undefined when there is no record, or one that this version does not read. */
export async function readRecord(stateDir: string, run: string): Promise<RunRecord | undefined> {
  let text: string;
  try {
    text = await readFile(join(runDir(stateDir, run), 'record.json'), 'utf8');
  } catch (error) {
    // A file in place of the folder, or a folder in place of the file, is no record of ours.
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  return parseRecord(text);
}

/** Reads a record's JSON. Undefined for one that is broken, or of another version of Tarmac. */
export function parseRecord(text: string): RunRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<Record<keyof RunRecord, unknown>> | null;
    const whole =
      record?.format === recordFormat &&
      typeof record.run === 'string' &&
      typeof record.pod === 'string' &&
      [record.command, record.inputs, record.outputs, record.caches].every(Array.isArray);
    return whole ? (record as unknown as RunRecord) : undefined;
  } catch {
    // A record cut by a crash or a full disk says nothing; the pod's labels still do.
    return undefined;
  }
}

/** All records, newest first. */
export async function readRecords(stateDir: string): Promise<RunRecord[]> {
  let names: string[];
  try {
    names = await readdir(join(stateDir, 'runs'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const records: RunRecord[] = [];
  for (const name of names.filter((each) => /^[a-z0-9][a-z0-9-]*$/.test(each))) {
    const record = await readRecord(stateDir, name);
    if (record) records.push(record);
  }
  return records.sort((a, b) => orderOf(b).localeCompare(orderOf(a)));
}

/** When a run began, in an order that one wrong clock of a client does not disturb. ISO 8601. */
export function orderOf({ podCreatedAt, startedAt }: Pick<RunRecord, 'podCreatedAt' | 'startedAt'>): string {
  return podCreatedAt ?? startedAt;
}

/** What the logs on disk hold of the command's output: all of stdout, then all of stderr. */
export async function* replayLogs(
  stateDir: string,
  run: string,
): AsyncGenerator<{ readonly stream: 'stdout' | 'stderr'; readonly offset: number; readonly data: Uint8Array }> {
  for (const stream of ['stdout', 'stderr'] as const) {
    let offset = 0;
    try {
      for await (const chunk of createReadStream(join(runDir(stateDir, run), `${stream}.log`))) {
        const data = chunk as Uint8Array;
        yield { stream, offset, data };
        offset += data.length;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Forgets a run on this machine. */
export async function removeRecord(stateDir: string, run: string): Promise<void> {
  await rm(runDir(stateDir, run), { recursive: true, force: true });
}

/** Writes the command's output to the run's log files as it comes. */
export class RunLogs implements AsyncDisposable {
  readonly #files: Record<'stdout' | 'stderr', WriteStream>;
  #failed: Error | undefined;

  private constructor(files: Record<'stdout' | 'stderr', WriteStream>) {
    this.#files = files;
    for (const file of Object.values(files)) file.on('error', (error) => (this.#failed ??= error));
  }

  /** Empties the files: a command is always followed from its first byte, so nothing is lost and nothing doubles. */
  static async open(stateDir: string, run: string): Promise<RunLogs> {
    const dir = runDir(stateDir, run);
    await makeDirectory(dir, 0o700);
    const file = (name: string) => createWriteStream(join(dir, name), { flags: 'w', mode: 0o600 });
    return new RunLogs({ stdout: file('stdout.log'), stderr: file('stderr.log') });
  }

  /** A sink for the run's events: keeps `output`, holds the run back while the disk is slow. */
  readonly take = (event: RunEvent): void | Promise<void> => {
    if (event.type !== 'output' || this.#failed) return;
    const file = this.#files[event.stream];
    if (file.write(event.data)) return;
    return new Promise((resolve) => {
      const done = (): void => {
        file.off('drain', done).off('error', done).off('close', done);
        resolve();
      };
      file.on('drain', done).on('error', done).on('close', done);
    });
  };

  /** Why the log on disk is incomplete (a full disk), if it is. */
  get failed(): Error | undefined {
    return this.#failed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of Object.values(this.#files)) {
      file.end();
      await finished(file).catch((error: unknown) => {
        this.#failed ??= error instanceof Error ? error : new Error(String(error));
      });
    }
  }
}
