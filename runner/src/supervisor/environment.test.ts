/** The task's environment: exactly what the image, the params and Concourse's worker set, whatever the names are. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import type { StoreShell } from '../store/types.ts';
import type { CommandSpec } from './command.ts';
import { scriptCommand } from './layout.ts';
import { SUPERVISOR_SCRIPTS } from './scripts/index.ts';
import { Supervised } from './supervised.ts';
import { LocalPod, hasBusyBox } from './testing/local-pod.ts';

const show = { path: 'busybox', args: ['cat', '/proc/self/environ'], dir: '/' };
const hasScript = spawnSync('sh', ['-c', 'command -v script']).status === 0;
const isRoot = process.getuid?.() === 0;

/** Each name that a script of the pod assigns, reads into or loops over: no list of ours could be complete. */
const assigned = [
  ...new Set(
    Object.values(SUPERVISOR_SCRIPTS).flatMap((script) => [
      ...Array.from(script.matchAll(/\b([A-Za-z_]\w*)=/g), ([, name = '']) => name),
      ...Array.from(script.matchAll(/\bfor (\w+) (?:in|do)\b/g), ([, name = '']) => name),
      ...Array.from(script.matchAll(/\bread (?:-r )?([\w ]+)/g), ([, names = '']) => names.split(' ')).flat(),
    ]),
  ),
].filter((name) => name !== '' && name !== 'USER');

/** Names that mean something to a shell, to the loader or to nobody. */
const special = [
  ...['PATH', 'IFS', 'OPTIND', 'OPTARG', 'PPID', 'RANDOM', 'LINENO', 'PS1', 'PS2', 'PS4', 'ENV', 'BASH_ENV', 'HOME'],
  ...[
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    '_',
    'PWD',
    'OLDPWD',
    'SHLVL',
    'SHELL',
    'TERM',
    'LC_ALL',
    'LANG',
    'TZ',
    'TMPDIR',
  ],
  ...['FUNCNAME', 'EPOCHSECONDS', 'EPOCHREALTIME', 'HISTFILE', 'MAIL', 'UID', 'EUID', 'HOSTNAME', 'POSIXLY_CORRECT'],
  ...['KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT', 'KUBERNETES_FOO', 'TARMAC_POD', 'TARMAC_RUN', 'http_proxy'],
  ...['my-key', 'a.b', 'a b', ' ', '1', '1a', '-', '--', '-c', '.', '/', '@', '*', '?', '!', '#', '$', '$(id)', '`id`'],
  ...[
    "it's",
    '"',
    '\\',
    'a\nb',
    'é',
    '日本',
    '\u{1f600}',
    '__proto__',
    'constructor',
    '%s',
    '~',
    'a;b',
    '&',
    '|',
    'a\tb',
  ],
];

const parse = (bytes: Buffer): Map<string, string> =>
  new Map(
    bytes
      .toString()
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );

/** Runs the command and gives the bytes that it wrote. */
async function output(pod: LocalPod, shell: StoreShell, spec: Partial<CommandSpec>): Promise<Buffer> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const sinks = {
    stdout: (chunk: Uint8Array) => void out.push(Buffer.from(chunk)),
    stderr: (chunk: Uint8Array) => void err.push(Buffer.from(chunk)),
  };
  await new Supervised(shell, pod.layout).run({ ...show, ...spec }, sinks);
  expect(Buffer.concat(err).toString()).toBe('');
  return Buffer.concat(out);
}

/** The environment of a container: the image's variables, what the kubelet adds, and the runtime's HOME at the end. */
const container = (image: Readonly<Record<string, string>>, home = '/root'): NodeJS.ProcessEnv => ({
  HOSTNAME: hostname(),
  ...image,
  KUBERNETES_SERVICE_HOST: '10.96.0.1',
  KUBERNETES_SERVICE_PORT: '443',
  KUBERNETES_SERVICE_PORT_HTTPS: '443',
  KUBERNETES_PORT: 'tcp://10.96.0.1:443',
  KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
  KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
  ...('HOME' in image ? {} : { HOME: home }),
});

const path = process.env['PATH'] ?? '';
/** Params: one for each name, so that the command can still be found. */
const all = Object.fromEntries(
  [...assigned, ...special].map((name) => [name, name === 'PATH' ? path : name.startsWith('LD_') ? '' : `val-${name}`]),
);

