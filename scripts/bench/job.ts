/** A job, beside its critical path run step by step with `tarmac execute`: its order must cost next to nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparison } from './results.ts';
import { image, time, type Bench } from './setup.ts';

const goal = 1.15;

/** A task of a shell script that takes a while. */
function task(script: string, inputs: readonly string[], outputs: readonly string[]): unknown {
  const named = (names: readonly string[]): unknown => names.map((name) => ({ name }));
  return {
    platform: 'linux',
    image_resource: { type: 'registry-image', source: image },
    inputs: named(inputs),
    outputs: named(outputs),
    run: { path: 'sh', args: ['-ec', script] },
  };
}

const steps = {
  build: task('sleep 3; cp src/f bin/f', ['src'], ['bin']),
  lint: task('sleep 1', ['src'], []),
  test: task('sleep 3; test -f bin/f', ['bin'], []),
};

/** Compares the whole job with its two steps that wait for each other. */
export async function benchJob(bench: Bench): Promise<Comparison[]> {
  const folder = join(bench.scratch, 'job');
  await mkdir(join(folder, 'src'), { recursive: true });
  await writeFile(join(folder, 'src', 'f'), 'content\n');
  const step = (name: keyof typeof steps): unknown => ({ task: name, config: steps[name] });
  const plan = [{ get: 'src' }, { in_parallel: [step('build'), step('lint')] }, step('test')];
  const resources = [{ name: 'src', type: 'git', source: { uri: 'https://git.example.com/a.git' } }];
  await writeFile(join(folder, 'ci.yml'), JSON.stringify({ resources, jobs: [{ name: 'unit', plan }] }));
  for (const [name, config] of Object.entries(steps)) {
    await writeFile(join(folder, `${name}.yml`), JSON.stringify(config));
  }
  const tarmac = (...args: readonly string[]) =>
    time(process.execPath, [bench.cli, ...args], { env: bench.env, cwd: folder });
  const job: number[] = [];
  const path: number[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const whole = await tarmac('job', '-c', 'ci.yml', '-j', 'unit', '-i', 'src=src');
    const first = await tarmac('execute', '-c', 'build.yml', '-i', 'src=src');
    const second = await tarmac('execute', '-c', 'test.yml', '-i', 'bin=run:latest/bin');
    job.push(whole.seconds);
    path.push(first.seconds + second.seconds);
    console.log(
      `  job: round ${round + 1}: ${whole.seconds.toFixed(2)} s, its critical path ${path.at(-1)?.toFixed(2) ?? ''} s`,
    );
  }
  return [
    {
      what: 'a job of three tasks, two of them side by side',
      ours: { name: 'tarmac job', seconds: job },
      peers: [{ name: 'its critical path by tarmac execute', seconds: path }],
      goal,
    },
  ];
}
