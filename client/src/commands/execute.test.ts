import { afterEach, expect, test } from 'vitest';
import { forget, person, Uri } from '../../../test/fakes/vscode.ts';
import type { ExecuteOptions } from '../execute/execute.ts';
import { executeCommands, type ExecuteParts } from './execute.ts';

/** The command `tarmac.execute` among runs of `/ci/unit.yml`, and what it did. */
function window(running: readonly string[]) {
  const did: string[] = [];
  const prepared: { readonly file: string; readonly options: ExecuteOptions | undefined }[] = [];
  const { handlers } = executeCommands({
    executor: {
      prepare: (uri: Uri, options?: ExecuteOptions) => {
        prepared.push({ file: uri.fsPath, options });
        const start = () => Promise.resolve(did.push('started'));
        const leave = () => Promise.resolve(did.push('left'));
        return Promise.resolve({ uri, id: 'unit-new', task: 'unit', logFile: '', start, leave });
      },
    },
    store: { active: running.map((run) => ({ run, following: true, task: 'unit', taskFile: '/ci/unit.yml' })) },
    control: { abortFollowed: (id: string) => did.push(`aborted ${id}`) },
    panel: { show: (id: string) => did.push(`showed ${id}`) },
    memory: { all: [] },
  } as unknown as ExecuteParts);
  const execute = handlers['tarmac.execute'] as unknown as (file: Uri, second?: unknown) => Promise<unknown>;
  return { did, prepared, execute };
}

afterEach(forget);

test.each([
  ['Run Another', ['started', 'showed unit-new']],
  ['Restart', ['aborted unit-old', 'started', 'showed unit-new']],
  ['Show Output', ['showed unit-old', 'left']],
  [undefined, ['left']],
])('a task that is running is asked about once: %s', async (answer, expected) => {
  const { did, execute } = window(['unit-old']);
  person.will(answer === undefined ? 'escape' : { take: answer });
  await execute(Uri.file('/ci/unit.yml'));
  expect(did).toEqual(expected);
  expect(person.seen()).toMatchObject([
    { title: 'unit is already running.', rows: ['Run Another', 'Restart', 'Show Output'] },
  ]);
});

test('nothing is asked about another file, or by whoever must not ask', async () => {
  const { did, execute } = window(['unit-old']);
  await execute(Uri.file('/other/unit.yml'));
  await execute(Uri.file('/ci/unit.yml'), { ask: 'never' });
  expect(person.seen()).toEqual([]);
  expect(did.filter((each) => each === 'started')).toHaveLength(2);
});

test('all files that are selected in the Explorer are executed, each with its own first page', async () => {
  const { did, prepared, execute } = window([]);
  const [a, b] = [Uri.file('/ci/a.yml'), Uri.file('/ci/b.yml')];
  await execute(a, [a, b]);
  expect(prepared).toEqual([
    { file: '/ci/a.yml', options: { ask: 'first' } },
    { file: '/ci/b.yml', options: { ask: 'first' } },
  ]);
  expect(did.filter((each) => each === 'started')).toHaveLength(2);
});
