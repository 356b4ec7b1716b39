/** A window that is reloaded while a task runs: the output goes on in the run's log without a gap or a double. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as runner from '#runner';
import type { RunnerHost } from '#internal/client/src/cluster/runner-host.ts';
import { noChoices } from '#internal/client/src/choices/choices.ts';
import { Secrets } from '#internal/client/src/choices/secrets.ts';
import { OutputPanel } from '#internal/client/src/output/output-panel.ts';
import { RunControl } from '#internal/client/src/runs/run-control.ts';
import { RunMemory, type RememberedRun } from '#internal/client/src/runs/run-memory.ts';
import { RunStore } from '#internal/client/src/runs/run-store.ts';
import { PlainEmitter } from '#internal/client/src/testing/plain-emitter.ts';
import { PlainMemory } from '#internal/client/src/testing/plain-memory.ts';
import { Story, Workbench } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** One window: everything that follows runs, but for what only VS Code has. */
function openWindow(memento: PlainMemory): {
  readonly control: RunControl;
  readonly store: RunStore;
  readonly memory: RunMemory;
  /** What its panel shows. */
  readonly shown: () => string;
} {
  const store = new RunStore(new PlainEmitter(), new PlainEmitter());
  const memory = new RunMemory(memento);
  const host: Pick<RunnerHost, 'load' | 'context'> = {
    load: () => Promise.resolve(runner),
    context: () => Promise.resolve(bench.context(new Story())),
  };
  let shown = '';
  const panel = new OutputPanel({
    create: () => ({
      append: (text) => (shown += text),
      appendLine: (text) => (shown += `${text}\n`),
      show: () => undefined,
      dispose: () => undefined,
    }),
    isShared: () => false,
  });
  const control = new RunControl({
    host: host as RunnerHost,
    store,
    memory,
    panel,
    storageDir: join(bench.folder, 'storage'),
    log: console,
    // Where VS Code keeps secrets is another place; what it can do is the same.
    secrets: new Secrets(memento.secrets),
    onStuck: (error) => expect.unreachable(String(error)),
  });
  return { control, store, memory, shown: () => shown };
}

const untilTold = 'while [ ! -e /tmp/go ]; do sleep 0.1; done';

test('the output of a run goes on after the window was reloaded, whatever was printed meanwhile', async () => {
  const sh = `seq 1 20000; echo opensesame; printf open; ${untilTold}; echo; seq 20001 40000; exit 3`;
  const { request } = await bench.request({ sh });
  const planned = runner.plan(request, runner.localFiles(bench.stateDir));
  if ('problems' in planned) throw new Error(JSON.stringify(planned.problems));
  const { plan } = planned;
  const memento = new PlainMemory();
  const remembered: RememberedRun = {
    run: plan.run,
    task: plan.task,
    taskUri: 'file:///test.yml',
    kubeconfig: '',
    context: bench.cluster.target.context,
    namespace: bench.namespace,
    startedAt: new Date(0).toISOString(),
    unfinished: true,
    choices: noChoices,
    paths: { dir: plan.command.dir, inputs: [] },
  };

  const first = openWindow(memento);
  const log = first.control.logFile(plan.run);
  await first.control.start(plan, remembered, ['opensesame']);
  await vi.waitFor(async () => expect(await readFile(log, 'utf8')).toContain('((redacted))\n'), { timeout: 60_000 });
  await first.control[Symbol.asyncDispose]();
  expect(first.memory.get(plan.run)?.unfinished).toBe(true);

  const second = openWindow(memento);
  await second.control.resume();
  expect(second.store.get(plan.run)).toMatchObject({ task: plan.task });
  await bench.cluster.exec({ pod: `task-${plan.run}`, container: 'main', command: ['touch', '/tmp/go'] });
  await vi.waitFor(() => expect(second.store.get(plan.run)?.state).toBe('failed'), { timeout: 60_000 });
  await vi.waitFor(() => expect(second.memory.get(plan.run)?.unfinished).toBe(false));

  expect(second.shown(), 'the panel of the second window has the end, once').toMatch(
    /^40000\n(?:.*\n)*failed \(exit code 3\)\n/mu,
  );
  expect(second.shown().match(/^failed \(exit code 3\)$/gmu)).toHaveLength(1);
  expect(second.shown()).not.toContain('opensesame');
  expect(memento.secrets.size, 'secrets of a run whose end is known are kept no more').toBe(0);

  const text = await readFile(log, 'utf8');
  const printed = [...text.matchAll(/^(?:\d+|\(\(redacted\)\)|open)$/gmu)].map(([line]) => line);
  const numbers = Array.from({ length: 40_000 }, (_, index) => String(index + 1));
  expect(printed).toEqual([...numbers.slice(0, 20_000), '((redacted))', 'open', ...numbers.slice(20_000)]);
  expect(text).not.toContain('opensesame');
  expect(text.match(/^running /gmu)).toHaveLength(1);
  expect(text).toMatch(/^failed \(exit code 3\)$/mu);
  expect(second.store.get(plan.run)).toMatchObject({ exitCode: 3, following: false });
});
