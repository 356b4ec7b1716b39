/** One run of the chaos: the user's place, the way to the cluster, and what was done, for faults to act in. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChaosProxy } from '../../test/cluster/support/chaos-proxy.ts';
import { CliHome, type CliProcess, type Ended } from '../../test/cluster/support/cli.ts';
import { serverOf, withServer } from '../../test/cluster/support/run.ts';
import { ApiFront } from './api-front.ts';
import { Dice } from './dice.ts';
import type { ChaosStore, Field } from './field.ts';
import type { ChaosPlan } from './plan.ts';
import type { Setup } from './setup.ts';
import { jobText, taskText, writeInput } from './workload.ts';

/** One line of the history. */
export interface Happened {
  /** Milliseconds since the scene was opened. */
  readonly ms: number;
  readonly what: string;
  readonly detail?: unknown;
}

/** Whoever opens one disposes of it: nothing of it is left then. */
export class Scene implements AsyncDisposable {
  readonly plan: ChaosPlan;
  readonly fault: Setup;
  readonly field: Field;
  readonly dice: Dice;
  readonly home: CliHome;
  readonly store: ChaosStore | undefined;
  readonly history: Happened[] = [];
  /** Facts that a fault notes for its own `expected`. */
  readonly notes = new Map<string, unknown>();
  /** Runs before the one that is checked. */
  readonly earlier = new Set<string>();
  /** What is added to the environment of each command. */
  readonly env: Record<string, string>;
  /** Temporary files of all commands. */
  readonly temporary: string;
  readonly #proxy: ChaosProxy | undefined;
  readonly #front: ApiFront | undefined;
  readonly #stack: AsyncDisposableStack;
  readonly #began = performance.now();
  #client: CliProcess | undefined;

  private constructor(
    given: Pick<Scene, 'plan' | 'fault' | 'field' | 'home' | 'store' | 'temporary'>,
    wires: { proxy?: ChaosProxy; front?: ApiFront },
    stack: AsyncDisposableStack,
  ) {
    this.plan = given.plan;
    this.fault = given.fault;
    this.field = given.field;
    this.home = given.home;
    this.store = given.store;
    this.temporary = given.temporary;
    this.dice = new Dice(given.plan.seed, given.plan.run + 1_000_000);
    this.env = { TMPDIR: given.temporary };
    this.#proxy = wires.proxy;
    this.#front = wires.front;
    this.#stack = stack;
  }

