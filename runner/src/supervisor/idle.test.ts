import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { scriptCommand } from './layout.ts';
import { LocalPod, hasBusyBox } from './testing/local-pod.ts';
import { Supervised } from './supervised.ts';

const sinks = { stdout: () => undefined, stderr: () => undefined };
/** A name space of its own, so that the idle loop is pid 1, needs root. */
const canUnshare = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;

describe.skipIf(!hasBusyBox)('the idle loop', () => {
  test.each(['main', 'helper'])(
    '%s ends by itself when nothing runs and the client is silent',
    async (role) => {
      await using pod = await LocalPod.create();
      expect(await pod.shell().exec({ command: scriptCommand(pod.layout, 'idle', role, '1', pod.root) })).toEqual({
        exitCode: 0,
      });
    },
    20_000,
  );

  test('the time that was named last counts, not its patience: then as long as somebody is heard of', async () => {
    await using pod = await LocalPod.create();
    for (const seconds of ['3600', '2']) {
      expect(await pod.shell().exec({ command: scriptCommand(pod.layout, 'keep', seconds) })).toEqual({ exitCode: 0 });
    }
    const until = Number(await readFile(pod.helperState('keep'), 'utf8'));
    const order: string[] = [];
    const idle = pod
      .shell()
      .exec({ command: scriptCommand(pod.layout, 'idle', 'main', '1') })
      .then(() => order.push('idle'));
    // Somebody looks around until the time is over, and for a while longer; then the last sign of life is long ago.
    const look = `while [ "$(date +%s)" -le $(($1+2)) ]; do touch "$0"; sleep 0.2; done; touch -d @0 "$0"`;
    await pod
      .shell()
      .exec({ command: ['sh', '-c', look, pod.state('alive'), String(until)] })
      .then(() => order.push('gone'));
    await idle;
    expect(order).toEqual(['gone', 'idle']);
  }, 30_000);

  test('main stays while a command runs that is longer than its patience, and ends after it', async () => {
    await using pod = await LocalPod.create();
    const order: string[] = [];
    const idle = pod
      .shell()
      .exec({ command: scriptCommand(pod.layout, 'idle', 'main', '1') })
      .then(() => order.push('idle'));
    // As if the client had died long ago: the command keeps the last sign of life in the past.
    const script = 'end=$(($(date +%s)+3)); while [ "$(date +%s)" -lt $end ]; do touch -d @0 "$0"; sleep 0.1; done';
    await new Supervised(pod.shell(), pod.layout)
      .run({ path: 'sh', args: ['-c', script, pod.state('alive')], dir: '/' }, sinks)
      .then(() => order.push('command'));
    await idle;
    expect(order).toEqual(['command', 'idle']);
  }, 30_000);

  test.each(['main', 'helper'])('%s waits without a process of its own', async (role) => {
    await using pod = await LocalPod.create();
    const marks = [pod.state('alive'), pod.helperState('uid')];
    // At ten moments of its waiting it has no child; then it ends on TERM.
    const script =
      '"$@" & i=$!; until [ -e "$0" ] || [ -e "$M" ]; do sleep 0.1; done; sleep 1; n=0; ' +
      'while [ $n -lt 10 ]; do cat /proc/$i/task/$i/children; sleep 0.1; n=$((n+1)); done; kill $i; wait $i';
    const [first = '', second = ''] = marks;
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', script, first, ...scriptCommand(pod.layout, 'idle', role, '600', pod.root)],
      { encoding: 'utf8', env: { ...process.env, M: second } },
    );
    expect([stdout.trim(), status]).toEqual(['', 0]);
  });

  test.skipIf(!canUnshare)(
    'as pid 1 it reaps orphans and ends at once on TERM',
    async () => {
      await using pod = await LocalPod.create();
      const [busybox = '', ...args] = scriptCommand(pod.layout, 'idle', 'main', '600');
      // The orphan's parent ends at once, so pid 1 has to collect it; then TERM goes to pid 1.
      const script = `(sleep 0.1; busybox sh -c 'busybox sleep 0.2 & exit'; sleep 1.5; grep -l 'State:.*Z' /proc/[0-9]*/status | wc -l >"$0/zombies"; kill -TERM 1) & exec "$@"`;
      const done = spawnSync(
        'unshare',
        ['-pf', '--mount-proc', 'busybox', 'sh', '-c', script, pod.root, busybox, ...args],
        { timeout: 8000 },
      );
      expect(done.status).toBe(0);
      expect(await readFile(`${pod.root}/zombies`, 'utf8')).toBe('0\n');
    },
    20_000,
  );

  test.skipIf(!canUnshare)(
    'as pid 1 of the helper it lets what writes into the store remove what is unfinished',
    async () => {
      await using pod = await LocalPod.create();
      const [busybox = '', ...args] = scriptCommand(pod.layout, 'idle', 'helper', '600');
      const writer = `trap 'rm -f "$0/unfinished"; exit 130' TERM; : >"$0/unfinished"; while :; do busybox sleep 0.1; done`;
      const script = `busybox sh -c "$1" "$0" & (until [ -e "$0/unfinished" ]; do busybox sleep 0.1; done; : >"$0/began"; kill -TERM 1) & shift; exec "$@"`;
      const done = spawnSync(
        'unshare',
        ['-pf', '--mount-proc', 'busybox', 'sh', '-c', script, pod.root, writer, busybox, ...args],
        { timeout: 20_000 },
      );
      expect(done.status).toBe(0);
      const left = await readdir(pod.root);
      expect(left).toContain('began');
      expect(left).not.toContain('unfinished');
    },
    30_000,
  );
});
