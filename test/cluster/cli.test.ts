/** The built command line against a real cluster: what it prints, what it leaves, how it ends. */
import { chmod, lstat, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunSummary } from '../../runner/src/run/types.ts';
import { buildCli, CliHome, eventsOf, type Ended } from './support/cli.ts';
import { kubectl, testCluster } from './support/cluster.ts';
import { expectNothingLeft } from './support/leftovers.ts';
import { openRecordingProxy } from './support/recording-proxy.ts';
import { openTestStorePod } from './support/store-pod.ts';

const image = 'docker.io/library/busybox:musl';

/** A task file. `sh` is its command. */
function task(sh: string, more: Readonly<Record<string, unknown>> = {}): string {
  const [repository, tag] = [image.slice(0, image.lastIndexOf(':')), image.slice(image.lastIndexOf(':') + 1)];
  return JSON.stringify({
    platform: 'linux',
    image_resource: { type: 'registry-image', source: { repository, tag } },
    run: { path: 'sh', args: ['-c', sh] },
    ...more,
  });
}

const names = (...all: string[]): { name: string }[] => all.map((name) => ({ name }));

/** The id in `executing run ID in …`. */
function runOf({ stdout }: Pick<Ended, 'stdout'>): string {
  return /^executing run (\S+) in /mu.exec(stdout)?.[1] ?? '';
}

/** The runs that were started from here, newest first; others use the same namespace. */
async function ownRuns(place: CliHome): Promise<RunSummary[]> {
  const { stdout } = await place.call(['runs', '--json']);
  return (JSON.parse(stdout) as RunSummary[]).filter(({ elsewhere }) => !elsewhere);
}

beforeAll(buildCli);

let home: CliHome;
beforeAll(async () => {
  home = await CliHome.open();
});
afterAll(() => home[Symbol.asyncDispose]());