  static async open(plan: ChaosPlan, fault: Setup, field: Field): Promise<Scene> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'tarmac-chaos-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const given = field.cluster.userKubeconfig;
    let kubeconfig = given;
    const wires: { proxy?: ChaosProxy; front?: ApiFront } = {};
    if (fault.wire === 'tcp') {
      wires.proxy = stack.use(await ChaosProxy.open(await serverOf(given)));
      kubeconfig = await withServer(given, wires.proxy.url, folder);
    } else if (fault.wire === 'http') {
      wires.front = stack.use(await ApiFront.open(given));
      kubeconfig = await wires.front.kubeconfig(join(folder, 'kubeconfig'));
    }
    const store = plan.store === 'claim' ? stack.use(await field.openStore(fault.isSmall === true)) : undefined;
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    // Last opened, first closed: its processes and pods end before the claim and the way to the cluster go.
    const home = stack.use(await CliHome.open(kubeconfig));
    await writeInput(join(home.cwd, 'src'), plan);
    const rest = fault.rest ?? 'copy';
    if (plan.what === 'job') await home.write({ 'ci.yml': jobText(plan, rest === 'endless' ? 'endless' : 'copy') });
    else await home.write({ 'task.yml': taskText(plan, rest) });
    return new Scene({ plan, fault, field, home, store, temporary }, wires, stack.move());
  }

  get proxy(): ChaosProxy {
    if (!this.#proxy) throw new Error('This fault has no TCP proxy.');
    return this.#proxy;
  }

  get front(): ApiFront {
    if (!this.#front) throw new Error('This fault has no HTTP front.');
    return this.#front;
  }

  /** How often the way to the cluster was harmed. */
  get harmed(): number | undefined {
    return this.#proxy?.harmed ?? this.#front?.dealt;
  }

  /** From now on the way to the cluster is in order. */
  calm(): void {
    if (this.#front) this.#front.rule = undefined;
    if (!this.#proxy) return;
    Object.assign(this.#proxy, { plan: undefined, delayMs: 0, isAway: false });
    this.#proxy.flow();
  }

  /** The command that follows the run at the moment. */
  get client(): CliProcess {
    if (!this.#client) throw new Error('No command has begun.');
    return this.#client;
  }

  /** Writes into the history. */
  note(what: string, detail?: unknown): void {
    const ms = Math.round(performance.now() - this.#began);
    this.history.push({ ms, what, ...(detail === undefined ? {} : { detail }) });
  }

  /** What the user types first. */
  get firstCommand(): string[] {
    const { plan, store } = this;
    const where = store ? ['--claim', store.claim] : ['--no-claim'];
    const flags = this.fault.flags ?? [];
    if (plan.what === 'job') return ['job', '-c', 'ci.yml', '-j', 'unit', ...where, ...flags];
    const target = flags.includes('--background') ? [] : ['-o', 'out=out'];
    return ['execute', '-c', 'task.yml', '-i', 'src=src', `--${plan.shows}`, ...target, ...where, ...flags];
  }

  /** Starts a command, which then is the one that follows. */
  start(args: readonly string[]): CliProcess {
    this.note('command', args.join(' '));
    const client = this.home.start(args, this.env);
    client.type('');
    this.#client = client;
    return client;
  }

  /** Runs a command to its end, beside the one that follows. */
  async call(args: readonly string[]): Promise<Ended> {
    this.note('command', args.join(' '));
    const end = await this.home.call(args, { env: this.env });
    this.note('ended', { args: args[0], code: end.code, stderr: end.stderr.slice(-600) });
    return end;
  }

  /** Attaches until the end. */
  async attach(): Promise<Ended> {
    const id = await this.id();
    const flags = this.plan.what === 'task' ? ['--quiet'] : [];
    this.notes.set('attached', true);
    const client = this.start(['attach', id, ...flags]);
    return client.done;
  }

  /** Id of the run or of the job; empty when there is none. */
  async id(): Promise<string> {
    if (this.plan.what === 'task') return (await this.home.runs()).find((run) => !this.earlier.has(run)) ?? '';
    const said = /^job (\S+)$/mu.exec(this.client.stderr)?.[1];
    if (said !== undefined) this.notes.set('job', said);
    return (this.notes.get('job') as string | undefined) ?? '';
  }

  /** Waits until the following command prints this. False when it ends before. */
  async says(word: string): Promise<boolean> {
    try {
      await this.client.says(word);
      return true;
    } catch {
      return false;
    }
  }

  /** Waits until the first run has a record. False when the command ends before. */
  async hasRun(): Promise<boolean> {
    const ended = this.client.done.then(() => true);
    const has = async (): Promise<boolean> => (await this.home.runs()).length > this.earlier.size;
    while (!(await has())) if (await Promise.race([ended, delay(50, false)])) return has();
    return true;
  }

  /** Waits for the first line of the command. False when there is none. */
  async begins(): Promise<boolean> {
    return this.says(this.plan.what === 'task' ? 'out 1 ' : '] out 1 ');
  }

  /** A moment anywhere in the run: before its command, or within it. False when it has ended by then. */
  async moment(): Promise<boolean> {
    const early = this.dice.chance(0.4);
    const wait = this.dice.between(0, early ? 9000 : 3500);
    if (!early && !(await this.begins())) return false;
    const ended = this.client.done.then(() => true);
    const isOver = await Promise.race([ended, delay(wait, false)]);
    this.note('moment', { after: early ? 'start' : 'first line', wait, isOver });
    return !isOver;
  }

  /** Content of the record of a run on this machine. */
  async record(run: string): Promise<RecordFound | undefined> {
    try {
      const path = join(this.home.state, 'tarmac', 'runs', run, 'record.json');
      return JSON.parse(await readFile(path, 'utf8')) as RecordFound;
    } catch {
      return undefined;
    }
  }

  /** Folder above working directory and state. */
  get folder(): string {
    return dirname(this.home.cwd);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.calm();
    await this.#stack.disposeAsync();
  }
}

/** The fields of a record that are checked. */
export interface RecordFound {
  readonly run: string;
  readonly task: string;
  readonly status?: string;
  readonly exitCode?: number;
  readonly commandStartedAt?: string;
  readonly failure?: { readonly kind: string; readonly title: string };
}
