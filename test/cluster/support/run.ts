/** Runs tasks against the real cluster through the runner's API, as a view or the command line would, and keeps what they tell. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { decodeTask } from '#concourse';
import {
  type Cluster,
  localFiles,
  openCluster,
  plan,
  type Plan,
  type PlannedStore,
  type Run,
  type RunEvent,
  type RunnerContext,
  type RunRequest,
  type RunResult,
  startRun,
} from '#runner';
import type { ExecTuning } from '#internal/runner/src/cluster/exec/exec.ts';
import { testCluster, type TestCluster } from './cluster.ts';
import { deletePods, expectNothingLeft } from './leftovers.ts';

/** The image of a task that names none: small, and on the node already. */
export const busybox = 'docker.io/library/busybox:musl';
/** glibc, bash, and a user `app` (uid 1000); `debian:app` has that user as its USER. */
export const debian = { root: 'docker.io/library/debian:bookworm', app: 'docker.io/library/debian:app' } as const;

/** One run of a task, written down as shortly as a test allows. */
export interface TaskRun {
  /** The command is this shell script. Instead: `task.run`. */
  readonly sh?: string;
  /** Default: {@link busybox}. */
  readonly image?: string;
  /** Further keys of the task file, as YAML would have them. */
  readonly task?: Readonly<Record<string, unknown>>;
  /** `-i`: files of each input by path, written to a new folder. A name that ends with `/` is an empty folder. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>;
  /** `-o`: outputs to download, each into a new folder. */
  readonly download?: readonly string[];
  /** Default: the claim of the test cluster. */
  readonly store?: PlannedStore;
  /** Anything else of the request. */
  readonly request?: Partial<RunRequest>;
}

/** What a run told until now, and where its files are. */
export interface Watched {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Folders of downloaded outputs by name. */
  readonly targets: Readonly<Record<string, string>>;
}

/** A run that has ended. */
export interface Finished extends Watched {
  readonly result: RunResult;
}

/** A run that goes on. Whoever holds it disposes of it: what is left of the run is removed, and that it is gone is checked. */
export class Started implements Watched, AsyncDisposable {
  readonly run: Run;
  readonly plan: Plan;
  readonly targets: Readonly<Record<string, string>>;
  readonly #story: Story;
  readonly #workbench: Workbench;
  #stays = false;

  constructor(run: Run, planned: Plan, targets: Readonly<Record<string, string>>, story: Story, workbench: Workbench) {
    this.run = run;
    this.plan = planned;
    this.targets = targets;
    this.#story = story;
    this.#workbench = workbench;
  }

  get events(): readonly RunEvent[] {
    return this.#story.events;
  }

  get stdout(): Buffer {
    return this.#story.output('stdout');
  }

  get stderr(): Buffer {
    return this.#story.output('stderr');
  }

