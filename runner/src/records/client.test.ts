import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { uptime } from 'node:os';
import { describe, expect, test } from 'vitest';
import { aPlan } from '../../../test/fakes/plans.ts';
import { claimRun, hasLivingClient, thisClient } from './client.ts';
import { recordOf, type RunRecord } from './record.ts';

const where = { context: 'c', server: 's', namespace: 'n', pod: 'p' };

function followedBy(client: NonNullable<RunRecord['client']>): RunRecord {
  return { ...recordOf(aPlan(), where), client };
}

/** Another process of this machine, as a record names it, while `work` runs. */
async function withProcess(work: (pid: number) => void): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  try {
    work(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

describe('whether somebody follows a run', () => {
  test('a process that is there does; one that has ended, or one of another machine, does not', async () => {
    const client = { ...thisClient(), startTime: undefined as never };
    let ended = 0;
    await withProcess((pid) => {
      ended = pid;
      expect(hasLivingClient(followedBy({ ...client, pid }))).toBe(true);
      expect(hasLivingClient(followedBy({ ...client, pid, host: 'elsewhere' }))).toBe(false);
    });
    expect(hasLivingClient(followedBy({ ...client, pid: ended }))).toBe(false);
  });

  test('this process does as long as it says so', () => {
    const record = followedBy(thisClient());
    expect(hasLivingClient(record)).toBe(false);
    using claim = claimRun(record.run);
    expect(hasLivingClient(record)).toBe(true);
    claim[Symbol.dispose]();
    expect(hasLivingClient(record)).toBe(false);
  });

  test('a process that was given the pid of a client before the machine was started again does not', async () => {
    const { host } = thisClient();
    const since = new Date(Date.now() - uptime() * 1000 - 10 * 60_000).toISOString();
    await withProcess((pid) => expect(hasLivingClient(followedBy({ host, pid, since }))).toBe(false));
  });

  test.skipIf(!existsSync('/proc/self/stat'))(
    'nor does one that merely has the pid of a client that ended',
    async () => {
      const { host, since, startTime } = thisClient();
      expect(startTime).toMatch(/^\d+$/);
      const client = { host, ...(since === undefined ? {} : { since }), startTime: `${Number(startTime) - 1}` };
      await withProcess((pid) => expect(hasLivingClient(followedBy({ ...client, pid }))).toBe(false));
    },
  );

  test('a record of an older version, which names the pid alone, is believed', async () => {
    const { host } = thisClient();
    await withProcess((pid) => expect(hasLivingClient(followedBy({ host, pid }))).toBe(true));
  });
});
