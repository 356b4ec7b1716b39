/**
 * A run that ended while nobody followed it: its helper saved output, log and exit record to the claim before the pod
 * ended (`supervisor/pod-scripts.ts`), and whoever asks for the run later finds them there.
 */
import type { Cluster } from '../cluster/types.ts';
import { openStorePod } from '../pod/store-pod.ts';
import { ClaimStore } from '../store/claim-store.ts';
import type { StoreShell } from '../store/types.ts';
import type { RunEmitter } from './emitter.ts';
import type { RunRecord } from './record.ts';

/** What the store knows of the end of a run. */
export interface Recovered {
  readonly exitCode: number;
  readonly durationMs: number;
  readonly saved: NonNullable<RunRecord['saved']>;
  /** A shell of the pod that looks into the claim, for downloads; it lives as long as `work` runs. */
  readonly shell: StoreShell;
  /** Name of that pod. */
  readonly pod: string;
}

/** The supervisor's exit record: code, start in epoch seconds, duration in hundredths of a second, then memory counters. */
function parseExit(text: string): { exitCode: number; durationMs: number } | undefined {
  const [, code, , hundredths] = /^(\d+) (\d+) (\d+) /.exec(text) ?? [];
  return code === undefined || hundredths === undefined
    ? undefined
    : { exitCode: Number(code), durationMs: Number(hundredths) * 10 };
}

/**
 * Emits the kept output of the run and hands the rest to `work`. Resolves with undefined, without calling it, when the
 * store knows nothing of the run.
 */
export async function recoverRun<T>(
  record: RunRecord,
  claim: string,
  cluster: Cluster,
  emitter: RunEmitter,
  signal: AbortSignal,
  work: (recovered: Recovered) => Promise<T>,
): Promise<T | undefined> {
  await using pod = await openStorePod(cluster, { claim, helperImage: record.helperImage, profile: 'auto', signal });
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
  return await work({ ...exit, saved, shell: pod.shell, pod: pod.name });
}