  /** The first event of this type that fits. Rejects when the run ends without one. */
  async event<Type extends RunEvent['type']>(
    type: Type,
    fits: (event: Extract<RunEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<RunEvent, { type: Type }>> {
    const wanted = (event: RunEvent): event is Extract<RunEvent, { type: Type }> =>
      event.type === type && fits(event as Extract<RunEvent, { type: Type }>);
    return await Promise.race([
      this.#story.first(wanted),
      this.run.done.then((result) => lastChance(this.#story, wanted, type, result)),
    ]);
  }

  /** Waits until the command has written this text to stdout. */
  async says(text: string): Promise<void> {
    await this.event('output', () => this.stdout.includes(text));
  }

  /** Waits for the end. */
  async finished(): Promise<Finished> {
    const result = await this.run.done;
    const { plan: planned, events, stdout, stderr, targets } = this;
    return { plan: planned, events, stdout, stderr, targets, result };
  }

  /** Leaves it running in the background. A test that ends before somebody has taken it up does not leave it behind. */
  async detach(): Promise<void> {
    this.#stays = true;
    await this.run.started;
    await this.run.detach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run[Symbol.asyncDispose]();
    this.#stays ||= this.events.some(({ type }) => type === 'pod-kept');
    if (this.#stays) await deletePods(this.plan.run, this.#workbench.namespace);
    await expectNothingLeft(this.plan.run, this.#workbench.namespace);
  }
}

function lastChance<Event extends RunEvent>(
  story: Story,
  wanted: (event: RunEvent) => event is Event,
  type: string,
  result: RunResult,
): Event {
  const found = story.events.find(wanted);
  if (found) return found;
  throw new Error(`The run ended without the wanted '${type}': ${JSON.stringify(result, undefined, 2)}`);
}

/** Collects events and whoever waits for one. */
export class Story {
  readonly events: RunEvent[] = [];
  readonly #waiting = new Set<() => void>();

  readonly take = (event: RunEvent): void => {
    this.events.push(event);
    for (const look of this.#waiting) look();
  };

  /** What arrived of a stream, in the order of arrival. */
  output(stream: 'stdout' | 'stderr'): Buffer {
    return Buffer.concat(
      this.events.flatMap((event) => (event.type === 'output' && event.stream === stream ? [event.data] : [])),
    );
  }

  /** The first event that fits, now or later. */
  first<Event extends RunEvent>(wanted: (event: RunEvent) => event is Event): Promise<Event> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.find(wanted);
        if (!found) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** How a workbench differs from that of the test cluster's ordinary user. */
export interface WorkbenchOptions {
  readonly kubeconfig?: (environment: TestCluster) => string;
  readonly namespace?: (environment: TestCluster) => string;
  /** URL of another way to the same API server: a proxy of the test, or one that leads nowhere. */
  readonly server?: string;
  /** How soon a silent exec stream counts as dead. */
  readonly exec?: Partial<ExecTuning>;
  /** Puts something between runner and cluster. */
  readonly wrap?: (cluster: Cluster) => Cluster;
}

/** A connection to the test cluster, and a folder for task inputs, outputs and the runner's state. */
export class Workbench implements AsyncDisposable {
  readonly environment: TestCluster;
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly folder: string;
  readonly stateDir: string;

  private constructor(environment: TestCluster, cluster: Cluster, folder: string) {
    this.environment = environment;
    this.cluster = cluster;
    this.namespace = cluster.target.namespace;
    this.folder = folder;
    this.stateDir = join(folder, 'state');
  }

  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const environment = await testCluster();
    const folder = await mkdtemp(join(tmpdir(), 'tarmac-run-'));
    const given = options.kubeconfig?.(environment) ?? environment.userKubeconfig;
    const cluster = await openCluster({
      kubeconfig: options.server === undefined ? given : await withServer(given, options.server, folder),
      ...(options.namespace ? { namespace: options.namespace(environment) } : {}),
      ...(options.exec ? { exec: options.exec } : {}),
      env: {},
    });
    return new Workbench(environment, options.wrap?.(cluster) ?? cluster, folder);
  }

  /** The context of a run whose events go to `story`. */
  context(story: Story): RunnerContext {
    return { cluster: this.cluster, stateDir: this.stateDir, onEvent: story.take };
  }

  /** What a user would ask for, with the folders of its inputs and outputs made. */
  async request(wanted: TaskRun): Promise<{ request: RunRequest; targets: Record<string, string> }> {
    const cwd = await mkdtemp(join(this.folder, 'cwd-'));
    const inputs = Object.entries(wanted.files ?? {}).map(([name]) => [name, join(cwd, 'in', name)] as const);
    for (const [name, directory] of inputs) await writeFiles(directory, wanted.files?.[name] ?? {});
    const targets = Object.fromEntries((wanted.download ?? []).map((name) => [name, join(cwd, 'out', name)]));
    const request: RunRequest = {
      document: decodeTask(taskText(wanted), { extensions: true }),
      taskFile: 'test.yml',
      cwd,
      inputs: Object.fromEntries(inputs),
      outputs: targets,
      environment: {},
      store: wanted.store ?? { kind: 'claim', claim: this.environment.claim },
      ...wanted.request,
    };
    return { request, targets };
  }

  /** Plans and starts a run. Throws when the plan finds problems. */
  async start(wanted: TaskRun): Promise<Started> {
    const { request, targets } = await this.request(wanted);
    const planned = plan(request, localFiles(this.stateDir));
    if ('problems' in planned) throw new Error(`no plan: ${JSON.stringify(planned.problems, undefined, 2)}`);
    const story = new Story();
    return new Started(startRun(planned.plan, this.context(story)), planned.plan, targets, story, this);
  }

  /** A run from its beginning to its end; afterwards nothing of it is in the cluster. */
  async run(wanted: TaskRun): Promise<Finished> {
    await using started = await this.start(wanted);
    return await started.finished();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A copy of a kubeconfig that goes to another URL. JSON is YAML too. */
export async function withServer(kubeconfig: string, server: string, folder: string): Promise<string> {
  const config = await readConfig(kubeconfig);
  for (const { cluster } of config.clusters) cluster.server = server;
  const path = join(folder, 'kubeconfig.json');
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** URL of the API server that a kubeconfig leads to. */
export async function serverOf(kubeconfig: string): Promise<string> {
  return (await readConfig(kubeconfig)).clusters[0]?.cluster.server ?? '';
}

async function readConfig(kubeconfig: string): Promise<{ clusters: { cluster: { server: string } }[] }> {
  return parse(await readFile(kubeconfig, 'utf8')) as { clusters: { cluster: { server: string } }[] };
}

/** The task file: JSON, which is YAML too. */
export function taskText({ sh, image = busybox, task = {} }: TaskRun): string {
  const tag = image.lastIndexOf(':');
  const source = { repository: image.slice(0, tag), tag: image.slice(tag + 1) };
  return JSON.stringify({
    platform: 'linux',
    image_resource: { type: 'registry-image', source },
    ...(sh === undefined ? {} : { run: { path: 'sh', args: ['-c', sh] } }),
    ...task,
  });
}

async function writeFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const at = join(directory, path);
    await mkdir(path.endsWith('/') ? at : dirname(at), { recursive: true });
    if (!path.endsWith('/')) await writeFile(at, content, content.toString().startsWith('#!') ? { mode: 0o755 } : {});
  }
}