describe.skipIf(!hasBusyBox)("the task's environment", () => {
  test('the list of names has those of the scripts', () => {
    expect(assigned).toEqual(
      expect.arrayContaining(['dir', 'user', 'mode', 'spec', 'T', 'S', 'n', 'who', 'words', 'w']),
    );
    expect(assigned.length).toBeGreaterThan(60);
  });

  test('params of every name arrive as they are written, and nothing else does', async () => {
    await using pod = await LocalPod.create();
    const env = parse(await output(pod, pod.shell(undefined, container({ PATH: path })), { env: all }));
    expect(Object.fromEntries(env)).toEqual(all);
  });

  test('variables of the image of every name arrive as they are, and nothing of the cluster does', async () => {
    await using pod = await LocalPod.create();
    const cluster = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT'];
    const image = Object.fromEntries(Object.entries(all).filter(([name]) => !cluster.includes(name)));
    const env = parse(await output(pod, pod.shell(undefined, container(image)), {}));
    expect(Object.fromEntries(env)).toEqual(image);
  });

  test('a spare notes it while it waits, and the command of the run that takes it gets that', async () => {
    await using pod = await LocalPod.create();
    const ends = new AbortController();
    // It is aborted at the end, which is how it rejects; that it has worked is seen below.
    const waiting = pod
      .shell(undefined, container({ PATH: path, NOTED: "by 'pid 1'", 'odd.name': 'x' }))
      .exec({ command: scriptCommand(pod.layout, 'idle', 'main', '3600:600'), signal: ends.signal })
      .catch(() => undefined);
    await vi.waitFor(() => stat(pod.state('captured.done')), { timeout: 20_000, interval: 20 });
    expect((await stat(pod.state('captured'))).mode & 0o777).toBe(0o600);
    const env = parse(await output(pod, pod.shell(undefined, container({ PATH: path })), { env: { WHAT: 'b' } }));
    expect(Object.fromEntries(env)).toEqual({
      ...{ PATH: path, NOTED: "by 'pid 1'", 'odd.name': 'x', HOME: '/root', WHAT: 'b' },
    });
    ends.abort();
    await waiting;
  });

  test("HOSTNAME of the pod and the kubelet's variables are gone, the runtime's HOME stays", async () => {
    await using pod = await LocalPod.create();
    const env = parse(await output(pod, pod.shell(undefined, container({ PATH: path, LANG: 'C' })), {}));
    expect(Object.fromEntries(env)).toEqual({ PATH: path, LANG: 'C', HOME: '/root' });
  });

  test.each<[string, string]>([
    ['empty', ''],
    ['lines', '-----BEGIN-----\na b\n\n-----END-----\n'],
    ['line feeds at the end', 'x\n\n'],
    ['blanks around', '  x \t '],
    ['expansions', '$(HOME) $$HOME `id` ${x} \\ \\n "q" \'s\' * ~ !'],
    ['JSON', '{"a":"x","b":[1,2.5,null,true]}'],
    ['control bytes', '\u0001\u0002\u0007\u001b\u007f\r'],
    ['unicode', '☃ é e\u0301 日本語 \u{1f600}'],
    ['100 kB', "it's ".repeat(20_000)],
    ['the longest', 'x'.repeat(128 * 1024 - 1 - 'my-value='.length)],
  ])('values arrive byte for byte, by params and from the image: %s', async (_, value) => {
    await using pod = await LocalPod.create();
    const image = container({ PATH: path, IMAGE: value, 'my-image': value });
    const env = parse(await output(pod, pod.shell(undefined, image), { env: { VALUE: value, 'my-value': value } }));
    const wanted = { PATH: path, HOME: '/root', VALUE: value, 'my-value': value, IMAGE: value, 'my-image': value };
    expect(Object.fromEntries(env)).toEqual(wanted);
  });

  test('bytes that are no UTF-8 arrive as they are', async () => {
    await using pod = await LocalPod.create();
    const inner = pod.shell(undefined, container({ PATH: path }));
    const script = `ODD=$(printf "\\377\\001'\\303"); export ODD; exec "$@"`;
    const shell: StoreShell = {
      exec: (request) => inner.exec({ ...request, command: ['busybox', 'sh', '-c', script, 'sh', ...request.command] }),
    };
    expect((await output(pod, shell, {})).includes(Buffer.from([0x4f, 0x44, 0x44, 0x3d, 0xff, 1, 0x27, 0xc3, 0]))).toBe(
      true,
    );
  });

  test('a param wins over the image; PATH and HOME have defaults', async () => {
    await using pod = await LocalPod.create();
    const shell = pod.shell(undefined, container({ A: 'image', 'b-c': 'image' }, '/'));
    const spec = {
      env: { A: 'param', 'b-c': 'param' },
      path: spawnSync('sh', ['-c', 'command -v busybox']).stdout.toString().trim(),
    };
    const env = Object.fromEntries(parse(await output(pod, shell, spec)));
    expect(env).toEqual({ A: 'param', 'b-c': 'param', HOME: '/', PATH: env['PATH'] });
    expect(env['PATH']).toBe(
      isRoot ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' : '/usr/local/bin:/usr/bin:/bin',
    );
  });

  test.skipIf(!isRoot)('run.user: USER over any other value, HOME of that user, files of that user', async () => {
    await using pod = await LocalPod.create();
    const shell = pod.shell(undefined, container({ PATH: path }));
    await writeFile(pod.helperState('uid'), '65534\n');
    const env = parse(await output(pod, shell, { user: 'nobody', env: { USER: 'other', user: 'mine' } }));
    expect(Object.fromEntries(env)).toEqual({ PATH: path, USER: 'nobody', user: 'mine', HOME: '/nonexistent' });
    const file = await stat(pod.state('environ'));
    expect([file.mode & 0o777, file.uid]).toEqual([0o600, 65534]);
  });

  test.skipIf(!isRoot)('a user that the image does not know has a HOME that it can write to', async () => {
    await using pod = await LocalPod.create();
    const shell = pod.shell(undefined, container({ PATH: path }, '/'));
    const as = (request: Parameters<StoreShell['exec']>[0]) =>
      shell.exec({
        ...request,
        command: ['setpriv', '--reuid=1000650000', '--regid=0', '--clear-groups', ...request.command],
      });
    spawnSync('chown', ['-R', '1000650000', pod.state('')]);
    await writeFile(pod.helperState('uid'), '1000650000\n');
    const out = await output(
      pod,
      { exec: as },
      { path: 'sh', args: ['-c', 'mkdir "$HOME/.cache" && echo "$HOME"; id -u'] },
    );
    expect(out.toString()).toBe(`${pod.state('home')}\n1000650000\n`);
  });

  test.skipIf(!hasScript)('a pseudo terminal changes nothing of it', async () => {
    await using pod = await LocalPod.create();
    const env = { 'my-key': 'a\nb', dir: 'x', SHELL: 'mine', TERM: 'vt52' };
    const found = parse(await output(pod, pod.shell(undefined, container({ PATH: path })), { env, tty: true }));
    expect(Object.fromEntries(found)).toEqual({ ...env, PATH: path, HOME: '/root' });
  });

  test('a shell that is opened later has the same, also after the task has ended', async () => {
    await using pod = await LocalPod.create();
    const shell = pod.shell(undefined, container({ PATH: path, name: 'image' }));
    const first = await output(pod, shell, { env: all });
    const out: Buffer[] = [];
    await shell.exec({
      command: scriptCommand(pod.layout, 'shell', '/', show.path, ...show.args),
      stdout: (chunk) => void out.push(Buffer.from(chunk)),
    });
    expect(Object.fromEntries(parse(Buffer.concat(out)))).toEqual(Object.fromEntries(parse(first)));
    expect((await stat(pod.state('environ'))).mode & 0o777).toBe(0o600);
    expect(readdirSync(pod.state('')).filter((name) => name.startsWith('params'))).toEqual([]);
  });

  test('no value of a param stands in the arguments of a process', async () => {
    await using pod = await LocalPod.create();
    const value = 'v4lue-of-no-argument';
    const supervised = new Supervised(pod.shell(undefined, container({ PATH: path })), pod.layout);
    const seen = new Set<string>();
    const look = (): void => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          if (line.includes(value)) seen.add(line.replaceAll('\0', ' '));
        } catch {
          // The process has ended.
        }
      }
    };
    const looking = new AbortController();
    const watching = (async () => {
      while (!looking.signal.aborted) {
        look();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const spec = { path: 'busybox', args: ['sleep', '60'], dir: '/', env: { 'my-key': value, KEY: value } };
    const running = supervised.run(spec, { stdout: () => undefined, stderr: () => undefined });
    await expect
      .poll(() => readFile(pod.state('pid'), 'utf8').catch(() => ''), { interval: 10, timeout: 20_000 })
      .toMatch(/^\d+\n/);
    const pid = Number(await readFile(pod.state('pid'), 'utf8'));
    await expect
      .poll(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), { timeout: 20_000 })
      .toMatch(/^busybox\0sleep/);
    look();
    await supervised.kill(1);
    await running;
    looking.abort();
    await watching;
    expect([...seen]).toEqual([]);
  });
});
