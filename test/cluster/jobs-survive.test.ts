/**
 * A job survives its client: killed at seeded moments, also between steps, `tarmac attach` finishes it with the artifacts
 * that it has without a kill. `JOB_KILLS=20 JOB_SEED=1` kills more often.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded } from './support/chaos-proxy.ts';
import { buildCli, CliHome, type CliProcess } from './support/cli.ts';
import { testCluster } from './support/cluster.ts';
import { entries, filesWith, jobOf, listedJobs, password, pipelineOf, resource, taskStep } from './support/jobs.ts';
import { expectNothingLeft } from './support/leftovers.ts';

const kills = Number(process.env['JOB_KILLS'] ?? 2);
const seed = Number(process.env['JOB_SEED'] ?? 1);

const pipeline = pipelineOf(
  {
    plan: [
      { get: 'number' },
      {
        in_parallel: [
          taskStep('left', 'sleep 1; cat number/number >l/text; echo left >>l/text', {
            inputs: entries('number'),
            outputs: entries('l'),
          }),
          taskStep('right', 'cat number/number >r/text; sleep 2; echo right >>r/text', {
            inputs: entries('number'),
            outputs: entries('r'),
          }),
        ],
      },
      { load_var: 'word', file: 'l/text' },
      { try: taskStep('flaky', 'exit 4') },
      taskStep('join', 'cat l/text r/text >all/text; echo "$W" >>all/text', {
        inputs: entries('l', 'r'),
        outputs: entries('all'),
        params: { W: '((.:word))' },
      }),
      { put: 'release', params: { file: 'number/number' } },
    ],
    ensure: taskStep('cleanup', 'echo cleaned up'),
  },
  [resource('number'), resource('release')],
);
const wanted = '3\nleft\n3\nright\n3\nleft\n';

/** What the client says at the moments after which it is killed. */
const words = [
  'job ',
  '[get:number] started',
  '[get:number] succeeded',
  '[task:left] started',
  '[task:left] succeeded',
  '[task:right] succeeded',
  '[load_var:word] succeeded',
  '[task:flaky] failed',
  '[task:join] started',
  '[task:join] succeeded',
  '[put:release] started',
  '[put:release] succeeded',
  '[task:cleanup] started',
];

let claim: string;
let namespace: string;
beforeAll(async () => {
  await buildCli();
  ({ claim, namespace } = await testCluster());
});

const homes: CliHome[] = [];
afterAll(async () => {
  for (const home of homes) await home[Symbol.asyncDispose]();
});

async function openHome(): Promise<CliHome> {
  const home = await CliHome.open();
  homes.push(home);
  await home.write({ 'ci.yml': pipeline });
  return home;
}

test('who attaches while the client lives follows it, and finishes nothing', async () => {
  const home = await openHome();
  const job = home.start(['job', '-c', 'ci.yml', '-j', 'unit', '--claim', claim]);
  await job.says('[get:number] started');
  const follower = home.start(['attach', jobOf(job)]);
  const [end, followed] = await Promise.all([job.done, follower.done]);
  expect([end.code, followed.code]).toEqual([0, 0]);
  expect(followed.stderr).toContain('[task:join] succeeded');
  expect(followed.stderr).toMatch(/^job \S+ succeeded; held back: release$/m);
  expect(end.stdout).toContain('[task:cleanup] cleaned up\n');
  for (const run of await home.runs()) await expectNothingLeft(run, namespace);
});

async function kill(job: CliProcess): Promise<string> {
  job.signal('SIGKILL');
  await job.done;
  return jobOf(job);
}

const random = seeded(seed);
const moments = Array.from({ length: kills }, () => {
  const word = words[Math.floor(random() * words.length)] ?? 'job ';
  return [word, Math.floor(random() * 1500)] as const;
});

test.concurrent.for(moments)("killed after '%s' and %i ms", { timeout: 900_000 }, async ([word, wait]) => {
  const home = await openHome();
  const job = home.start(['job', '-c', 'ci.yml', '-j', 'unit', '--put', 'release', '--claim', claim]);
  await job.says(word);
  await delay(wait);
  const id = await kill(job);
  const before = (await listedJobs(home))[0]?.steps ?? [];
  const end = await home.call(['attach', id]);
  expect(end.stderr).toMatch(/^job \S+ succeeded/m);
  expect(end.code).toBe(0);
  const [after] = await listedJobs(home);
  expect(after).toMatchObject({ id, state: 'succeeded' });
  // What had ended ran once: it has the run that it had.
  for (const step of before.filter(({ state }) => state !== 'running')) {
    expect(after?.steps.find((other) => other.id === step.id)).toEqual(step);
  }
  expect((await home.call(['download', `${id}/all`, 'all'])).code).toBe(0);
  expect(await readFile(join(home.cwd, 'all', 'text'), 'utf8')).toBe(wanted);
  for (const run of await home.runs()) await expectNothingLeft(run, namespace);
  expect(await filesWith(home.state, password)).toEqual([]);
  expect(job.stdout + job.stderr + end.stdout + end.stderr).not.toContain(password);
});
