/** What a task leaves in its pod to deceive the helper, or to go on while its outputs are saved. */
import { spawn, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ClaimStore } from '../store/claim-store.ts';
import { DirectStore } from '../store/direct-store.ts';
import { POD_SCRIPTS } from '../store/programs.ts';
import { commandSpec } from './command.ts';
import { scriptCommand } from './layout.ts';
import { Supervised } from './supervised.ts';
import { LocalPod, hasBusyBox } from './testing/local-pod.ts';

/** Root of this machine, as the helper is of its container. */
const canChroot = spawnSync('unshare', ['-pf', '--mount-proc', 'chroot', '/', 'true']).status === 0;

async function peek(pod: LocalPod, name: string): Promise<{ exitCode: number; text: string }> {
  let text = '';
  const { exitCode } = await pod.shell().exec({
    command: scriptCommand(pod.layout, 'peek', pod.state(name)),
    stdout: (chunk) => void (text += Buffer.from(chunk).toString()),
  });
  return { exitCode, text };
}

describe.skipIf(!hasBusyBox)('the state of a hostile task', () => {
  test('is read where it is a regular file', async () => {
    await using pod = await LocalPod.create();
    await writeFile(pod.state('chown'), '1000:1000\n');
    expect(await peek(pod, 'chown')).toEqual({ exitCode: 0, text: '1000:1000\n' });
  });

  test.each<[string, (pod: LocalPod, secret: string) => Promise<unknown>]>([
    ['a link', (pod, secret) => symlink(secret, pod.state('out'))],
    ['a link to nowhere', (pod) => symlink('/nowhere/at/all', pod.state('out'))],
    [
      'a folder that is a link',
      async (pod, secret) => {
        await rm(join(pod.layout.tarmac, 'run/main'), { recursive: true });
        await symlink(join(secret, '..'), join(pod.layout.tarmac, 'run/main'));
      },
    ],
    ['a FIFO', (pod) => Promise.resolve(spawnSync('mkfifo', [pod.state('out')]))],
    ['a folder', (pod) => mkdir(pod.state('out'))],
    ['a device', (pod) => symlink('/dev/zero', pod.state('out'))],
  ])('is not read where it is %s', async (_, replace) => {
    await using pod = await LocalPod.create();
    await mkdir(join(pod.root, 'others'));
    await writeFile(join(pod.root, 'others/out'), 'secret of others');
    await replace(pod, join(pod.root, 'others/out'));
    expect(await peek(pod, 'out')).toEqual({ exitCode: 3, text: '' });
  });

  test('does not get the content of other files into the log that is kept of its run', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = new ClaimStore(pod.shell(), pod.layout);
    await store.init();
    await writeFile(join(pod.layout.artifacts, 'secret'), 'secret of others');
    await symlink(join(pod.layout.artifacts, 'secret'), pod.state('out'));
    await writeFile(pod.state('err'), 'its own\n');
    await expect(store.saveLogs('run-1')).rejects.toThrow('is no regular file');
    const kept = join(pod.layout.artifacts, 'tarmac/v1/runs/run-1');
    expect(await readdir(kept)).toEqual(['err']);
    expect(await readFile(join(kept, 'err'), 'utf8')).toBe('its own\n');
  });

  test.each(['0:0 /etc', '--reference=/etc', 'root', '1:2:3', ''])(
    '%j is no user to give the inputs to',
    async (who) => {
      await using pod = await LocalPod.create();
      await writeFile(pod.state('chown'), `${who}\n`);
      const folder = join(pod.root, 'input');
      await mkdir(folder);
      const idle = pod.shell().exec({ command: scriptCommand(pod.layout, 'idle', 'helper', '1', folder) });
      await expect
        .poll(() => readFile(pod.helperState('chowned'), 'utf8').catch(() => ''), { timeout: 15_000 })
        .toBe('the request is no uid:gid\n');
      expect(await idle).toEqual({ exitCode: 0 });
    },
    30_000,
  );
});

