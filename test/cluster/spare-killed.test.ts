/**
 * A client that keeps a pod ready is killed at seeded moments: nothing waits after its time. `SPARE_KILLS=20 SPARE_SEED=2`
 * kills more often, and at other moments.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { annotations } from '#internal/runner/src/pod/names.ts';
import { seeded } from './support/chaos-proxy.ts';
import { buildCli, CliProcess } from './support/cli.ts';
import { kubectl, testCluster } from './support/cluster.ts';

const kills = Number(process.env['SPARE_KILLS'] ?? 3);
const seed = Number(process.env['SPARE_SEED'] ?? 1);
/** A spare is made a second after the command has begun, or at its end, three seconds after. */
const latestMs = 4000;
/** For how long a pod waits here. */
const spareMs = 4000;

let folder: string;
beforeAll(async () => {
  await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'tarmac-spare-killed-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const client = join(import.meta.dirname, 'support', 'spare-client.ts');
const label = (task: string): string => `app.kubernetes.io/name=${task}`;

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
    readonly status: { readonly phase: string };
  }[];
}

/** Runs a task and kills its client: so long after the command has begun, or when the run has ended. */
async function killed(task: string, afterMs: number | undefined): Promise<void> {
  const { env } = await testCluster();
  const child = spawn(process.execPath, [client, task, join(folder, task), String(spareMs)], {
    env: { ...process.env, ...env },
  });
  using run = new CliProcess(child);
  await run.says(afterMs === undefined ? 'finished' : 'started');
  await delay(afterMs ?? 0);
  run.signal('SIGKILL');
  await run.done;
}

/** The pods of these tasks that were made to wait. */
async function spares(tasks: readonly string[]): Promise<Pods['items']> {
  const selector = `app.kubernetes.io/name in (${tasks.join(',')})`;
  const { items } = JSON.parse(await kubectl(['get', 'pods', '-l', selector, '-o', 'json'])) as Pods;
  return items.filter(({ metadata }) => metadata.annotations?.[annotations.spareSeconds] !== undefined);
}

test(`a client that is killed leaves no pod that waits after its time (seed ${seed})`, async () => {
  const random = seeded(seed);
  const moments = [...Array.from({ length: kills }, () => random() * latestMs), undefined];
  const tasks = moments.map((_moment, at) => `killed-${seed}-${at}`);
  try {
    await Promise.all(moments.map((moment, at) => killed(tasks[at] ?? '', moment)));
    // The one whose run has ended has made its spare by then.
    expect((await spares(tasks)).map(({ metadata }) => metadata.name)).not.toEqual([]);
    await vi.waitFor(
      async () => {
        const waiting = (await spares(tasks)).filter(({ status }) => /Pending|Running/.test(status.phase));
        expect(waiting.map(({ metadata }) => metadata.name)).toEqual([]);
      },
      // An idle container looks every 15 s whether its time is over.
      { timeout: 120_000, interval: 1000 },
    );
  } finally {
    for (const task of tasks) {
      await kubectl(['delete', 'pods', '-l', label(task), '--grace-period=0', '--force', '--wait=false']);
    }
  }
}, 240_000);
