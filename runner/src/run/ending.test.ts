import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import type { RunEvent, RunStatus } from '../model/events.ts';
import type { Plan } from '../model/plan.ts';
import { podName } from '../pod/names.ts';
import { markAborted } from '../records/abort-mark.ts';
import type { RunRecord } from '../records/record.ts';
import { FakeCommand, type FakeCommandOptions } from '../../../test/fakes/fake-command.ts';
import { failingDelivery, fakeDelivery } from '../../../test/fakes/fake-delivery.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { attachRun } from './attach.ts';
import { parseExit } from './recover.ts';
import type { Run, RunResult } from '../model/run.ts';

const { run: id } = aPlan();

/** What a person reads of the end of a run. */
function told(result: RunResult, events: readonly RunEvent[]): unknown {
  return {
    status: result.status,
    exitCode: result.exitCode,
    failure: result.failure?.kind,
    failures: events.flatMap((event) => (event.type === 'failure' ? [event.failure.kind] : [])),
    hints: events.flatMap((event) => (event.type === 'command-ended' ? [event.hint] : [])),
    cut: events.flatMap((event) => (event.type === 'note' && event.message.includes('was cut') ? [event.message] : [])),
  };
}

interface Ending {
  readonly ending: string;
  readonly command: FakeCommandOptions;
  readonly lost?: true;
  readonly expected: object;
}

const memory = "The task's container needed more than the memory of its node";
const plain = { failure: undefined, failures: [], hints: [undefined], cut: [] };

const endings: readonly Ending[] = [
  { ending: 'success', command: {}, expected: { status: 'succeeded', exitCode: 0, ...plain } },
  { ending: 'an exit code', command: { exitCode: 3 }, expected: { status: 'failed', exitCode: 3, ...plain } },
  {
    ending: 'out of memory',
    command: { exitCode: 137, oomKills: 1 },
    expected: {
      ...plain,
      status: 'failed',
      exitCode: 137,
      failure: 'out-of-memory',
      failures: ['out-of-memory'],
      hints: [memory],
    },
  },
  {
    ending: 'a process of it out of memory, and it went on',
    command: { oomKills: 1 },
    expected: { ...plain, status: 'succeeded', exitCode: 0, hints: [memory] },
  },
  {
    ending: 'its output was cut',
    command: { capped: 'out+err' },
    expected: {
      ...plain,
      status: 'succeeded',
      exitCode: 0,
      cut: ['stdout', 'stderr'].map((each) => `the ${each} of the command went beyond the limit and was cut`),
    },
  },
  {
    ending: 'its time limit',
    command: { exitCode: 143, cancelled: 'timeout' },
    expected: {
      ...plain,
      status: 'failed',
      exitCode: undefined,
      failure: 'deadline-exceeded',
      failures: ['deadline-exceeded'],
    },
  },
  {
    ending: 'somebody else aborted it',
    command: { exitCode: 143, cancelled: 'abort' },
    expected: { ...plain, status: 'aborted', exitCode: 143 },
  },
  {
    ending: 'its output could not be fetched',
    command: {},
    lost: true,
    expected: {
      ...plain,
      status: 'errored',
      exitCode: 0,
      failure: 'download-failed',
      failures: ['download-failed'],
    },
  },
];

/** Starts the command of the ending, endless until it is told to end as the ending has it. */
async function begun(scene: RunScene, { command, lost }: Ending): Promise<{ run: Run; end: () => void }> {
  const { exitCode = 0, ...options } = command;
  const played = new FakeCommand(scene.cluster, { endless: true, ...options });
  scene.delivery = lost ? failingDelivery() : fakeDelivery();
  const run = scene.start({ store: { kind: 'direct' } });
  await run.started;
  return { run, end: () => played.end(exitCode) };
}

/** A second client: its run, and what it was told. */
async function another(scene: RunScene, elsewhere = false): Promise<{ run: Run; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const stateDir = elsewhere ? join(scene.root, 'elsewhere') : scene.context.stateDir;
  const context = { ...scene.context, stateDir, onEvent: (event: RunEvent) => void events.push(event) };
  return { run: await attachRun(id, context, (_record, shell) => scene.delivery.storeIn(shell)), events };
}

describe.each(endings)('a run that ends: $ending', (ending) => {
  test('is told by the client that started it', async () => {
    await using scene = await RunScene.create();
    const { run, end } = await begun(scene, ending);
    end();
    expect(told(await run.done, scene.events)).toEqual(ending.expected);
  });

  test('is told alike by one that took it up again, and to whoever asks later', async () => {
    await using scene = await RunScene.create();
    const { run, end } = await begun(scene, ending);
    await run.detach();
    const taken = await another(scene);
    end();
    expect(told(await taken.run.done, taken.events)).toEqual(ending.expected);
    const later = await another(scene);
    expect(told(await later.run.done, later.events)).toEqual({ ...ending.expected, hints: [], cut: [] });
  });

  test('is told alike to one that looks on', async () => {
    await using scene = await RunScene.create();
    const { run, end } = await begun(scene, ending);
    const looking = await another(scene);
    end();
    const [, result] = await Promise.all([run.done, looking.run.done]);
    expect(told(result, looking.events)).toEqual(ending.expected);
  });
});

