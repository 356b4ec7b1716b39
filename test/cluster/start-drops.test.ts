/**
 * Whole runs of the command line through a proxy that ends each connection after a second and a half on average, from the
 * first look at the claim to the last clean-up: no line is lost or doubled, outputs arrive whole, nothing is left.
 * `npm run drops -- --runs 40 --seed 1` does more of the same.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChaosProxy, mortal, seeded } from './support/chaos-proxy.ts';
import { buildCli, CliHome, named, runOf, shellTask } from './support/cli.ts';
import { testCluster } from './support/cluster.ts';
import { expectNothingLeft } from './support/leftovers.ts';
import { serverOf, withServer } from './support/run.ts';

const count = Number(process.env['DROPS_RUNS'] ?? 4);
const seed = Number(process.env['DROPS_SEED'] ?? 1);
const meanLifeMs = Number(process.env['DROPS_LIFE_MS'] ?? 1500);
/** What a user does: follows, leaves and comes back, is killed and comes back, gives up. */
const ways = ['follow', 'background', 'killed', 'follow', 'aborted'] as const;
const lineCount = 300;

let proxy: ChaosProxy;
let home: CliHome;
let folder: string;
let claim: string;
let namespace: string;

beforeAll(async () => {
  await buildCli();
  const cluster = await testCluster();
  ({ claim, namespace } = cluster);
  folder = await mkdtemp(join(tmpdir(), 'tarmac-drops-'));
  proxy = await ChaosProxy.open(await serverOf(cluster.userKubeconfig));
  home = await CliHome.open(await withServer(cluster.userKubeconfig, proxy.url, folder));
  proxy.plan = mortal(meanLifeMs, seed);
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The numbers of the lines that begin with this word, in the order in which they were printed. */
function numbers(text: string, word: string): number[] {
  return [...text.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map((match) => Number(match[1]));
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Prints numbered lines for a few seconds, copies its input to its output, and ends with this code. */
function script(exitCode: number, isEndless: boolean): string {
  const after = isEndless ? 'while :; do sleep 1; done' : `exit ${exitCode}`;
  return `i=0; while [ $i -lt ${lineCount} ]; do i=$((i+1)); echo "out $i"; echo "err $i" >&2
    if [ $((i%30)) = 0 ]; then sleep 0.3; fi; done; cp src/blob out/blob; ${after}`;
}

test.for(upTo(count).map((index) => [index, ways[index % ways.length] ?? 'follow', index % 2 === 0] as const))(
  `run %i of seed ${seed}: %s, claim: %s`,
  { timeout: 600_000 },
  async ([index, way, hasClaim]) => {
    const random = seeded(seed * 1000 + index);
    const exitCode = Math.floor(random() * 3) * 7;
    const blob = randomBytes(1_000_000 + Math.floor(random() * 3_000_000));
    const [task, src, out] = [`task-${index}.yml`, `src-${index}`, `out-${index}`];
    const io = { inputs: named('src'), outputs: named('out') };
    await home.write({ [task]: shellTask(script(exitCode, way === 'aborted'), io), [`${src}/blob`]: blob });
    // What runs in the background cannot be downloaded to anywhere: its output is fetched from the store afterwards.
    const isLeft = way === 'background';
    const store = hasClaim || isLeft ? ['--claim', claim] : ['--no-claim'];
    const target = isLeft ? ['--background'] : ['-o', `out=${out}`];
    const execute = ['execute', '-c', task, '-i', `src=${src}`, ...target, ...store];
    const known = new Set(await home.runs());

    const begun = home.start(execute);
    begun.type('');
    let end;
    if (way === 'follow') {
      end = await begun.done;
    } else {
      if (isLeft) expect(await begun.done).toMatchObject({ code: 0 });
      else await begun.says('out 1\n');
      const run = (await home.runs()).find((each) => !known.has(each)) ?? '';
      if (way === 'killed') begun.signal('SIGKILL');
      if (way === 'aborted') expect(await home.call(['abort', run])).toMatchObject({ code: 0 });
      end = way === 'aborted' ? await begun.done : await home.call(['attach', run]);
    }
    const run = (await home.runs()).find((each) => !known.has(each)) ?? runOf(end);
    const [stdout, stderr] = [numbers(end.stdout, 'out'), numbers(end.stderr, 'err')];
    // What went wrong says more than that the code is another one.
    expect({ code: end.code, said: end.code === (way === 'aborted' ? 3 : exitCode) ? '' : end }).toEqual({
      code: way === 'aborted' ? 3 : exitCode,
      said: '',
    });
    expect(stdout).toEqual(upTo(way === 'aborted' ? stdout.length : lineCount));
    expect(stderr).toEqual(upTo(way === 'aborted' ? stderr.length : lineCount));
    if (isLeft) {
      const fetched = await home.call(['download', `${run}/out`, out]);
      expect(fetched.code, fetched.stderr).toBe(0);
    }
    if (way !== 'aborted') expect(digestOf(await readFile(join(home.cwd, out, 'blob')))).toBe(digestOf(blob));
    await expectNothingLeft(run, namespace);
    const names = await readdir(home.cwd, { recursive: true });
    expect(names.filter((name) => /\.(?:part|tmp)$|\.tarmac-/.test(name))).toEqual([]);
  },
);

test('connections were ended', () => {
  expect(proxy.harmed).toBeGreaterThan(count);
});
