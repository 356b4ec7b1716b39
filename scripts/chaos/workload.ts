/** What runs are given, and what they must give back: known before they begin, from the seed alone. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { named, shellTask } from '../../test/cluster/support/cli.ts';
import { entries, pipelineOf, taskStep } from '../../test/cluster/support/jobs.ts';
import { seeded } from '../../test/cluster/support/chaos-proxy.ts';
import type { ChaosPlan } from './plan.ts';

/** The stream of a command: numbered lines, each with a value that a line of another run does not have. */
export function streamOf(word: string, { salt, lines }: Pick<ChaosPlan, 'salt' | 'lines'>): string {
  return Array.from({ length: lines }, (_, at) => `${word} ${at + 1} ${(salt * (at + 1)) % 99_991}\n`).join('');
}

/** Prints both streams with pauses. */
function printing({ salt, lines, every }: ChaosPlan): string {
  const both = `printf "out %d %d\\n", i, v; printf "err %d %d\\n", i, v >"/dev/stderr"`;
  const pause = `if (i % k == 0) { fflush(); system("sleep 0.2") }`;
  return `awk -v s=${salt} -v n=${lines} -v k=${every} 'BEGIN { for (i = 1; i <= n; i++) { v = (s * i) % 99991; ${both}; ${pause} } }'`;
}

/** How the command of a task goes on behind its lines. */
export type Rest = 'copy' | 'endless' | 'memory' | 'large';

const rests: Readonly<Record<Exclude<Rest, 'copy'>, string>> = {
  endless: 'while :; do sleep 1; done',
  memory: `awk 'BEGIN { s = "x"; while (1) s = s s }'; exit $?`,
  large: 'head -c 20000000 /dev/urandom >out/large; exit 0',
};

/** A task that prints its streams and copies its input to its output. */
export function taskText(plan: ChaosPlan, rest: Rest): string {
  const after = rest === 'copy' ? `exit ${plan.exitCode}` : rests[rest];
  return shellTask(`${printing(plan)}; cp -a src/. out/; ${after}`, {
    inputs: named('src'),
    outputs: named('out'),
    ...(rest === 'memory' ? { container_limits: { memory: '40MB' } } : {}),
  });
}

/** Names of the steps of the job, in the order of their start; the first two run at once. */
export const stepNames = ['left', 'right', 'join'] as const;

/** A job of two tasks at once and one that takes what both have made. */
export function jobText(plan: ChaosPlan, rest: 'copy' | 'endless'): string {
  const make = (name: string) =>
    taskStep(name, `${printing(plan)}; seq 1 ${plan.lines} | sed 's/^/${name} /' >${name}/text`, {
      outputs: entries(name),
    });
  const after = rest === 'endless' ? `; ${rests.endless}` : '';
  return pipelineOf({
    plan: [
      { in_parallel: [make('left'), make('right')] },
      taskStep('join', `${printing(plan)}; cat left/text right/text >all/text; sha256sum <all/text${after}`, {
        inputs: entries('left', 'right'),
        outputs: entries('all'),
      }),
    ],
  });
}

/** What the job leaves in `all/text`. */
export function jobArtifact({ lines }: ChaosPlan): string {
  return ['left', 'right'].flatMap((name) => Array.from({ length: lines }, (_, at) => `${name} ${at + 1}\n`)).join('');
}

/** What a step of the job prints on stdout. */
export function stepStream(step: string, plan: ChaosPlan): string {
  const sum = createHash('sha256').update(jobArtifact(plan)).digest('hex');
  return streamOf('out', plan) + (step === 'join' ? `${sum}  -\n` : '');
}

/** Writes the input: nested, executable, empty, linked and oddly named files, and a large one of random bytes. */
export async function writeInput(folder: string, { salt, blobBytes }: ChaosPlan): Promise<void> {
  const random = seeded(salt);
  const files: Record<string, Uint8Array | string> = {
    'plain.txt': `salt ${salt}\n`,
    empty: '',
    'with blank/and "quotes" $HOME.txt': 'odd\n',
    'umlaut-ä-✓': 'unicode\n',
    'deep/er/and/deeper/file': 'deep\n',
    'run.sh': '#!/bin/sh\n',
  };
  if (blobBytes > 0) files['blob'] = Uint8Array.from({ length: blobBytes }, () => random() * 256);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await chmod(join(folder, 'run.sh'), 0o755);
  await mkdir(join(folder, 'empty folder'));
  await symlink('deep/er/and', join(folder, 'link'));
}

/** Each entry of a tree with its kind, whether it can be executed, its target or the digest of its content. */
export async function treeOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = found.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isSymbolicLink()) return `${name} -> ${await readlink(path)}`;
    if (entry.isDirectory()) return `${name}/`;
    const mode = (await stat(path)).mode & 0o111 ? 'x' : '-';
    return `${name} ${mode} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
  });
  return (await Promise.all(lines)).sort();
}
