/** The built command line as a child process, with a home, a working directory and a kubeconfig of its own. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RunEvent, RunSummary } from '#runner/model';
import { root } from '../../../scripts/build/bundles.ts';
import { withLock } from '../../../scripts/machine/lock.ts';
import { findFaults } from '../../../scripts/build/record.ts';
import { testCluster } from './cluster.ts';
import { deletePods } from './leftovers.ts';

/** The built command line. */
export const cli = join(root, 'dist', 'cli.js');

/** A task file whose command is a shell script, in an image that the node has. */
export function shellTask(script: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    platform: 'linux',
    image_resource: {
      type: 'registry-image',
      source: { repository: 'docker.io/library/busybox', tag: 'musl' },
    },
    run: { path: 'sh', args: ['-c', script] },
    ...more,
  });
}

/** Inputs or outputs of a task file. */
export function named(...names: readonly string[]): { name: string }[] {
  return names.map((name) => ({ name }));
}

/** The id in `executing run ID in …`. */
export function runOf({ stdout }: Pick<Ended, 'stdout'>): string {
  return /^executing run (\S+) in /mu.exec(stdout)?.[1] ?? '';
}

/** Builds `dist/` unless it is what today's sources give; once, when several test files ask for it. */
export async function buildCli(): Promise<void> {
  await withLock(join(root, 'dist'), buildIfStale, 120_000);
}

async function buildIfStale(): Promise<void> {
  const faults = await findFaults(join(root, 'dist'));
  if (faults.every((fault) => fault.endsWith('not minified'))) return;
  const build = spawn(process.execPath, [join(root, 'scripts', 'build.ts')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(build.stderr);
  const code = await ended(build);
  if (code !== 0) throw new Error(`The build ended with ${code}:\n${await said}`);
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code: number | null) => resolve(code ?? -1));
  });
}

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that goes on; disposing kills it. */
export class CliProcess implements Disposable {
  readonly done: Promise<Ended>;
  readonly #child: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';
  readonly #looks = new Set<() => void>();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout += chunk;
      for (const look of this.#looks) look();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk;
      for (const look of this.#looks) look();
    });
    // A process that has ended does not read: what it did not want to know is no error.
    child.stdin.on('error', () => child.stdin.destroy());
    this.done = ended(child).then((code) => ({ code, stdout: this.#stdout, stderr: this.#stderr }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Writes to its standard input, and ends that unless there is more to come. */
  type(input: string | Uint8Array, more = false): void {
    this.#child.stdin.write(input);
    if (!more) this.#child.stdin.end();
  }

  /** Waits until it has printed this on stdout or stderr. Rejects when it ends before. */
  async says(wanted: string): Promise<void> {
    const printed = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.#stdout.includes(wanted) && !this.#stderr.includes(wanted)) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
    await Promise.race([
      printed,
      this.done.then((end) => {
        if (!end.stdout.includes(wanted) && !end.stderr.includes(wanted)) {
          throw new Error(`It ended without '${wanted}': ${JSON.stringify(end, undefined, 2)}`);
        }
      }),
    ]);
  }

  /** Sends a signal, as Ctrl-C does. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  [Symbol.dispose](): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
  }
}

/** The events of `--events`. @throws SyntaxError when a line is no JSON */
export function eventsOf(stdout: string): RunEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
}

/** What a call may have beside its arguments. */
export interface CallOptions {
  /** Fed to stdin, which then ends; without it stdin is empty. */
  readonly input?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A user's place: working directory and state. Disposing removes both, and the pods of runs that were started from here. */
export class CliHome implements AsyncDisposable {
  /** Working directory. */
  readonly cwd: string;
  /** `$XDG_STATE_HOME`: records and logs are in `tarmac/` of it. */
  readonly state: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #namespace: string;
  readonly #processes: CliProcess[] = [];

  private constructor(cwd: string, state: string, kubeconfig: string, namespace: string) {
    this.cwd = cwd;
    this.state = state;
    this.#namespace = namespace;
    this.#env = {
      PATH: process.env['PATH'],
      HOME: state,
      XDG_STATE_HOME: state,
      XDG_CACHE_HOME: state,
      KUBECONFIG: kubeconfig,
      NO_PROXY: '*',
      LANG: 'C.UTF-8',
    };
  }

  /** @param kubeconfig that of the ordinary user when absent */
  static async open(kubeconfig?: string): Promise<CliHome> {
    const { userKubeconfig, namespace } = await testCluster();
    const folder = await mkdtemp(join(tmpdir(), 'tarmac-cli-'));
    await Promise.all(['cwd', 'state'].map((name) => mkdir(join(folder, name))));
    return new CliHome(join(folder, 'cwd'), join(folder, 'state'), kubeconfig ?? userKubeconfig, namespace);
  }

  /** Writes files below the working directory. A name that ends with `/` is a folder. */
  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.cwd, name);
      await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
      if (!name.endsWith('/')) await writeFile(path, content);
    }
  }

  /** Starts `tarmac` and does not wait; its stdin stays open. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
    return this.#spawn(process.execPath, [cli, ...args], env);
  }

  /** Starts a shell script below a terminal of its own, in which `tarmac` is the built command. */
  startInTerminal(script: string): CliProcess {
    const text = `tarmac() { '${process.execPath}' '${cli}' "$@"; }; ${script}`;
    return this.#spawn('script', ['-qec', text, '/dev/null'], { TERM: 'xterm', SHELL: '/bin/sh' });
  }

  /** Runs `tarmac` to its end. */
  async call(args: readonly string[], { input, env }: CallOptions = {}): Promise<Ended> {
    const child = this.start(args, env);
    child.type(input ?? '');
    return child.done;
  }

  /** What `tarmac runs` lists of the runs that were started here, newest first; others use the same namespace. */
  async listedRuns(): Promise<RunSummary[]> {
    const { stdout } = await this.call(['runs', '--json']);
    return (JSON.parse(stdout) as RunSummary[]).filter(({ elsewhere }) => !elsewhere);
  }

  /** Ids of the runs that were started here. */
  async runs(): Promise<string[]> {
    try {
      return await readdir(join(this.state, 'tarmac', 'runs'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#processes) each[Symbol.dispose]();
    await Promise.all(this.#processes.map(({ done }) => done));
    await Promise.all((await this.runs()).map((run) => deletePods(run, this.#namespace)));
    await rm(dirname(this.cwd), { recursive: true, force: true });
  }

  #spawn(program: string, args: readonly string[], env: Readonly<Record<string, string>>): CliProcess {
    const child = new CliProcess(spawn(program, args, { cwd: this.cwd, env: { ...this.#env, ...env } }));
    this.#processes.push(child);
    return child;
  }
}