describe('one run, from its inputs to its download', () => {
  /** Makes every kind of file that an output may hold. */
  const make = `set -e
cat src/file; cat "src/a b/ü" ; test -x src/run.sh; test ! -e src/ignored
echo "$GREETING, $NAME"; echo problem >&2
cd out; mkdir -p deep/er; printf new >same; printf 2 >"a b'c
d"; printf 3 >deep/er/☃; printf 4 >-dash
printf '#!/bin/sh\\n' >run.sh; chmod 755 run.sh; ln -s same link; mkdir void`;

  /** What the download of `out` has to be, whatever was in the folder before. */
  async function expectOutput(folder: string): Promise<void> {
    const read = (name: string) => readFile(join(folder, name), 'utf8');
    expect([await read('same'), await read("a b'c\nd"), await read('deep/er/☃'), await read('-dash')]).toEqual([
      ...['new', '2', '3', '4'],
    ]);
    expect((await stat(join(folder, 'run.sh'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(folder, 'same'))).mode & 0o777).toBe(0o644);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(folder, 'link'))).toBe('same');
    expect(await readdir(join(folder, 'void'))).toEqual([]);
    expect(await read('mine')).toBe('kept');
  }

  /** A folder in which one file is to be overwritten, and one is to stay. */
  async function targetFolder(name: string): Promise<string> {
    await home.write({ [`${name}/same`]: 'an older and longer text', [`${name}/mine`]: 'kept' });
    return join(home.cwd, name);
  }

  beforeAll(async () => {
    await home.write({
      'build.yml': task(make, {
        inputs: names('src'),
        outputs: names('out', 'empty'),
        params: { GREETING: 'hello', NAME: 'file' },
      }),
      'src/file': 'content\n',
      'src/a b/ü': 'odd\n',
      'src/run.sh': '#!/bin/sh\n',
      'src/.tarmacignore': 'ignored\n',
      'src/ignored': 'x',
    });
    await chmod(join(home.cwd, 'src/run.sh'), 0o755);
  });

  const args = ['execute', '-c', 'build.yml', '-i', 'src=src'];
  /** The run of the first test; the others look at what it left. */
  let finished = '';

  test('fly’s lines in fly’s order, the task’s output, and the output’s files', async () => {
    const folder = await targetFolder('first');
    const end = await home.call([...args, '-o', `out=${folder}`, '--param', 'NAME=flag'], {
      env: { GREETING: 'good day' },
    });
    expect(end).toMatchObject({ code: 0, stderr: 'problem\n' });
    const lines = end.stdout.split('\n');
    expect(lines.filter((line) => line !== '').slice(0, lines.indexOf('succeeded') + 1)).toEqual([
      expect.stringMatching(/^executing run build-[0-9a-f]{8} in tarmac-test\/tarmac$/),
      'initializing',
      expect.stringMatching(/^uploading src done: 4 files, /),
      expect.stringMatching(/^running sh -c set -e/),
      ...make.split('\n').slice(1),
      'content',
      'odd',
      'good day, flag',
      'succeeded',
    ]);
    expect(end.stdout).toMatch(/\ndownloading out done: 5 files, .* to .*first\n/);
    await expectOutput(folder);
    finished = runOf(end);
    await expectNothingLeft(finished, 'tarmac');
  });

  test('the same input again: no byte is sent, and no pod but the task’s is created', async () => {
    const { userKubeconfig } = await testCluster();
    await using proxy = await openRecordingProxy(userKubeconfig);
    const end = await home.call([...args, '--events', '--kubeconfig', proxy.kubeconfig]);
    expect(end.code).toBe(0);
    // Another address is another cluster to the memory of what is where: the first run through it asks, and sends nothing.
    const first = eventsOf(end.stdout).find((event) => event.type === 'input-ready');
    expect(first).toMatchObject({ input: 'src', sent: 0, unchanged: true });
    proxy.requests.length = 0;
    const again = await home.call([...args, '--events', '--kubeconfig', proxy.kubeconfig]);
    expect(eventsOf(again.stdout).find((event) => event.type === 'input-ready')).toMatchObject({
      sent: 0,
      unchanged: true,
    });
    const created = proxy.requests.filter((request) => /^POST \S+\/pods(\?|$)/.test(request));
    expect(created).toHaveLength(1);
    expect(proxy.requests.filter((request) => request.includes('container=fetch-input'))).toEqual([]);
  });

  test('an output of the finished run is downloaded later: nothing is deleted, an empty one is a folder', async () => {
    const folder = await targetFolder('later');
    expect(await ownRuns(home)).toEqual([expect.objectContaining({ run: finished, state: 'succeeded', exitCode: 0 })]);
    expect((await ownRuns(home))[0]).not.toHaveProperty('pod');
    const end = await home.call(['download', 'latest/out', folder]);
    expect(end).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^downloading out done: 5 files, /) as string,
    });
    await expectOutput(folder);
    expect(await home.call(['download', 'latest/empty', 'nothing'])).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(join(home.cwd, 'nothing'))).toEqual([]);
    expect(await home.call(['download', 'latest/no-such', 'nothing'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('out, empty') as string,
    });
  });

  test('its artifacts are listed', async () => {
    const run = finished;
    const list = JSON.parse((await home.call(['artifacts', run, '--json'])).stdout) as unknown[];
    expect(list).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ run, kind: 'output', name: 'out', files: 5, place: 'store' }),
        expect.objectContaining({ run, kind: 'output', name: 'empty', files: 0 }),
        expect.objectContaining({ run, kind: 'log' }),
      ]),
    );
  });

  test('an output of an earlier run is an input; a tree that is gone from the store is sent again', async () => {
    await using pod = await openTestStorePod({
      kubeconfig: (await testCluster()).userKubeconfig,
      claim: 'tarmac-artifacts',
    });
    await home.write({ 'two.yml': task('cat src/file; ls prev', { inputs: names('src', 'prev') }) });
    const all = ['execute', '-c', 'two.yml', '-i', 'src=src', '-i', 'prev=run:latest/out', '--events'];
    const before = eventsOf((await home.call([...args, '--events'])).stdout).find(
      (event) => event.type === 'input-ready',
    );
    await pod.run('rm /artifacts/tarmac/v1/trees/"$1"', before?.digest ?? '');
    const end = await home.call(all);
    const events = eventsOf(end.stdout);
    expect(events.flatMap((event) => (event.type === 'output' ? [String(event.data)] : [])).join('')).toContain(
      'content\n',
    );
    expect(
      events
        .filter((event) => event.type === 'input-ready' && event.sent > 0)
        .map((event) => 'input' in event && event.input),
    ).toEqual(['src']);
    expect(events.at(-1)).toMatchObject({ type: 'finished', status: 'succeeded' });
    expect(end.code).toBe(0);
    expect(events.some((event) => event.type === 'note' && event.message.includes('sent again'))).toBe(true);
  });
});

