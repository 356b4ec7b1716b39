/** 100 MB of output, against `kubectl exec`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spanNames } from '../../runner/src/events.ts';
import type { Comparison } from './results.ts';
import { time, type Bench } from './setup.ts';

const goal = 1.2;
const bytes = 100_000_000;
const script = `yes 'a line of output as a build prints it, about eighty characters long, no more' | head -c ${bytes}`;

export async function benchOutput(bench: Bench): Promise<Comparison[]> {
  const task = join(bench.scratch, 'output.yml');
  await writeFile(
    task,
    `platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: busybox, tag: latest}\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    ${script}\n`,
  );
  const ours: number[] = [];
  const peer: number[] = [];
  let peakMiB = 0;
  for (let round = 0; round < bench.rounds; round++) {
    // The command's own span: both sides then measure a command in a container that runs already.
    let received = 0;
    let phase = Number.NaN;
    const run = await time(process.execPath, [bench.cli, 'execute', '--no-color', '-c', task], {
      env: { ...bench.env, COLUMNS: '200' },
      cwd: bench.scratch,
      onOutput(chunk) {
        received += chunk.length;
        const line = /^\s*run\s+([\d.]+) ?(ms|s)\s*$/m.exec(chunk.subarray(-4000).toString());
        if (line) phase = Number(line[1]) / (line[2] === 'ms' ? 1000 : 1);
      },
    });
    if (received < bytes) throw new Error(`only ${received} bytes arrived`);
    if (Number.isNaN(phase)) throw new Error(`the summary names no phase '${spanNames.exec}'`);
    ours.push(phase);
    peakMiB = Math.max(peakMiB, run.peakMiB);
    let peerReceived = 0;
    const exec = await time('kubectl', ['exec', bench.peerPod, '--', 'sh', '-c', script], { env: bench.env, onOutput: (chunk) => (peerReceived += chunk.length) });
    if (peerReceived !== bytes) throw new Error(`kubectl exec delivered ${peerReceived} bytes`);
    peer.push(exec.seconds);
    console.log(`  output: round ${round + 1}: ${phase.toFixed(2)} s, kubectl exec ${exec.seconds.toFixed(2)} s`);
  }
  return [{ what: 'output of 100 MB', ours: { name: 'tarmac', seconds: ours }, peers: [{ name: 'kubectl exec', seconds: peer }], goal, memory: { peakMiB, idleMiB: 0, goalGrowthMiB: 400 } }];
}
