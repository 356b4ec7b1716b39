/** The built command line with a real cluster: runs without a store, what cannot run, `store` and `doctor`. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, CliHome, named, runOf, shellTask, type Ended } from './support/cli.ts';
import { testCluster } from './support/cluster.ts';
import { expectNothingLeft } from './support/leftovers.ts';

beforeAll(buildCli);

let home: CliHome;
beforeAll(async () => {
  home = await CliHome.open();
});
afterAll(() => home[Symbol.asyncDispose]());

describe('without a store', () => {
  test('a task from standard input; its exit code, and its output all the same', async () => {
    await home.write({ 'src/file': 'content\n' });
    const text = shellTask('cat src/file >out/copy; exit 42', { inputs: named('src'), outputs: named('out') });
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
    await place.write({ 'in.yml': shellTask('true', { inputs: named('src') }) });
    const end = await place.call(['execute', ...args]);
    expect(end.stderr).toMatch(stderr);
    expect(end.code).toBe(code);
  });

  test('--dry-run prints the pod without the secret, and asks no cluster', async () => {
    await home.write({ 'dry.yml': shellTask('true', { params: { TOKEN: 'hunter2' } }) });
    const end = await home.call(['execute', '-c', 'dry.yml', '--dry-run', '--kubeconfig', '/nonexistent']);
    expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(/^kind: Pod$/m) as string });
    // Params travel with the command: nothing of them is in the pod.
    expect(end.stdout).not.toMatch(/hunter2|TOKEN|secretKeyRef/);
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
    expect(prune).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^would remove 0 trees, 0 runs/) as string,
      stderr: expect.not.stringContaining('error') as string,
    });
    expect(await home.call(['store', 'prune', ...claim, '--older-than', '30d'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^removed 0 trees/) as string,
      stderr: expect.not.stringContaining('error') as string,
    });
  });

  test('an input that does not fit says that the store is full, and how to make room', async () => {
    await home.write({ 'in.yml': shellTask('true', { inputs: named('src') }), 'large/file': randomBytes(16 << 20) });
    const end = await home.call(['execute', '-c', 'in.yml', '-i', 'src=large', '--claim', 'tarmac-small']);
    expect(end.stderr).toMatch(
      /The artifact store is full.*\n.*no space left on the volume\nNext: .*`tarmac store prune`/,
    );
    expect(end.code).toBe(2);
    await expectNothingLeft(runOf(end), 'tarmac');
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
    ]) {
      expect(end.stdout).toContain(`${missing} (`);
    }
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