describe('while a task runs', () => {
  const secret = 'xoxb-4711-do-not-tell';

  test('others look at it, enter it and attach to it; the secret it was given shows nowhere', async () => {
    await using place = await CliHome.open();
    const { userKubeconfig } = await testCluster();
    await using proxy = await openRecordingProxy(userKubeconfig);
    const wait = 'echo begun; test "${#TOKEN}" = 21; until [ -e /tmp/go ]; do sleep 0.1; done; echo over; exit 42';
    await place.write({ 'wait.yml': task(wait, { params: { TOKEN: '' } }) });
    const args = ['execute', '-c', 'wait.yml', '--events', '--kubeconfig', proxy.kubeconfig];
    using execute = place.start(args, { TOKEN: secret });
    await execute.says('"data":"begun');
    const [created] = eventsOf(execute.stdout.slice(0, execute.stdout.indexOf('\n')));
    const run = created?.run ?? '';
    const pod = await kubectl(['get', 'pod', `task-${run}`, '-n', 'tarmac', '-o', 'yaml'], { admin: true });
    const events = await kubectl(['get', 'events', '-n', 'tarmac', '-o', 'yaml'], { admin: true });
    const through = ['--kubeconfig', proxy.kubeconfig];

    expect((await place.call(['runs', ...through])).stdout).toMatch(new RegExp(`^${run} +running `, 'm'));
    expect(await place.call(['shell', run, ...through, '--', 'sh', '-c', 'echo in; echo err >&2; exit 7'])).toEqual({
      code: 7,
      stdout: 'in\n',
      stderr: 'err\n',
    });
    const piped = await place.call(['shell', 'latest', ...through], {
      input: 'echo "got $((6*7)), ${#TOKEN}"; exit 5\n',
    });
    expect(piped).toMatchObject({ code: 5, stdout: 'got 42, 21\n' });

    using attach = place.start(['attach', run.slice(0, -2), ...through]);
    await attach.says('\nbegun\n');
    await place.call(['shell', run, ...through, '--', 'touch', '/tmp/go']);
    const [end, attached] = [await execute.done, await attach.done];
    expect([end.code, attached.code]).toEqual([42, 42]);
    expect(attached.stdout).toMatch(/begun\nover\nfailed\n/);
    expect(eventsOf(end.stdout).at(-1)).toMatchObject({ type: 'finished', status: 'failed', exitCode: 42 });
    expect(end.stderr).toBe('');

    const records = await readdir(place.state, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      records.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(texts.length).toBeGreaterThan(1);
    for (const text of [pod, events, end.stdout, ...texts, ...proxy.requests]) expect(text).not.toContain(secret);
    await expectNothingLeft(run, 'tarmac');
  });

  test('a terminal of its own, put back at the end', async () => {
    await using place = await CliHome.open();
    await place.write({ 'wait.yml': task('until [ -e /tmp/go ]; do sleep 0.1; done') });
    expect(await place.call(['execute', '-b', '-c', 'wait.yml'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/follow it with: tarmac attach wait-[0-9a-f]{8}\n/) as string,
    });
    using terminal = place.startInTerminal(
      'stty -g >before; tarmac shell latest; echo "ended with $?"; stty -g >after',
    );
    await terminal.says('# ');
    terminal.type('tty >/dev/null && echo "a $((1+1)) terminal"\r', true);
    await terminal.says('a 2 terminal');
    terminal.type('exit 9\r', true);
    await terminal.says('ended with 9');
    await terminal.done;
    expect(await readFile(join(place.cwd, 'after'), 'utf8')).toBe(await readFile(join(place.cwd, 'before'), 'utf8'));

    using attach = place.start(['attach', 'latest']);
    await attach.says('running sh');
    const [run = ''] = await place.runs();
    expect(await place.call(['abort', run])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('aborted') as string,
    });
    await attach.done;
    expect((await ownRuns(place)).map(({ state }) => state)).toEqual(['aborted']);
    await expectNothingLeft(run, 'tarmac');
  });

  test('Ctrl-C aborts it: the task gets TERM, says its last words, and the pod is gone', async () => {
    await using place = await CliHome.open();
    await place.write({
      'wait.yml': task('trap "echo task got sigterm; exit 1" TERM; echo begun; while :; do sleep 0.1; done'),
    });
    using execute = place.start(['execute', '-c', 'wait.yml']);
    await execute.says('begun\n');
    execute.signal('SIGINT');
    const end = await execute.done;
    expect(end.code).toBe(3);
    expect(end.stderr).toContain('\naborting...\n');
    expect(end.stdout).toMatch(/task got sigterm\ninterrupted\naborted\n/);
    await expectNothingLeft(runOf(end), 'tarmac');
  });

  test('a second Ctrl-C does not wait for a task that will not end', async () => {
    await using place = await CliHome.open();
    await place.write({ 'wait.yml': task('trap "echo not me" TERM; echo begun; while :; do sleep 0.1; done') });
    using execute = place.start(['execute', '-c', 'wait.yml']);
    await execute.says('begun\n');
    execute.signal('SIGINT');
    await execute.says('\nnot me\n');
    execute.signal('SIGINT');
    const end = await execute.done;
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('exiting immediately\n');
    await expectNothingLeft(runOf(end), 'tarmac');
  });
});