/** What is seen of a run that somebody sees to: its result, what it told, what it left on the disk and in the cluster. */
interface Seen {
  readonly result: Partial<RunResult>;
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly record: Partial<RunRecord>;
  readonly phases: readonly string[];
  readonly pods: readonly string[];
  readonly last: string | undefined;
}

interface Way {
  readonly way: string;
  /** Begins the run with this plan; what comes is told in the scene's events. */
  readonly begin: (scene: RunScene, plan: Partial<Plan>) => Promise<Run>;
}

const direct = { store: { kind: 'direct' } } as const;

const ways: readonly [Way, Way] = [
  {
    way: 'started here',
    async begin(scene, plan) {
      const run = scene.start({ ...direct, ...plan });
      await run.started;
      return run;
    },
  },
  {
    way: 'taken up',
    async begin(scene, plan) {
      const run = scene.start({ ...direct, ...plan });
      await run.started;
      await run.detach();
      scene.events.length = 0;
      const taken = await attachRun(id, scene.context, (_record, shell) => scene.delivery.storeIn(shell));
      await scene.until('span-started', (event) => event.type === 'span-started' && event.label === 'run');
      return taken;
    },
  },
];

async function seen(scene: RunScene, run: Run): Promise<Seen> {
  const told = await run.done;
  const { status, exitCode, failure, saved, client, endedAt, phases = [] } = await scene.record();
  const labels = phases.map(({ label }) => label);
  return {
    result: { ...told, phases: [], sent: 0 },
    failures: scene.events.flatMap((event) => (event.type === 'failure' ? [event.failure.kind] : [])),
    warnings: scene.events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    notes: scene.events.flatMap((event) => (event.type === 'note' ? [event.message] : [])),
    record: {
      ...(status === undefined ? {} : { status }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(failure === undefined ? {} : { failure }),
      ...(saved === undefined ? {} : { saved }),
      ...(client === undefined ? {} : { client }),
      ...(endedAt === undefined ? {} : { endedAt: 'told' }),
    },
    phases: labels.slice(labels.indexOf('run')),
    pods: scene.cluster.podNames,
    last: scene.events.at(-1)?.type,
  };
}

interface BothWays {
  readonly ending: string;
  readonly command?: FakeCommandOptions;
  readonly plan?: Partial<Plan>;
  readonly store?: RunScene['delivery'];
  /** Before the command ends, while it is followed; `end` lets it end. */
  readonly act?: (scene: RunScene, run: Run, end: () => void) => void | Promise<void>;
  readonly status: RunStatus;
  readonly exitCode?: number;
  readonly failure?: string;
  readonly pods?: readonly string[];
  readonly last?: string;
}

const pod = podName(id);
const forbidden = new ApiError({ code: 403, message: 'no', verb: 'delete', resource: 'pods' });

const both: readonly BothWays[] = [
  ...endings.map(({ ending, command, lost, expected }): BothWays => {
    const { status, exitCode, failure } = expected as { status: RunStatus; exitCode?: number; failure?: string };
    return {
      ending,
      command,
      status,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(failure === undefined ? {} : { failure }),
      ...(lost && { store: failingDelivery() }),
    };
  }),
  {
    ending: 'its output could not be saved',
    store: failingDelivery('save-output', 'NO_SPACE'),
    status: 'errored',
    exitCode: 0,
    failure: 'store-full',
  },
  {
    ending: 'its pod may not be deleted',
    act(scene, _run, end) {
      scene.cluster.failNext('deletePod', forbidden);
      end();
    },
    status: 'succeeded',
    exitCode: 0,
    failure: 'forbidden',
    pods: [pod],
  },
  { ending: 'its pod is kept', plan: { keepMs: 60_000 }, status: 'succeeded', exitCode: 0, pods: [pod] },
  {
    ending: 'whoever holds it has its pod kept',
    act(_scene, run, end) {
      run.keep(60_000);
      end();
    },
    status: 'failed',
    command: { exitCode: 2 },
    exitCode: 2,
    pods: [pod],
  },
  {
    ending: 'it is aborted, and chooses its code',
    command: { cancelCode: 7 },
    act: (_scene, run) => run.abort(),
    status: 'aborted',
    exitCode: 7,
  },
  {
    ending: 'it is aborted, though its pod was to be kept',
    plan: { keepMs: 60_000 },
    act: (_scene, run) => run.abort(),
    status: 'aborted',
    exitCode: 143,
  },
  {
    ending: 'it is aborted twice, and survives KILL',
    command: { killCode: 1 },
    act(_scene, run) {
      run.abort();
      run.abort();
    },
    status: 'aborted',
  },
  {
    ending: 'it is aborted and then left: it does not go on',
    command: { killCode: 1 },
    async act(_scene, run) {
      run.abort();
      await run.detach();
    },
    status: 'aborted',
  },
  {
    ending: 'it is left: it goes on, and nobody owns it any more',
    act: (_scene, run) => run.detach(),
    status: 'succeeded',
    pods: [pod],
    last: 'left',
  },
  {
    ending: 'its pod is deleted',
    act(scene) {
      scene.cluster.removePod(pod);
    },
    status: 'errored',
    failure: 'pod-deleted',
  },
  {
    ending: 'another process aborted it and deleted its pod',
    async act(scene) {
      await markAborted(scene.context.stateDir, id);
      scene.cluster.removePod(pod);
    },
    status: 'aborted',
  },
];

describe('every ending, both ways', () => {
  test.each(both)(
    '$ending: $status',
    async ({ command = {}, plan = {}, store, act, status, exitCode, failure, ...more }) => {
      const found: Seen[] = [];
      for (const { begin } of ways) {
        await using scene = await RunScene.create();
        if (store) scene.delivery = store;
        const { exitCode: code = 0, ...options } = command;
        const played = new FakeCommand(scene.cluster, { endless: true, ...options });
        const run = await begin(scene, { keepMs: 0, ...plan });
        const end = (): void => played.end(code);
        if (act) await act(scene, run, end);
        else end();
        found.push(await seen(scene, run));
        expect([scene.spanFaults, scene.cluster.watching]).toEqual([[], 0]);
      }
      const [started, taken] = found;
      expect(taken).toEqual(started);
      expect(started).toMatchObject({
        result: { status, ...(exitCode === undefined ? {} : { exitCode }) },
        pods: more.pods ?? [],
        record: more.last === 'left' ? {} : { status, endedAt: 'told' },
      });
      expect([started?.result.failure?.kind, started?.record.failure?.kind]).toEqual([failure, failure]);
      expect(started?.record.client).toBeUndefined();
      if (more.last === 'left') expect([started?.record.status, started?.last]).not.toContain('finished');
      else expect(started?.last).toBe('finished');
    },
  );

  test('a secret in a failure is told and written down by neither', async () => {
    const secret = 's3cr3t-value';
    for (const { begin } of ways) {
      await using scene = await RunScene.create();
      const command = new FakeCommand(scene.cluster, { endless: true });
      const run = await begin(scene, { secrets: [secret] });
      scene.cluster.failNext(
        'deletePod',
        new ApiError({ code: 403, message: secret, verb: 'delete', resource: 'pods' }),
      );
      command.end();
      const result = await run.done;
      expect(result.failure?.kind).toBe('forbidden');
      expect(JSON.stringify([result, await scene.record(), scene.events])).not.toContain(secret);
    }
  });
});

test('the start of a run whose command never runs is not told before its end', async () => {
  await using scene = await RunScene.create();
  scene.cluster.failNext('createPod', forbidden);
  const run = scene.start(direct);
  const first = Promise.race([run.started.then(() => 'started'), run.done.then(() => 'done')]);
  expect([(await run.done).status, await first]).toEqual(['errored', 'done']);
  await run.started;
});

test.each([
  ['0 1700000000 12', { exitCode: 0, durationMs: 120, oomKills: 0, memoryLimit: undefined }],
  ['137 1700000000 12 1 67108864\nmore', { exitCode: 137, oomKills: 1, memoryLimit: 67_108_864 }],
  ['1 1700000000 12 0 -1', { exitCode: 1, oomKills: 0, memoryLimit: undefined }],
  [
    `143 1700000000 12 0 0\n${' '.repeat(100)}\nend out+err abort\n`,
    { exitCode: 143, capped: ['stdout', 'stderr'], cancelled: 'abort' },
  ],
  ['143 1700000000 12 0 0\nend none timeout\n', { exitCode: 143, capped: [], cancelled: 'timeout' }],
  ['3 1700000000 12 0 0\nend +err none\n', { exitCode: 3, capped: ['stderr'], cancelled: undefined }],
  ['3 1700000000 12 0 0\nend of it all\n', { exitCode: 3, capped: [], cancelled: undefined }],
  ['', undefined],
  ['yes', undefined],
  ['999999 1 1 1 1', undefined],
] as const)('the kept exit record %j', (text, expected) => {
  const exit = parseExit(text);
  if (expected === undefined) expect(exit).toBeUndefined();
  else expect(exit).toMatchObject(expected);
});