describe.skipIf(!hasBusyBox || !canChroot)('volumes of a hostile task', () => {
  /** A pod that has its volumes where the scripts look for them, with the tools among them. */
  async function withVolume(pod: LocalPod): Promise<string> {
    const tools = join(pod.root, 'volumes/tarmac/bin');
    await mkdir(tools, { recursive: true });
    await copyFile(join(pod.layout.tarmac, 'bin/busybox'), join(tools, 'busybox'));
    await chmod(join(tools, 'busybox'), 0o755);
    const volume = join(pod.root, 'volumes/output-0');
    await mkdir(volume);
    return volume;
  }

  test('have no link that leads out of them', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const directory = await withVolume(pod);
    await writeFile(join(pod.layout.artifacts, 'secret'), 'secret of others');
    await symlink(join(pod.layout.artifacts, 'secret'), join(directory, 'link'));
    await symlink(pod.layout.artifacts, join(directory, 'folder'));
    await writeFile(join(directory, 'file'), 'its own');
    const direct = new DirectStore(pod.shell(), pod.layout);
    const read = async (path: string): Promise<string> => {
      let text = '';
      await direct.readOutputFile({ run: 'r', name: 'o', directory }, path, (chunk) => {
        text += Buffer.from(chunk).toString();
      });
      return text;
    };
    expect(await read('file')).toBe('its own');
    for (const path of ['link', 'folder/secret']) await expect(read(path)).rejects.toMatchObject({ kind: 'MISSING' });
  });

  test('take no file of an archive through a link in it', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const directory = await withVolume(pod);
    const made = join(pod.root, 'made');
    await mkdir(made);
    // A link out, and then a file behind it: only somebody who writes archives by hand makes such a one.
    const script = `cd "$1"; ln -s "$2" x; tar -cf "$3" x; rm x; mkdir x; echo evil >x/made-by-a-task; tar -rf "$3" x/made-by-a-task`;
    const archive = join(pod.root, 'evil.tar');
    expect(spawnSync('sh', ['-c', script, 'sh', made, pod.layout.artifacts, archive]).status).toBe(0);
    await pod.shell().exec({
      command: [
        'sh',
        '-c',
        '"$@" <"$0"',
        archive,
        ...scriptCommand(pod.layout, 'within', directory, 'tar', '-xof', '-'),
      ],
    });
    expect(await readdir(pod.layout.artifacts)).toEqual([]);
  });
});

test.skipIf(!hasBusyBox)(
  'a command that removes its state is followed to its end',
  async () => {
    await using pod = await LocalPod.create();
    let said = '';
    const take = (chunk: Uint8Array): void => void (said += Buffer.from(chunk).toString());
    const state = join(pod.layout.tarmac, 'run/main');
    const script = `echo before; sleep 2; rm -rf "$0"; echo after; exit 3`;
    const record = await new Supervised(pod.shell(), pod.layout).run(
      { path: 'sh', args: ['-c', script, state], dir: '/' },
      { stdout: take, stderr: () => undefined },
    );
    expect(record).toMatchObject({ exitCode: 3 });
    expect(said).toBe('before\nafter\n');
  },
  60_000,
);

test.skipIf(!hasBusyBox).each(['mkfifo', 'mkdir'])(
  'a command that puts something else (%s) in the place of its exit record does not hold its follower',
  async (make) => {
    await using pod = await LocalPod.create();
    let said = '';
    const take = (chunk: Uint8Array): void => void (said += Buffer.from(chunk).toString());
    const script = `echo before; cd "$0"; rm -f exit.tmp; ${make} exit; sleep 1; echo after; exit 3`;
    const run = new Supervised(pod.shell(), pod.layout).run(
      { path: 'sh', args: ['-c', script, join(pod.layout.tarmac, 'run/main')], dir: '/' },
      { stdout: take, stderr: () => undefined },
    );
    // A record takes the place of a FIFO; it cannot take that of a folder.
    if (make === 'mkfifo') await expect(run).resolves.toMatchObject({ exitCode: 3 });
    else await expect(run).rejects.toThrow();
    expect(said).toBe('before\nafter\n');
  },
  60_000,
);

test.skipIf(!hasBusyBox || !canChroot)(
  'what a command leaves behind has ended before its exit record is there',
  async () => {
    await using pod = await LocalPod.create();
    const [busybox = '', ...idle] = scriptCommand(pod.layout, 'idle', 'main', '600');
    const container = spawn('unshare', ['-pf', '--mount-proc', '--kill-child', busybox, ...idle], { stdio: 'ignore' });
    try {
      let first = '';
      await expect
        .poll(() => (first = spawnSync('pgrep', ['-P', String(container.pid)], { encoding: 'utf8' }).stdout.trim()))
        .not.toBe('');
      const inside = (...command: string[]) => ['nsenter', '-t', first, '-p', '-m', ...command];
      const left = `for i in 1 2 3; do (setsid busybox sleep 4242.$i >/dev/null 2>&1 &); done; (busybox sh -c 'while :; do busybox sleep 0.01; done' &); echo said`;
      const spec = commandSpec({ path: 'sh', args: ['-c', left], dir: '/' });
      let said = '';
      await pod.shell().exec({
        command: inside(...scriptCommand(pod.layout, 'start', 'attach')),
        // eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what exec takes
        stdin: (async function* () {
          yield spec;
        })(),
        stdout: (chunk) => void (said += Buffer.from(chunk).toString()),
      });
      expect(said).toContain('said\n');
      expect(said).toMatch(/^X 0 /m);
      const seen = spawnSync(inside()[0] ?? '', [...inside('busybox', 'ps', '-o', 'args').slice(1)], {
        encoding: 'utf8',
      });
      expect(seen.stdout).not.toMatch(/4242|while :/);
      expect(seen.stdout).toContain('bin/idle main');
    } finally {
      container.kill('SIGKILL');
    }
  },
  60_000,
);
