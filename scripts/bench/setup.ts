/** What all benches share: the cluster, a pod for the peers, and one way to time a process. */
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { testCluster } from '../../test/cluster/support/cluster.ts';

const run = promisify(execFile);
const peerPod = `bench-peer-${process.pid}`;

/** The image of both sides. Its tag does not move, so neither side asks a registry. */
export const image = { repository: 'busybox', tag: 'musl' } as const;
export const imageReference = `docker.io/library/${image.repository}:${image.tag}`;
/** The head of the bench's task files. */
export const taskHead = `platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: ${image.repository}, tag: ${image.tag}}\n`;

export interface Bench extends AsyncDisposable {
  readonly scratch: string;
  readonly rounds: number;
  /** Environment of both sides: the same account, the same cluster. */
  readonly env: NodeJS.ProcessEnv;
  /** A busybox pod that runs, for `kubectl exec` and `kubectl cp`. */
  readonly peerPod: string;
  readonly facts: readonly string[];
  /** The bundled command line. */
  readonly cli: string;
  /** The run records of our side lie below it. */
  readonly stateHome: string;
}

export interface Timed {
  /** Seconds from start to end of the process. */
  readonly seconds: number;
  /** Seconds until the first byte on standard output. */
  readonly firstByte: number | undefined;
  readonly exitCode: number | null;
  /** Highest resident memory seen, in MiB (Linux: VmHWM). */
  readonly peakMiB: number;
}

export interface TimeOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with each piece of standard output and the seconds since the start. */
  readonly onOutput?: (chunk: Buffer, seconds: number) => void;
}

/** Runs one process to its end. Rejects when it fails: a bench of failures would be worthless. */
export async function time(command: string, args: readonly string[], options: TimeOptions): Promise<Timed> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let firstByte: number | undefined;
  let peakMiB = 0;
  let errors = '';
  let tail = '';
  const watchMemory = setInterval(() => {
    readFile(`/proc/${child.pid ?? 0}/status`, 'utf8').then(
      (status) => (peakMiB = Math.max(peakMiB, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024)),
      () => clearInterval(watchMemory), // the process is gone
    );
  }, 20);
  child.stdout.on('data', (chunk: Buffer) => {
    firstByte ??= elapsed();
    tail = (tail + chunk.subarray(-1000).toString('latin1')).slice(-2000);
    options.onOutput?.(chunk, elapsed());
  });
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(watchMemory);
  const seconds = elapsed();
  if (exitCode !== 0) {
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${String(exitCode)}:\n${tail}\n${errors}`);
  }
  return { seconds, firstByte, exitCode, peakMiB };
}

/** Runs kubectl as the account that the tests use. */
export async function kubectl(env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  return (await run('kubectl', args, { env, maxBuffer: 1 << 26 })).stdout;
}

export async function openBench(scratch: string, rounds: number): Promise<Bench> {
  const cluster = await testCluster();
  const stateHome = join(scratch, 'state');
  const env: NodeJS.ProcessEnv = { ...process.env, ...cluster.env, XDG_STATE_HOME: stateHome };
  const cli = resolve(process.env['TARMAC_BENCH_CLI'] ?? 'dist/cli.js');
  const remove = (): Promise<string> =>
    kubectl(env, 'delete', 'pod', peerPod, '--ignore-not-found', '--grace-period=0', '--force', '--wait=true');
  await remove();
  await kubectl(
    env,
    'run',
    peerPod,
    `--image=${imageReference}`,
    '--image-pull-policy=IfNotPresent',
    '--restart=Never',
    '--command',
    '--',
    'sleep',
    '36000',
  );
  await kubectl(env, 'wait', '--for=condition=Ready', `pod/${peerPod}`, '--timeout=60s');
  const versions = JSON.parse(await kubectl(env, 'version', '-o', 'json')) as {
    clientVersion: { gitVersion: string };
    serverVersion: { gitVersion: string };
  };
  return {
    scratch,
    rounds,
    env,
    peerPod,
    cli,
    stateHome,
    facts: [
      `Kubernetes ${versions.serverVersion.gitVersion}, kubectl ${versions.clientVersion.gitVersion}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
      `${rounds} rounds, one after the other, cluster and client on one machine; load ${loadavg()[0]?.toFixed(1) ?? '?'} at the start`,
    ],
    async [Symbol.asyncDispose]() {
      await remove();
    },
  };
}
