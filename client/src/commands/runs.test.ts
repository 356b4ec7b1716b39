/** The commands about runs, where somebody else works in the same namespace. */
import { afterEach, expect, test } from 'vitest';
import { forget, person } from '../../../test/fakes/vscode.ts';
import type { RunningParts } from '../parts.ts';
import { newRun, type RunModel } from '../runs/run-model.ts';
import { runCommands } from './runs.ts';

function aRun(run: string, facts: Partial<RunModel> = {}): RunModel {
  const where = { taskFile: '/ci/unit.yml', context: 'kind', namespace: 'ci' };
  const startedAt = '2026-11-29T12:00:00Z';
  return newRun({ run, task: run.replace(/-.*$/u, ''), ...where, state: 'running', startedAt, ...facts });
}

const theirs = { elsewhere: true, owner: 'ci-bot@example.com' } as const;

/** The commands among these runs, and what was aborted. */
function commandsFor(runs: readonly RunModel[]) {
  const aborted: string[] = [];
  // Only what these commands use of all parts, and what VS Code may call them with.
  const handlers = runCommands({
    store: {
      runs,
      active: runs.filter(({ state }) => state === 'running'),
      get: (id: string) => runs.find(({ run }) => run === id),
    },
    control: { abort: (id: string) => Promise.resolve(void aborted.push(id)) },
    jobs: { active: [], jobOf: () => undefined, get: () => undefined },
    memory: { get: () => undefined },
    choice: { current: { kubeconfig: '', context: 'kind', namespace: 'ci' } },
  } as unknown as RunningParts);
  const run = (id: string, argument?: string): Promise<unknown> =>
    (handlers[id] as unknown as (argument?: string) => Promise<unknown>)(argument);
  return { aborted, run };
}

afterEach(forget);

test.each([
  [{ take: 'Abort' }, ['unit-1']],
  ['escape', []],
] as const)('a run that somebody else has started is aborted by who means it: %j', async (answer, expected) => {
  const { aborted, run } = commandsFor([aRun('unit-1', theirs)]);
  person.will(answer);
  await run('tarmac.abort', 'unit-1');
  expect(aborted).toEqual(expected);
  expect(person.seen()).toMatchObject([
    { kind: 'message', title: 'Abort unit, started by ci-bot?', text: 'Run unit-1 in kind/ci', rows: ['Abort'] },
  ]);
});

test("one's own is aborted at once", async () => {
  const { aborted, run } = commandsFor([aRun('unit-1')]);
  await run('tarmac.abort', 'unit-1');
  expect([aborted, person.seen()]).toEqual([['unit-1'], []]);
});

test('where it is asked which one, those of others say whose they are', async () => {
  const { run } = commandsFor([aRun('unit-1', theirs), aRun('lint-2')]);
  await run('tarmac.abort');
  expect(person.seen()).toMatchObject([
    {
      text: 'Abort which run?',
      rows: [
        expect.stringMatching(/unit .*unit-1 · running · by ci-bot/u),
        expect.stringMatching(/lint .*lint-2 · running$/u),
      ],
    },
  ]);
});

test('the list of the status bar has only what this user runs', async () => {
  const { run } = commandsFor([aRun('unit-1', theirs), aRun('lint-2')]);
  await run('tarmac.runActions');
  const [list] = person.seen();
  expect(list?.rows).toHaveLength(2);
  expect(list?.rows.join()).not.toContain('unit');
});

test('failures are shown of runs that have one', async () => {
  const failure = {
    kind: 'out-of-memory',
    title: 'Too little memory',
    evidence: [],
    nextStep: 'Raise it.',
    retryable: false,
  } as const;
  const failed = (id: string): RunModel => aRun(id, { state: 'failed', failure });
  const { run } = commandsFor([aRun('fine-1', { state: 'succeeded' }), failed('unit-2'), failed('lint-3')]);
  await run('tarmac.showFailure');
  const [list] = person.seen();
  expect(list?.text).toBe('Show the failure of which run?');
  expect(list?.rows.map((row) => /\w+-\d/u.exec(row)?.[0])).toEqual(['unit-2', 'lint-3']);
});
