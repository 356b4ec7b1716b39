/** Uploads of an input, whole and as changes, against the raw pipe and `kubectl cp`. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { spanNames } from '#runner/model';
import type { Comparison } from './results.ts';
import { kubectl, taskHead, time, type Bench } from './setup.ts';
import { execute, spanSeconds } from './tarmac.ts';

const goal = 1.2;
const goalGrowthMiB = 150;
/** What one changed file of 8 KiB among 5,000 may cost on the wire. */
const goalChangedBytes = 20_000;

/** 5,000 files of 8 KiB in 50 folders: 40 MB. The bytes are new each time, so no store has the tree. */
async function manyFiles(root: string): Promise<void> {
  const files = 5000;
  for (let folder = 0; folder < 50; folder++) await mkdir(join(root, `d${folder}`), { recursive: true });
  for (let index = 0; index < files; index += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, offset) =>
        writeFile(join(root, `d${(index + offset) % 50}`, `f${index + offset}`), randomBytes(8192)),
      ),
    );
  }
}

async function bigFile(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const file = createWriteStream(join(root, 'big'));
  for (let written = 0; written < 500; written++) if (!file.write(randomBytes(1_000_000))) await once(file, 'drain');
  file.end();
  await finished(file);
}

export async function benchUpload(bench: Bench): Promise<Comparison[]> {
  const task = join(bench.scratch, 'upload.yml');
  await writeFile(task, `${taskHead}inputs: [{name: src}]\nrun: {path: "true"}\n`);
  const results: Comparison[] = [];
  for (const [what, make, rounds] of [
    ['upload of 5,000 files, 40 MB', manyFiles, bench.rounds],
    ['upload of one file of 500 MB', bigFile, Math.min(bench.rounds, 3)],
  ] as const) {
    const ours: number[] = [];
    const fromEnter: number[] = [];
    const pipe: number[] = [];
    const copy: number[] = [];
    const oneChanged: number[] = [];
    let changedBytes = 0;
    let peakMiB = 0;
    let idleMiB = 0;
    for (let round = 0; round < rounds; round++) {
      const root = join(bench.scratch, 'src');
      await make(root);
      const clean = (): Promise<string> =>
        kubectl(bench.env, 'exec', bench.peerPod, '--', 'sh', '-c', 'rm -rf /tmp/in && mkdir /tmp/in');
      await clean();
      pipe.push(
        (
          await time('sh', ['-c', `tar c -C ${root} . | kubectl exec -i ${bench.peerPod} -- tar x -C /tmp/in`], {
            env: bench.env,
          })
        ).seconds,
      );
      await clean();
      copy.push((await time('kubectl', ['cp', root, `${bench.peerPod}:/tmp/in/src`], { env: bench.env })).seconds);
      const first = await execute(bench, task, ['-i', `src=${root}`]);
      if (first.sent === 0) throw new Error('the store had the tree already: this round measured nothing');
      ours.push(spanSeconds(first, spanNames.streamIn));
      fromEnter.push(first.inputsReady ?? Number.NaN);
      peakMiB = Math.max(peakMiB, first.peakMiB);
      const second = await execute(bench, task, ['-i', `src=${root}`]);
      if (second.sent !== 0) throw new Error(`the second run sent ${second.sent} bytes`);
      idleMiB = Math.max(idleMiB, second.peakMiB);
      if (make === manyFiles) {
        await writeFile(join(root, 'd7', 'f7'), randomBytes(8192));
        const third = await execute(bench, task, ['-i', `src=${root}`]);
        oneChanged.push(spanSeconds(third, spanNames.streamIn));
        changedBytes = Math.max(changedBytes, third.sent);
      }
      await clean();
      await rm(root, { recursive: true });
      console.log(
        `  ${what}: round ${round + 1} of ${rounds}: ${ours.at(-1)?.toFixed(2) ?? ''} s (${fromEnter.at(-1)?.toFixed(2) ?? ''} s from Enter), pipe ${pipe.at(-1)?.toFixed(2) ?? ''} s, cp ${copy.at(-1)?.toFixed(2) ?? ''} s`,
      );
    }
    const rawPipe = { name: 'tar c \\| kubectl exec -i -- tar x', seconds: pipe };
    results.push(
      {
        what,
        ours: { name: 'tarmac', seconds: ours },
        peers: [rawPipe, { name: 'kubectl cp', seconds: copy }],
        goal,
        memory: { peakMiB, idleMiB, goalGrowthMiB },
      },
      // What a user waits for: our start, hashing and a new pod, which the peers find running already.
      { what: `${what}: from Enter, with a new pod`, ours: { name: 'tarmac', seconds: fromEnter }, peers: [rawPipe] },
    );
    if (oneChanged.length > 0) {
      const verdict = changedBytes <= goalChangedBytes ? 'met' : '**missed**';
      results.push({
        what: `one changed file of 5,000: ${changedBytes} bytes sent (goal ≤ ${goalChangedBytes}: ${verdict})`,
        ours: { name: 'tarmac', seconds: oneChanged },
        peers: [rawPipe],
      });
    }
  }
  return results;
}
