import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEventBody } from '#runner';
import { ToolErrorReader } from '#internal/runner/src/results/tool-errors.ts';
import { newRun } from '../runs/run-model.ts';
import { RunStore } from '../runs/run-store.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { seen, type DiagnosticCollection } from '../../../test/fakes/vscode-results.ts';
import { RunProblems, type RunProblemsParts } from './run-problems.ts';

vi.mock('vscode', () => import('../../../test/fakes/vscode-results.ts'));

/** A busy machine takes its time; what never comes is found all the same. */
const waiting = { timeout: 25_000 };

let folder: string;
let store: RunStore;
let problems: RunProblems;
let isEnabled: boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-problems-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src/main.c'), '');
  await writeFile(join(folder, 'src/cart.c'), '');
  isEnabled = true;
  store = new RunStore(new PlainEmitter(), new PlainEmitter());
  const paths = { dir: '/w', inputs: [{ container: '/w/source', local: folder }] };
  problems = new RunProblems({
    host: { load: () => Promise.resolve({ ToolErrorReader }) },
    store,
    memory: { get: () => ({ taskUri: 'file:///ci/unit.yml', paths }) },
    log: { warn: () => undefined },
    isEnabled: () => isEnabled,
  } as unknown as RunProblemsParts);
});

afterEach(async () => {
  problems.dispose();
  store.dispose();
  await rm(folder, { recursive: true });
});

/** `src/main.c:12:3 0 message` of all problems, files in order. */
function shown(): string[] {
  const collection = seen.collections.at(-1) as DiagnosticCollection;
  return [...collection.all]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, all]) =>
      all.map(({ range, severity, message, source }) => {
        const at = `${path.slice(folder.length + 1)}:${range.start.line + 1}:${range.start.character + 1}`;
        return `${at} ${severity} ${message} (${source})`;
      }),
    );
}

function tell(run: string, ...bodies: readonly RunEventBody[]): void {
  for (const body of bodies) store.apply({ ...body, run, time: new Date().toISOString() });
}

function begin(run: string, task = 'unit'): void {
  store.put(newRun({ run, task, taskFile: `/ci/${task}.yml`, context: 'c', namespace: 'n' }));
  tell(run, { type: 'run-created', task, taskFile: `/ci/${task}.yml`, namespace: 'n', context: 'c' });
}

function print(run: string, text: string): void {
  tell(run, { type: 'output', stream: 'stderr', offset: 0, data: Buffer.from(text) });
}

const finished = { type: 'finished', status: 'failed', durationMs: 1 } as const;

describe('the problems of a run', () => {
  test('are at their local files while it prints, those that are here alone', async () => {
    begin('unit-1');
    print('unit-1', 'src/main.c:12:3: error: no\nsource/src/cart.c:4:1: warning: hm [-Wx]\nnowhere.c:1:1: error: x\n');
    const expected = ['src/cart.c:4:1 1 hm (Tarmac run)', 'src/main.c:12:3 0 no (Tarmac run)'];
    await vi.waitFor(() => expect(shown()).toEqual(expected), waiting);
    tell('unit-1', finished);
    expect(shown()).toEqual(expected);
  });

  test('go when the next run of the task starts, and not when another task does', async () => {
    begin('unit-1');
    print('unit-1', 'src/main.c:12:3: error: no\n');
    tell('unit-1', finished);
    await vi.waitFor(() => expect(shown()).toHaveLength(1), waiting);
    begin('other-1', 'other');
    print('other-1', 'src/main.c:1:1: error: of the other\n');
    tell('other-1', finished);
    await vi.waitFor(() => expect(shown()).toHaveLength(2), waiting);
    begin('unit-2');
    expect(shown()).toEqual(['src/main.c:1:1 0 of the other (Tarmac run)']);
  });

  test('are no more than a person can look at', async () => {
    begin('unit-1');
    print('unit-1', Array.from({ length: 5000 }, (_, line) => `src/main.c:${line + 1}:1: error: no\n`).join(''));
    tell('unit-1', finished);
    await vi.waitFor(() => expect(shown()).toHaveLength(500), waiting);
  });

  test('are none where the setting says so, or a problem matcher reads the output', async () => {
    isEnabled = false;
    begin('unit-1');
    print('unit-1', 'src/main.c:12:3: error: no\n');
    isEnabled = true;
    problems.leave('unit-2');
    begin('unit-2');
    print('unit-2', 'src/main.c:12:3: error: no\n');
    begin('other-1', 'other');
    print('other-1', 'src/cart.c:1:1: error: yes\n');
    await vi.waitFor(() => expect(shown()).toEqual(['src/cart.c:1:1 0 yes (Tarmac run)']), waiting);
  });

  test('go when a problem matcher reads the output of a run that has begun', async () => {
    begin('unit-1');
    print('unit-1', 'src/main.c:12:3: error: no\n');
    await vi.waitFor(() => expect(shown()).toHaveLength(1), waiting);
    problems.leave('unit-1');
    expect(shown()).toEqual([]);
  });
});
