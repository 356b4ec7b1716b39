/**
 * A run that ended while nobody followed it: its helper saved output, log and exit record to the claim before the pod
 * ended (`supervisor/scripts/idle.sh`), and whoever asks for the run later finds them there.
 */
import { openStorePod } from '../pod/store-pod.ts';
import { ClaimStore } from '../store/claim-store.ts';
import type { StoreShell } from '../store/types.ts';
import type { RunEmitter } from './emitter.ts';
import { parseEnd } from '../supervisor/frames.ts';
import type { CommandExit } from './ending.ts';
import type { RunRecord } from '../records/record.ts';
import type { RunnerContext } from '../model/run.ts';

/** What the store knows of the end of a run. */
export interface Recovered {
  readonly exit: CommandExit;
  readonly saved: NonNullable<RunRecord['saved']>;
  /** A shell of the pod that looks into the claim, for downloads; it lives as long as `work` runs. */
  readonly shell: StoreShell;
  /** Name of that pod. */
  readonly pod: string;
}

/**
 * The supervisor's exit record, `CODE START HUNDREDTHS OOM-KILLS MEMORY-LIMIT`: start in epoch seconds, duration in
 * hundredths of a second, limit in bytes or 0. Below it may stand `end CAPPED CANCEL`, what else is known of the end. It
 * was read from the store, so it may be anything.
 */
export function parseExit(text: string): CommandExit | undefined {
  const [, code, hundredths, kills = '0', limit = '0'] =
    /^(\d{1,3}) \d+ (\d{1,15})(?: (\d{1,9}) (-?\d{1,15}))?/.exec(text) ?? [];
  if (code === undefined || hundredths === undefined) return undefined;
  const [, capped = 'none', cancelled] = /^end (\S{1,8}) (\w{1,8})$/m.exec(text) ?? [];
  return {
    exitCode: Number(code),
    durationMs: Number(hundredths) * 10,
    oomKills: Number(kills),
    memoryLimit: Number(limit) > 0 ? Number(limit) : undefined,
    ...parseEnd(capped, cancelled),
  };
}

/**
 * Emits the kept output of the run and hands the rest to `work`. Resolves with undefined, without calling it, when the
 * store knows nothing of the run.
 */
export async function recoverRun<T>(
  record: RunRecord,
  claim: string,
  { cluster, pod: shape }: Pick<RunnerContext, 'cluster' | 'pod'>,
  emitter: RunEmitter,
  signal: AbortSignal,
  work: (recovered: Recovered) => Promise<T>,
): Promise<T | undefined> {
  await using pod = await openStorePod(cluster, {
    claim,
    helperImage: record.helperImage,
    profile: 'auto',
    signal,
    pod: shape,
  });
  const store = new ClaimStore(pod.shell);
  const entries = (await store.list({ signal })).filter((entry) => entry.id === record.run);
  if (!entries.some((entry) => entry.kind === 'log')) return undefined;
  const parts: Buffer[] = [];
  await store.readLog(record.run, 'exit', (chunk) => void parts.push(Buffer.from(chunk)), { signal });
  const exit = parseExit(Buffer.concat(parts).toString());
  if (!exit) return undefined;
  for (const [part, stream] of [
    ['out', 'stdout'],
    ['err', 'stderr'],
  ] as const) {
    let offset = 0;
    const sink = (data: Uint8Array): Promise<void> => {
      const at = offset;
      offset += data.length;
      return emitter.emit({ type: 'output', stream, offset: at, data: Uint8Array.from(data) });
    };
    await store.readLog(record.run, part, sink, { signal });
  }
  const saved = entries
    .filter((entry) => entry.kind === 'output')
    .map(({ name, bytes, files }) => ({ name, bytes, files, kept: true }));
  return await work({ exit, saved, shell: pod.shell, pod: pod.name });
}
