/** A run on doubles: a cluster in memory, a store that works or fails, and a folder for what the run writes. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, Run, RunEvent, RunnerContext } from '#runner/model';
import { startRun } from '#internal/runner/src/run/execute.ts';
import type { RunRecord } from '#internal/runner/src/records/record.ts';
import type { InputDelivery } from '#internal/runner/src/artifacts/input-delivery.ts';
import { fakeDelivery } from './fake-delivery.ts';
import { scriptOf } from './exec-script.ts';
import { FakeCluster } from './fake-cluster.ts';
import { aPlan } from './plans.ts';

/** Everything of one test; disposing removes the folder. */
export class RunScene implements AsyncDisposable {
  readonly cluster = new FakeCluster();
  readonly events: RunEvent[] = [];
  readonly root: string;
  readonly context: RunnerContext;
  delivery: InputDelivery = fakeDelivery();

  private constructor(root: string) {
    this.root = root;
    this.context = {
      cluster: this.cluster,
      stateDir: join(root, 'state'),
      onEvent: (event) => void this.events.push(event),
    };
  }

  /** A cluster whose pods run as soon as they are created, and a claim. */
  static async create(): Promise<RunScene> {
    const scene = new RunScene(await mkdtemp(join(tmpdir(), 'tarmac-run-')));
    await mkdir(scene.input);
    await writeFile(join(scene.input, 'hello.txt'), 'hello\n');
    scene.cluster.claims.set('tarmac-artifacts', {
      metadata: { name: 'tarmac-artifacts', uid: 'claim-uid' },
      status: { phase: 'Bound' },
    });
    scene.cluster.podScript = (pod, cluster) => void cluster.startPod(pod.metadata?.name ?? '');
    scene.cluster.onExec('*', () => 0);
    return scene;
  }

  /** A local directory with one file. */
  get input(): string {
    return join(this.root, 'src');
  }

  /** A plan with one input and one output; `changes` replaces parts of it. */
  plan(changes: Partial<Plan> = {}): Plan {
    const { workDir } = aPlan();
    return aPlan({
      inputs: [
        {
          name: 'src',
          path: `${workDir}/src`,
          volume: 'input-0',
          source: { kind: 'directory', directory: this.input },
        },
      ],
      outputs: [{ name: 'out', path: `${workDir}/out`, volume: 'output-0', target: join(this.root, 'out') }],
      ...changes,
    });
  }

  start(changes: Partial<Plan> = {}): Run {
    return startRun(this.plan(changes), this.context, () => this.delivery);
  }

  /** Events by type, in order; repeated ones once. */
  get told(): string[] {
    return this.events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
  }

  /** Settles when an event of this type has come. */
  async until(type: RunEvent['type'], matches: (event: RunEvent) => boolean = () => true): Promise<void> {
    while (!this.events.some((event) => event.type === type && matches(event))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The exec calls as `container: script or step`. */
  get execs(): string[] {
    return this.cluster.calls.flatMap(({ method, container, command }) =>
      method === 'exec' ? [`${container ?? ''}: ${scriptOf(command ?? [])[0] ?? 'probe'}`] : [],
    );
  }

  async record(run = aPlan().run): Promise<RunRecord> {
    return JSON.parse(await this.file(join('runs', run, 'record.json'))) as RunRecord;
  }

  /** A file below the state folder. */
  async file(path: string): Promise<string> {
    return await readFile(join(this.context.stateDir, path), 'utf8');
  }

  /** What is wrong with the spans: not ended, ended twice, or ended after the run. Empty when all is well. */
  get spanFaults(): string[] {
    const open = new Map<number, string>();
    const faults: string[] = [];
    let finished = false;
    for (const event of this.events) {
      if (event.type === 'finished') finished = true;
      if (event.type === 'span-started') open.set(event.span, event.label);
      if (event.type !== 'span-ended') continue;
      if (!open.delete(event.span)) faults.push(`${event.label} ended twice`);
      if (finished) faults.push(`${event.label} ended after the run`);
    }
    return [...faults, ...[...open.values()].map((label) => `${label} never ended`)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
