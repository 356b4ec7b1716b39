/** `tarmac execute --watch` with a real cluster: bursts of saves, and what is left after the end. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli, CliHome, named, shellTask } from './support/cli.ts';
import { expectNothingLeft } from './support/leftovers.ts';

beforeAll(buildCli);

let home: CliHome;
beforeAll(async () => {
  home = await CliHome.open();
});
afterAll(() => home[Symbol.asyncDispose]());

test('100 saves in bursts give the result of the last state once, and nothing is left', async () => {
  await home.write({
    'task.yml': shellTask('echo "state $(cat src/state)"', { inputs: named('src') }),
    'src/state': 'first',
  });
  using watch = home.start(['execute', '-c', 'task.yml', '-i', 'src=src', '--watch', '--no-claim']);
  await watch.says('watch: succeeded');
  expect(watch.stdout).toContain('state first\n');
  for (let save = 1; save <= 100; save += 1) {
    await writeFile(join(home.cwd, 'src/state'), save === 100 ? 'last' : String(save));
    // Ten saves at once, then a while in which a run may begin.
    if (save % 10 === 0 && save < 100) await delay(700);
  }
  await watch.says('state last\n');
  await watch.says('; waiting for changes\n');
  // What was saved after the last burst starts a run of its own: the one before it has told its result by then.
  await writeFile(join(home.cwd, 'src/state'), 'after it');
  await watch.says('state after it\n');
  watch.signal('SIGINT');
  const end = await watch.done;
  // The signal comes while the run ends, or after it.
  expect([0, 3, 130]).toContain(end.code);
  expect(end.stdout.match(/^state last$/gmu)).toHaveLength(1);
  expect(end.stdout.match(/^state first$/gmu)).toHaveLength(1);
  const started = await home.runs();
  expect(started.length).toBeGreaterThanOrEqual(3);
  for (const run of started) await expectNothingLeft(run, 'tarmac');
});