describe('without a store', () => {
  test('a task from standard input; its exit code, and its output all the same', async () => {
    await home.write({ 'src/file': 'content\n' });
    const text = task('cat src/file >out/copy; exit 42', { inputs: names('src'), outputs: names('out') });
    const end = await home.call(['execute', '-c', '-', '--no-claim', '-i', 'src=src', '-o', 'out=direct'], {
      input: text,
    });
    expect(end).toMatchObject({ code: 42, stdout: expect.stringContaining('\nfailed\n') as string });
    expect(await readFile(join(home.cwd, 'direct/copy'), 'utf8')).toBe('content\n');
    const late = await home.call(['download', `${runOf(end)}/out`, 'late']);
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('without an artifact store') as string });
  });
});

describe('what cannot run', () => {
  test.each([
    ['a missing input', ['-c', 'in.yml'], 1, /^error: in\.yml:1:\d+: missing required input `src`\n.*-i src=PATH/m],
    [
      'an unknown input',
      ['-c', 'in.yml', '-i', 'src=.', '-i', 'scr=.'],
      1,
      /^error: unknown input `scr`\n.*declares: src/m,
    ],
    ['no task file', [], 1, /^error: the required flag '-c, --config'/m],
    [
      'a claim that is not there',
      ['-c', 'in.yml', '-i', 'src=.', '--claim', 'nope'],
      2,
      /^Claim nope does not exist in namespace tarmac.*\n.*tarmac store init --claim nope/ms,
    ],
    [
      'an unknown context',
      ['-c', 'in.yml', '-i', 'src=.', '--context', 'nope'],
      1,
      /^error: .*\n.*"nope" does not exist in .*\n.*Existing contexts: tarmac-test\./m,
    ],
  ])('%s', async (_, args, code, stderr) => {
    await using place = await CliHome.open();
    await place.write({ 'in.yml': task('true', { inputs: names('src') }) });
    const end = await place.call(['execute', ...args]);
    expect(end.stderr).toMatch(stderr);
    expect(end.code).toBe(code);
  });

  test('--dry-run prints the pod without the secret, and asks no cluster', async () => {
    await home.write({ 'dry.yml': task('true', { params: { TOKEN: 'hunter2' } }) });
    const end = await home.call(['execute', '-c', 'dry.yml', '--dry-run', '--kubeconfig', '/nonexistent']);
    expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(/^kind: Pod$/m) as string });
    expect(end.stdout).toContain('name: TOKEN');
    expect(end.stdout).not.toContain('hunter2');
  });
});

