/**
 * `npm run demo`: runs the task `examples/hello/task.yml` on a real Kubernetes, which it sets up on this machine the first
 * time, with the command line as it is packaged. Run it again, and the input is not sent again.
 */
import { readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { runChild } from './child.ts';
import { parseClusterFile } from './cluster/health.ts';
import { layout, type ClusterFile } from './cluster/layout.ts';

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'build', 'demo', 'result');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

/** Thrown when a step has failed; the step itself has said why. */
class StepError extends Error {
  override name = 'StepError';
}

/** Runs one step of the demo and says how long it took. */
async function step(
  title: string,
  script: readonly string[],
  limitMinutes: number,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  console.log(`● ${title}`);
  const began = performance.now();
  const { exitCode, timedOut } = await runChild({
    script,
    cwd: root,
    env,
    signal: stop.signal,
    limitMs: limitMinutes * 60_000,
  });
  const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  if (exitCode !== 0) {
    throw new StepError(`${title}: ${timedOut ? 'took too long' : `ended with exit code ${exitCode}`}, after ${took}`);
  }
  console.log(`✓ ${title}: ${took}\n`);
}

/** The cluster that `cluster up` has left running. */
async function runningCluster(): Promise<ClusterFile> {
  const { file } = layout(process.env);
  const cluster = parseClusterFile(await readFile(file, 'utf8'));
  if (cluster === undefined) throw new StepError(`${file} does not describe a cluster: npm run cluster -- status`);
  return cluster;
}

async function main(): Promise<void> {
  await step('a real Kubernetes on this machine (npm run cluster -- up)', ['scripts/cluster.ts', 'up'], 40);
  await step('bundles (npm run build)', ['scripts/build.ts'], 5);

  const cluster = await runningCluster();
  await rm(target, { recursive: true, force: true });
  const command = [
    ...['execute', '--config', 'examples/hello/task.yml'],
    ...['--input', 'hello=examples/hello', '--output', `result=${relative(root, target)}`],
    ...['--param', `NAME=${process.env['USER'] ?? 'world'}`, '--claim', cluster.claim],
  ];
  console.log(`KUBECONFIG=${cluster.userKubeconfig} \\\n  tarmac ${command.join(' ')}\n`);
  await step('the task', ['dist/cli.js', ...command], 10, { KUBECONFIG: cluster.userKubeconfig });

  const file = join(target, 'greeting.txt');
  console.log(`${relative(root, file)}, written by the pod, downloaded from the cluster:\n`);
  console.log((await readFile(file, 'utf8')).replace(/^/gm, '  ').trimEnd());
  console.log(
    '\nThe cluster stays up (npm run cluster -- down ends it). Run the demo again: the input is not sent again.',
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StepError) && !stop.signal.aborted) throw error;
  console.error(stop.signal.aborted ? 'interrupted' : `✗ ${(error as Error).message}`);
  process.exitCode = 1;
}
