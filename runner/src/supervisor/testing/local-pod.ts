/**
 * For tests: a pod's file system in a temporary directory. The real scripts run in real processes under the machine's
 * BusyBox; only Kubernetes between client and shell is left out. Streams can be cut where a test wants.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecError } from '../../cluster/exec/error.ts';
import type { StoreShell } from '../../store/types.ts';
import type { PodLayout } from '../layout.ts';
import { endProcessesOf } from './processes.ts';
import { SUPERVISOR_SCRIPTS, installCommand } from '../scripts/index.ts';

/** Whether this machine has the static BusyBox that the tests need (Debian: busybox-static). */
export const hasBusyBox = spawnSync('busybox', ['true']).status === 0;

type ExecRequest = Parameters<StoreShell['exec']>[0];

/** Decides for each exec after how many bytes of its stdout the connection drops; undefined: never. */
export type Cut = (request: ExecRequest) => number | undefined;

/**
 * Where the connection drops on the way to the pod, and what the pod knows of it: `close` ends the command's stdin, `kill`
 * the command, `silence` neither: the kubelet holds the stream open, as it does when nobody tells it of the end.
 */
export interface StdinCut {
  readonly afterBytes: number;
  readonly how: 'close' | 'kill' | 'silence';
}

/** A directory that looks like a pod to the scripts. */
export class LocalPod implements AsyncDisposable {
  readonly layout: PodLayout;
  readonly root: string;
  /** argv of each exec so far. */
  readonly execs: (readonly string[])[] = [];
  /** Process groups of commands whose connection fell silent. */
  readonly #left: number[] = [];

  private constructor(root: string) {
    this.root = root;
    this.layout = { tarmac: join(root, 'tarmac'), artifacts: join(root, 'artifacts') };
  }

  /** Makes the directory and installs the tools, as the first init container does. */
  static async create(scripts: Readonly<Record<string, string>> = SUPERVISOR_SCRIPTS): Promise<LocalPod> {
    const pod = new LocalPod(await mkdtemp(join(tmpdir(), 'tarmac-pod-')));
    // Commands under other user ids have to reach their directory.
    spawnSync('chmod', ['755', pod.root]);
    await mkdir(pod.layout.artifacts);
    // As pid 1 of `main` makes it.
    await mkdir(join(pod.layout.tarmac, 'run/main/attached'), { recursive: true });
    const [, ...args] = installCommand(pod.layout.tarmac, scripts);
    const made = spawnSync('busybox', ['sh', ...args], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
    return pod;
  }

  /** A file of the supervisor's state. */
  state(name: string): string {
    return join(this.layout.tarmac, 'run/main', name);
  }

  /** A file of the helper's state. */
  helperState(name: string): string {
    return join(this.layout.tarmac, 'helper', name);
  }

  /** A shell in the pod; with `cut`, one whose connections drop as real ones do: without a word, mid-frame. */
  shell(
    cut: Cut = () => undefined,
    // What a script that is cut off leaves in its temporary folder goes with the pod.
    env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: this.root },
    stdinCut: (request: ExecRequest) => StdinCut | undefined = () => undefined,
  ): StoreShell {
    return { exec: (request) => this.#exec(request, cut(request), env, stdinCut(request)) };
  }

  async #exec(
    request: ExecRequest,
    cutAfter: number | undefined,
    env: NodeJS.ProcessEnv,
    stdinCut: StdinCut | undefined,
  ): Promise<{ exitCode: number }> {
    this.execs.push(request.command);
    request.signal?.throwIfAborted();
    const [file = '', ...args] = request.command;
    const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const exit = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
    });
    // A container runtime gives each exec a session of its own; ending it ends what it left in its group.
    const drop = (): void => void spawnSync('kill', ['-KILL', '--', `-${child.pid ?? 0}`]);
    request.signal?.addEventListener('abort', drop);
    let seen = 0;
    let dropped = false;
    const pipe = async (
      stream: NodeJS.ReadableStream,
      sink: ExecRequest['stdout'],
      cuttable: boolean,
    ): Promise<void> => {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (dropped) continue;
        let part = chunk;
        if (cuttable && cutAfter !== undefined && seen + chunk.length >= cutAfter) {
          part = chunk.subarray(0, cutAfter - seen);
          dropped = true;
          drop();
        }
        if (cuttable) seen += part.length;
        if (part.length > 0) await sink?.(part);
      }
    };
    const fedUntilCut = new ExecError('LOST', 'The connection was cut by the test.');
    const feed = async (): Promise<void> => {
      child.stdin.on('error', () => undefined); // EPIPE: the remote ended early and its exit code says why
      const source = request.stdin?.[Symbol.asyncIterator]();
      let fed = 0;
      while (source) {
        const next = await Promise.race([source.next(), exit]);
        if (typeof next === 'number' || next.done === true || child.stdin.destroyed) return;
        const part = next.value.subarray(0, (stdinCut?.afterBytes ?? Infinity) - fed);
        fed += part.length;
        if (!child.stdin.write(part)) {
          await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), exit]);
        }
        if (fed !== stdinCut?.afterBytes) continue;
        if (stdinCut.how === 'close') await new Promise<void>((resolve) => child.stdin.end(resolve));
        else if (stdinCut.how === 'kill') drop();
        else this.#left.push(child.pid ?? 0);
        dropped = true;
        throw fedUntilCut;
      }
      // Never end(): a v4 server cannot half-close, so scripts must not wait for the end of their input.
    };
    // What the pod does not know of the drop goes on; so does a command whose stdin has ended, with what it has read.
    let left: StdinCut['how'] | undefined;
    try {
      await Promise.all([feed(), pipe(child.stdout, request.stdout, true), pipe(child.stderr, request.stderr, false)]);
      const exitCode = await exit;
      request.signal?.throwIfAborted();
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the pipes above
      if (dropped) throw new ExecError('LOST', 'The connection was cut by the test.');
      return { exitCode };
    } catch (error) {
      if (error === fedUntilCut) left = stdinCut?.how;
      if (left !== 'silence' && left !== 'close') drop();
      throw error;
    } finally {
      request.signal?.removeEventListener('abort', drop);
      if (left !== 'silence') child.stdin.destroy();
    }
  }

  /** Ends what the pod still runs and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of ['pid', 'sup']) {
      const text = await readFile(this.state(name), 'utf8').catch(() => '');
      const pid = Number(text.split(' ')[0]);
      // The command leads its group; the supervisor is no leader.
      if (Number.isInteger(pid) && pid > 1) spawnSync('kill', ['-KILL', '--', `-${pid}`, String(pid)]);
    }
    // A supervisor that has not written its number yet, and what a command left in a session of its own.
    for (const group of this.#left) spawnSync('kill', ['-KILL', '--', `-${group}`]);
    await endProcessesOf(this.root);
    await rm(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
