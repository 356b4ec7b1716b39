/** Tasks that attack what is around them: the helper, its tools, its state, and the artifact store behind it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStorePod, type TestStorePod } from './support/store-pod.ts';
import { Workbench } from './support/run.ts';

let bench: Workbench;
let store: TestStorePod;
beforeAll(async () => {
  bench = await Workbench.open();
  const { userKubeconfig, claim } = bench.environment;
  store = await openTestStorePod({ kubeconfig: userKubeconfig, claim });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Everything that a task can try with the folders of Tarmac; it tells what it could change, one name a line. */
const attack = `
cd /.tarmac
say() { echo "changed $1"; }
mv bin/store bin/store.real 2>/dev/null && say store
echo 'touch /artifacts/made-by-a-task' >bin/direct 2>/dev/null && say direct
cp /bin/busybox bin/busybox 2>/dev/null && say busybox
touch bin/applets/tar.new 2>/dev/null && say applets
rm -rf bin helper 2>/dev/null
[ -x bin/busybox ] && [ -f bin/store ] && [ -f bin/pod ] || say 'what is in bin'
[ -f helper/ready ] || say 'what is in helper'
echo 1000:1000 >helper/chowned 2>/dev/null && say chowned
ln -s /artifacts/made-by-a-task helper/note 2>/dev/null && say notes
mount -o remount,rw /.tarmac/bin 2>/dev/null && touch bin/x 2>/dev/null && say 'the mount'
ls /artifacts >/dev/null 2>&1 && say 'sees the store'
`;
/** In the state of `main`, which a task that runs as the container's own user can change. */
const links = `
cd /.tarmac/run/main 2>/dev/null && {
  rm -f alive; ln -s /artifacts/made-by-a-task alive
  rm -f started cap; echo '0:0 /artifacts' >chown; ln -s /artifacts/made-by-a-task saved
} 2>/dev/null
`;

describe.each(['baseline', 'restricted'] as const)('a task in the profile %s', (profile) => {
  test('changes no tool and nothing of the helper, its output is what it wrote, and nothing of it runs on', async () => {
    await using started = await bench.start({
      sh: `${attack}${links}cd "$OLDPWD"; cd /tmp/build/*; echo good >out/file
        (sleep 4242 >/dev/null 2>&1 &); (while sleep 0.05; do echo late >>out/file; done >/dev/null 2>&1 &)
        exit 0`,
      task: { outputs: [{ name: 'out' }] },
      download: ['out'],
      request: { profile, keepMs: 120_000 },
    });
    const done = await started.finished();
    expect(done.stdout.toString()).toBe('');
    expect(done.result).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await readFile(join(done.targets['out'] ?? '', 'file'), 'utf8')).toMatch(/^good\n(late\n)*$/);
    const processes: Buffer[] = [];
    await bench.cluster.exec({
      pod: (await bench.cluster.listPods(`tarmac/run=${done.plan.run}`))[0]?.metadata?.name ?? '',
      container: 'main',
      command: ['sh', '-c', 'ps -o args | grep -c "[s]leep 4242" || true'],
      stdout: (chunk) => void processes.push(Buffer.from(chunk)),
    });
    expect(Buffer.concat(processes).toString()).toBe('0\n');
    expect(await store.run('ls -d /artifacts/made-by* 2>/dev/null || true')).toMatchObject({ stdout: '' });
  });

  test('removes all of it that it can, and is followed to its end', async () => {
    const done = await bench.run({
      sh: 'echo said; echo kept >out/file; sleep 2; rm -rf /.tarmac 2>/dev/null; sleep 12; echo after; exit 5',
      task: { outputs: [{ name: 'out' }] },
      download: ['out'],
      request: { profile },
    });
    expect(done.result).toMatchObject({ status: 'failed', exitCode: 5 });
    expect(done.stdout.toString()).toBe('said\nafter\n');
    expect(await readFile(join(done.targets['out'] ?? '', 'file'), 'utf8')).toBe('kept\n');
  });
});

test("another user than the container's own changes nothing of its state either", async () => {
  const script = `${attack}
    mv run/main run/theirs 2>/dev/null && say run
    touch run/x run/main/x 2>/dev/null && say 'the state'
    rm -rf run/main/out run/main/alive run/main/lock 2>/dev/null
    [ -e run/main/out ] && [ -e run/main/alive ] && [ -d run/main/lock ] || say 'what is in the state'
    echo end`;
  const done = await bench.run({ task: { run: { path: 'sh', args: ['-c', script], user: 'nobody' } } });
  expect(done.result).toMatchObject({ status: 'succeeded', exitCode: 0 });
  expect(done.stdout.toString()).toBe('end\n');
});

test('a log that a task has made a link is not followed into the store of others', async () => {
  const other = '/artifacts/tarmac/v1/secret-of-others';
  await store.run(`echo secret-of-others >${other}; chmod 666 ${other}`);
  try {
    const done = await bench.run({
      sh: `cd /.tarmac/run/main; for f in out err; do rm -f $f; ln -s ${other} $f; done; rm -f exit.tmp; mkfifo exit; sleep 1`,
      request: { timeoutMs: 60_000 },
    });
    expect(done.result.status).not.toBe('succeeded');
    const { stdout } = await store.run(`grep -rl secret-of-others /artifacts/tarmac/v1/runs/${done.plan.run} || true`);
    expect(stdout).toBe('');
  } finally {
    await store.run(`rm -f ${other}`);
  }
});