describe('the store', () => {
  test('init proves it, status tells of it, prune tidies it', async () => {
    const claim = ['--claim', 'tarmac-rwo'];
    expect(await home.call(['store', 'init', ...claim])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^claim +tarmac-rwo$/m) as string,
    });
    const status = await home.call(['store', 'status', ...claim, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      claim: 'tarmac-rwo',
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
    });
    const prune = await home.call(['store', 'prune', ...claim, '--older-than', '30d', '--dry-run']);
    expect(prune).toMatchObject({ code: 0, stdout: expect.stringMatching(/^would remove 0 trees, 0 runs/) as string });
    expect(await home.call(['store', 'prune', ...claim, '--older-than', '30d'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^removed 0 trees/) as string,
    });
  });

  test('a claim that is not there says how to make it', async () => {
    const end = await home.call(['store', 'status', '--claim', 'nope']);
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toMatch(/Claim nope does not exist in namespace tarmac.*\n.*`tarmac store init --claim nope`/);
  });
});

describe('doctor', () => {
  /** `ok kubeconfig` … one line per check. */
  const outcomes = ({ stdout }: Ended): string[] =>
    (JSON.parse(stdout) as { name: string; outcome: string }[]).map(({ outcome, name }) => `${outcome} ${name}`);

  test('all is well', async () => {
    const end = await home.call(['doctor', '--json']);
    expect(outcomes(end)).toEqual(['ok kubeconfig', 'ok connect', 'ok permissions', 'ok claim', 'ok helper']);
    expect(end.code).toBe(0);
  });

  test('an account without rights: every missing verb, and who can mend it', async () => {
    await using place = await CliHome.open((await testCluster()).nobodyKubeconfig);
    const end = await place.call(['doctor']);
    expect(end.code).toBe(1);
    for (const missing of [
      'create pods',
      'watch pods',
      'create pods/exec',
      'get pods/exec',
      'get pods/log',
      'list events',
      'get persistentvolumeclaims',
      'create secrets',
    ])
      expect(end.stdout).toContain(`${missing} (`);
    expect(end.stdout).toContain('kubectl -n tarmac apply -f deploy/role.yaml');
  });

  test.each([
    ['a claim that is missing', ['--claim', 'nope'], 'failed claim', 'tarmac store init --claim nope'],
    ['a helper image that is none', ['--helper-image', 'localhost/no-such-image:1'], 'failed helper', 'no-such-image'],
  ])('%s', async (_, args, outcome, text) => {
    const end = await home.call(['doctor', '--json', ...args]);
    expect(outcomes(end)).toContain(outcome);
    expect(end.stdout).toContain(text);
    expect(end.code).toBe(1);
  });

  test('a server that is not there', async () => {
    const { userKubeconfig } = await testCluster();
    const text = (await readFile(userKubeconfig, 'utf8')).replace(/(https:\/\/127\.0\.0\.1):\d+/, '$1:1');
    await writeFile(join(home.cwd, 'nowhere'), text, { mode: 0o600 });
    const end = await home.call(['doctor', '--kubeconfig', 'nowhere']);
    expect(end.code).toBe(1);
    expect(end.stdout).toMatch(/^ok +kubeconfig.*\nfailed +connect: Cannot reach .*127\.0\.0\.1:1/);
  });
});
