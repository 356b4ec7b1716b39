import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../model/events.ts';
import { FakeCommand, type FakeCommandOptions } from '../../../test/fakes/fake-command.ts';
import { failingArtifact, fakeArtifact } from '../../../test/fakes/fake-artifact.ts';
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
  scene.store = lost ? failingArtifact() : fakeArtifact();
  const run = scene.start({ store: { kind: 'direct' } });
  await run.started;
  return { run, end: () => played.end(exitCode) };
}

/** A second client: its run, and what it was told. */
async function another(scene: RunScene, elsewhere = false): Promise<{ run: Run; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const stateDir = elsewhere ? join(scene.root, 'elsewhere') : scene.context.stateDir;
  const context = { ...scene.context, stateDir, onEvent: (event: RunEvent) => void events.push(event) };
  return { run: await attachRun(id, context, () => Promise.resolve(scene.store)), events };
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

test.each([
  ['0 1700000000 12', { exitCode: 0, durationMs: 120, oomKills: 0, memoryLimit: undefined }],
  ['137 1700000000 12 1 67108864\nmore', { exitCode: 137, oomKills: 1, memoryLimit: 67_108_864 }],
  ['1 1700000000 12 0 -1', { exitCode: 1, oomKills: 0, memoryLimit: undefined }],
  ['', undefined],
  ['yes', undefined],
  ['999999 1 1 1 1', undefined],
] as const)('the kept exit record %j', (text, expected) => {
  const exit = parseExit(text);
  if (expected === undefined) expect(exit).toBeUndefined();
  else expect(exit).toMatchObject(expected);
});
