/** 100 MB of output, against `kubectl exec`: from the first byte to the last, so that no start of a process or pod counts. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparison } from './results.ts';
import { taskHead, time, type Bench, type Timed } from './setup.ts';

const goal = 1.2;
const goalGrowthMiB = 150;
const bytes = 100_000_000;
const script = `yes 'a line of output as a build prints it, about eighty characters long, no more' | head -c ${bytes}`;

/** Runs a process whose standard output is exactly the 100 MB; returns the seconds between their first and last byte too. */
async function stream(
  command: string,
  args: readonly string[],
  bench: Bench,
): Promise<Timed & { readonly between: number }> {
  let received = 0;
  let first = 0;
  let last = 0;
  const timed = await time(command, args, {
    env: bench.env,
    cwd: bench.scratch,
    onOutput(chunk, seconds) {
      if (received === 0) first = seconds;
      received += chunk.length;
      last = seconds;
    },
  });
  if (received !== bytes) throw new Error(`${command} delivered ${received} of ${bytes} bytes`);
  return { ...timed, between: last - first };
}

export async function benchOutput(bench: Bench): Promise<Comparison[]> {
  const task = join(bench.scratch, 'output.yml');
  await writeFile(task, `${taskHead}run:\n  path: sh\n  args:\n  - -c\n  - |\n    ${script}\n`);
  const silent = join(bench.scratch, 'silent.yml');
  await writeFile(silent, `${taskHead}run: {path: "true"}\n`);
  const tarmac = (file: string): string[] => [bench.cli, 'execute', '--quiet', '--no-color', '-c', file];
  const ours: number[] = [];
  const peer: number[] = [];
  let peakMiB = 0;
  let idleMiB = 0;
  for (let round = 0; round < bench.rounds; round++) {
    const run = await stream(process.execPath, tarmac(task), bench);
    ours.push(run.between);
    peakMiB = Math.max(peakMiB, run.peakMiB);
    const idle = await time(process.execPath, tarmac(silent), { env: bench.env, cwd: bench.scratch });
    idleMiB = Math.max(idleMiB, idle.peakMiB);
    const exec = await stream('kubectl', ['exec', bench.peerPod, '--', 'sh', '-c', script], bench);
    peer.push(exec.between);
    console.log(`  output: round ${round + 1}: ${run.between.toFixed(2)} s, kubectl exec ${exec.between.toFixed(2)} s`);
  }
  return [
    {
      what: 'output of 100 MB, first byte to last',
      ours: { name: 'tarmac', seconds: ours },
      peers: [{ name: 'kubectl exec', seconds: peer }],
      goal,
      memory: { peakMiB, idleMiB, goalGrowthMiB },
    },
  ];
}
