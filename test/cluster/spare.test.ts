/** `tarmac execute --spare` with a real cluster: the pod that waits, who takes it, and what is left. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runSelector } from '#internal/runner/src/pod/names.ts';
import { buildCli, CliHome, named, runOf, shellTask } from './support/cli.ts';
import { kubectl } from './support/cluster.ts';
import { expectNothingLeft } from './support/leftovers.ts';

beforeAll(buildCli);

let home: CliHome;
beforeAll(async () => {
  home = await CliHome.open();
});
afterAll(() => home[Symbol.asyncDispose]());

/** The run that waits, as the list shows it. */
async function waitingRun(): Promise<string> {
  return await vi.waitFor(
    async () => {
      const found = (await home.listedRuns()).find(({ state, elsewhere }) => state === 'spare' && !elsewhere);
      expect(found).toBeDefined();
      return found?.run ?? '';
    },
    { timeout: 60_000, interval: 500 },
  );
}

test.each([['--no-claim'], ['--claim', 'tarmac-artifacts']])(
  'the next run takes the pod that waits, with files that have changed (%s)',
  async (...store) => {
    await home.write({
      'task.yml': shellTask('echo "state $(cat src/state), param $WHAT"', { inputs: named('src') }),
      'src/state': 'first',
    });
    const execute = ['execute', '-c', 'task.yml', '-i', 'src=src', ...store];
    const first = await home.call([...execute, '--param', 'WHAT=one', '--spare', '5m']);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('state first, param one\n') as string });
    const spare = await waitingRun();
    await home.write({ 'src/state': 'second' });
    const second = await home.call([...execute, '--param', 'WHAT=two', '--verbose']);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('state second, param two\n') as string });
    expect(second.stdout + second.stderr).not.toContain('cannot be used');
    expect(runOf(second)).toBe(spare);
    for (const run of [runOf(first), spare]) await expectNothingLeft(run, 'tarmac');
  },
  300_000,
);

test('a pod that no run takes ends by itself, though nobody asks it to; off removes one that waits', async () => {
  await home.write({ 'task.yml': shellTask('true'), [join('other', 'task.yml')]: shellTask('true') });
  expect(await home.call(['execute', '-c', 'task.yml', '--no-claim', '--spare', '1m'])).toMatchObject({ code: 0 });
  const spare = await waitingRun();
  const phase = (): Promise<string> =>
    kubectl(['get', 'pods', '-n', 'tarmac', '-l', runSelector(spare), '-o', 'jsonpath={.items[*].status.phase}'], {
      admin: true,
    });
  await vi.waitFor(async () => expect(['Succeeded', '']).toContain(await phase()), {
    timeout: 240_000,
    interval: 2000,
  });
  const other = ['execute', '-c', 'other/task.yml', '--no-claim', '--spare'];
  expect(await home.call([...other, '5m'])).toMatchObject({ code: 0 });
  const waits = await waitingRun();
  expect(await home.call([...other, 'off'])).toMatchObject({ code: 0 });
  await expectNothingLeft(waits, 'tarmac');
}, 400_000);
