/** The built command line with a real cluster: a run from its inputs to its download, and what one does while it goes on. */
import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, CliHome, eventsOf, named, runOf, shellTask } from './support/cli.ts';
import { kubectl, testCluster } from './support/cluster.ts';
import { expectNothingLeft } from './support/leftovers.ts';
import { openRecordingProxy } from './support/recording-proxy.ts';
import { openTestStorePod } from './support/store-pod.ts';

beforeAll(buildCli);

let home: CliHome;
beforeAll(async () => {
  home = await CliHome.open();
});
afterAll(() => home[Symbol.asyncDispose]());

/** Removes a tree from the store: its manifest and its archive. */
const removeTree =
  'cd /artifacts/tarmac/v1; sha=$(sed -n "s/^pack \\([^ ]*\\) .*/\\1/p" trees/"$1"); rm trees/"$1" packs/*/"$sha".tar';

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
      'build.yml': shellTask(make, {
        inputs: named('src'),
        outputs: named('out', 'empty'),
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

  test('an output of the finished run is downloaded later: nothing is deleted, an empty one is a folder', async () => {
    const folder = await targetFolder('later');
    expect(await home.listedRuns()).toEqual([
      expect.objectContaining({ run: finished, state: 'succeeded', exitCode: 0 }),
    ]);
    expect((await home.listedRuns())[0]).not.toHaveProperty('pod');
    const end = await home.call(['download', 'latest/out', folder]);
    expect(end).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^downloading out done: 5 files, /) as string,
    });
    await expectOutput(folder);
    expect(await home.call(['download', 'latest/empty', 'nothing'])).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(join(home.cwd, 'nothing'))).toEqual([]);
    await home.write({ taken: 'a file' });
    const refused = await home.call(['download', 'latest/out', 'taken']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: The directory ".*taken" cannot be made: there is a file in its place.*\n.*Next: /,
    );
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
    await home.write({ 'two.yml': shellTask('cat src/file; ls prev', { inputs: named('src', 'prev') }) });
    const all = ['execute', '-c', 'two.yml', '-i', 'src=src', '-i', 'prev=run:latest/out', '--events'];
    const before = eventsOf((await home.call([...args, '--events'])).stdout).find(
      (event) => event.type === 'input-ready',
    );
    await pod.run(removeTree, before?.digest ?? '');
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

test('an unchanged run, whose pod has no init container: a tree that is gone from the store is sent again', async () => {
  await using pod = await openTestStorePod({
    kubeconfig: (await testCluster()).userKubeconfig,
    claim: 'tarmac-artifacts',
  });
  await using place = await CliHome.open();
  await place.write({ 'in.yml': shellTask('cat src/file', { inputs: named('src') }), 'src/file': randomUUID() });
  const call = ['execute', '-c', 'in.yml', '-i', 'src=src', '--events'];
  const ready = eventsOf((await place.call(call)).stdout).find((event) => event.type === 'input-ready');
  await pod.run(removeTree, ready?.digest ?? '');
  const events = eventsOf((await place.call(call)).stdout);
  expect(events.at(-1)).toMatchObject({ type: 'finished', status: 'succeeded' });
  expect(events.flatMap((event) => (event.type === 'input-ready' ? [event.sent > 0] : []))).toEqual([false, true]);
  expect(events.some((event) => event.type === 'note' && event.message.includes('sent again'))).toBe(true);
});

describe('what a run asks of the cluster', () => {
  test('new bytes go into the task’s own pod, and unchanged ones nowhere: no other pod is ever created', async () => {
    await using place = await CliHome.open();
    await using proxy = await openRecordingProxy((await testCluster()).userKubeconfig);
    await place.write({ 'in.yml': shellTask('cat src/file', { inputs: named('src') }), 'src/file': randomUUID() });
    const run = async (): Promise<{ sent: number; pods: number; uploads: number; code: number }> => {
      proxy.requests.length = 0;
      const args = ['-c', 'in.yml', '-i', 'src=src', '--events', '--kubeconfig', proxy.kubeconfig];
      const { code, stdout } = await place.call(['execute', ...args]);
      const ready = eventsOf(stdout).find((event) => event.type === 'input-ready');
      const count = (wanted: RegExp): number => proxy.requests.filter((request) => wanted.test(request)).length;
      return {
        code,
        sent: ready?.sent ?? -1,
        pods: count(/^POST \S+\/pods(\?|$)/),
        uploads: count(/\/exec\?(?=.*container=fetch-input-0)(?=.*command=receive&)/),
      };
    };
    const first = await run();
    expect(first).toMatchObject({ code: 0, pods: 1, uploads: 1 });
    expect(first.sent).toBeGreaterThan(36);
    expect(await run()).toEqual({ code: 0, sent: 0, pods: 1, uploads: 0 });
  });

  test('in a namespace that allows no root the task runs as a user, with the same store', async () => {
    await using place = await CliHome.open((await testCluster()).restrictedKubeconfig);
    const task = shellTask('id -u; cat src/file; id -u >out/user', { inputs: named('src'), outputs: named('out') });
    await place.write({ 'in.yml': task, 'src/file': 'content\n' });
    const end = await place.call(['execute', '-c', 'in.yml', '-i', 'src=src', '-o', 'out=out']);
    expect(end.stdout).toContain('\n1000\ncontent\nsucceeded\n');
    expect(end.code).toBe(0);
    expect(await readFile(join(place.cwd, 'out/user'), 'utf8')).toBe('1000\n');
    expect(await place.call(['download', `${runOf(end)}/out`, 'later'])).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(place.cwd, 'later/user'), 'utf8')).toBe('1000\n');
  });
});

describe('while a task runs', () => {
  const secret = 'xoxb-4711-do-not-tell';

  test('others look at it, enter it and attach to it; the secret it was given shows nowhere', async () => {
    await using place = await CliHome.open();
    const { userKubeconfig } = await testCluster();
    await using proxy = await openRecordingProxy(userKubeconfig);
    const wait = 'echo begun; test "${#TOKEN}" = 21; until [ -e /tmp/go ]; do sleep 0.1; done; echo over; exit 42';
    await place.write({ 'wait.yml': shellTask(wait, { params: { TOKEN: '' } }) });
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
    await place.write({ 'wait.yml': shellTask('until [ -e /tmp/go ]; do sleep 0.1; done') });
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
    expect((await place.listedRuns()).map(({ state }) => state)).toEqual(['aborted']);
    await expectNothingLeft(run, 'tarmac');
  });

  test('Ctrl-C aborts it: the task gets TERM, says its last words, and the pod is gone', async () => {
    await using place = await CliHome.open();
    await place.write({
      'wait.yml': shellTask('trap "echo task got sigterm; exit 1" TERM; echo begun; while :; do sleep 0.1; done'),
    });
    using execute = place.start(['execute', '-c', 'wait.yml']);
    await execute.says('begun\n');
    execute.signal('SIGINT');
    const end = await execute.done;
    expect(end.code).toBe(3);
    expect(end.stderr).toContain('\naborting... (once more leaves at once)\n');
    expect(end.stdout).toMatch(/task got sigterm\ninterrupted\naborted\n/);
    await expectNothingLeft(runOf(end), 'tarmac');
  });

  test('a second Ctrl-C does not wait for a task that will not end', async () => {
    await using place = await CliHome.open();
    await place.write({ 'wait.yml': shellTask('trap "echo not me" TERM; echo begun; while :; do sleep 0.1; done') });
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
