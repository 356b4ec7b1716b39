/**
 * Task files as tests, for those who want them in the Test Explorer: running a test executes its task as "Execute" would,
 * and it passes when the command ends with 0. Nothing of it is there while the setting is off.
 */
import * as l10n from '@vscode/l10n';
import {
  Disposable,
  Location,
  Range,
  TestMessage,
  TestRunProfileKind,
  tests,
  Uri,
  workspace,
  type CancellationToken,
  type TestController,
  type TestItem,
  type TestRun,
  type TestRunRequest,
} from 'vscode';
import type { RunEvent } from '#runner';
import { errorText } from '#runner/format';
import { requireTrust, type Runner } from '../cluster/runner-host.ts';
import { editorReport } from '../output/editor-report.ts';
import { PtyText } from '../output/pty-text.ts';
import { report } from '../failures/report.ts';
import type { RunModel } from '../runs/run-model.ts';
import type { RunningParts } from '../parts.ts';
import { integrationSettings } from '../settings.ts';
import type { TaskFiles } from '../tasks/task-files.ts';
import { verdict } from './verdict.ts';

/** Follows the setting; whoever calls disposes of it. Runs that go on then go on as others do. */
export function startTesting(parts: RunningParts, files: TaskFiles): Disposable {
  let shown: TaskTests | undefined;
  const update = (): void => {
    const wanted = integrationSettings().testing;
    if (!wanted) shown?.dispose();
    shown = wanted ? (shown ?? new TaskTests(parts, files)) : undefined;
  };
  update();
  const listener = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('tarmac.testing.enabled')) update();
  });
  return new Disposable(() => {
    listener.dispose();
    shown?.dispose();
  });
}

class TaskTests implements Disposable {
  readonly #parts: RunningParts;
  readonly #files: TaskFiles;
  readonly #controller: TestController;
  readonly #listener: Disposable;
  #asked = false;

  constructor(parts: RunningParts, files: TaskFiles) {
    this.#parts = parts;
    this.#files = files;
    this.#controller = tests.createTestController('tarmac.tasks', l10n.t('Concourse Tasks'));
    // The files are looked for when somebody opens the Test Explorer, and kept up to date from then on.
    this.#controller.resolveHandler = async (item) => {
      this.#asked = true;
      if (!item) await this.#list();
    };
    this.#controller.refreshHandler = async () => {
      this.#asked = true;
      files.refresh();
      await this.#list();
    };
    this.#controller.createRunProfile(
      l10n.t('Execute'),
      TestRunProfileKind.Run,
      async (request, token) => {
        try {
          await this.#run(request, token);
        } catch (error) {
          void report(error, parts);
        }
      },
      true,
    );
    this.#listener = files.onDidChange(() => {
      if (this.#asked) this.#list().catch((error: unknown) => parts.log.error(`Task files: ${String(error)}`));
    });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#controller.dispose();
  }

  /** Items that were there stay the same: their results are shown at them. */
  async #list(): Promise<void> {
    const { items } = this.#controller;
    const found = await this.#files.list();
    const known = new Set(found.map(({ uri }) => uri.toString()));
    items.forEach((item) => {
      if (!known.has(item.id)) items.delete(item.id);
    });
    for (const { uri } of found) {
      const id = uri.toString();
      if (!items.get(id)) items.add(this.#controller.createTestItem(id, workspace.asRelativePath(uri), uri));
    }
  }

  async #run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    requireTrust();
    if (!request.include) await this.#list();
    const chosen: TestItem[] = [...(request.include ?? [])];
    if (!request.include) this.#controller.items.forEach((item) => chosen.push(item));
    const wanted = chosen.filter((item) => request.exclude?.includes(item) !== true);
    const testRun = this.#controller.createTestRun(request);
    try {
      for (const item of wanted) testRun.enqueued(item);
      // One after the other: they are whole runs, and the questions about one are to be over before those about the next.
      for (const item of wanted) {
        if (token.isCancellationRequested) testRun.skipped(item);
        else await this.#execute(item, testRun, token);
      }
    } finally {
      testRun.end();
    }
  }

  async #execute(item: TestItem, testRun: TestRun, token: CancellationToken): Promise<void> {
    const { host, executor, store, control } = this.#parts;
    const runner = await host.load();
    const uri = item.uri ?? Uri.parse(item.id);
    testRun.started(item);
    try {
      const prepared = await executor.prepare(uri);
      if (!prepared || token.isCancellationRequested) {
        testRun.skipped(item);
        return;
      }
      const output = this.#output(prepared.id, runner, (text) => testRun.appendOutput(text, undefined, item));
      try {
        const { done } = await prepared.start();
        await abortedBy(token, done, () => control.abortFollowed(prepared.id));
      } finally {
        output.dispose();
      }
      const run = store.get(prepared.id);
      if (run) await this.#report(run, item, testRun, runner);
    } catch (error) {
      const message = new TestMessage(errorText(error));
      message.location = await runLocation(uri, runner);
      testRun.errored(item, message);
    }
  }

  async #report(run: RunModel, item: TestItem, testRun: TestRun, runner: Runner): Promise<void> {
    const { outcome, text } = verdict(run);
    if (outcome === 'passed') {
      testRun.passed(item, run.durationMs);
    } else if (outcome === 'skipped') {
      testRun.skipped(item);
    } else {
      const message = new TestMessage(text);
      message.location = await runLocation(item.uri ?? Uri.parse(item.id), runner);
      testRun[outcome](item, message, run.durationMs);
    }
  }

  /** The lines of the run, as a terminal has them, until the result is disposed of. */
  #output(id: string, runner: Runner, append: (text: string) => void): Disposable {
    const text = new PtyText();
    const report = editorReport(runner, {
      screen: {
        bytes: (_stream, data) => append(text.add(data)),
        line: (_stream, line) => append(`${line.replaceAll('\n', '\r\n')}\r\n`),
        progress: () => undefined,
        clear: () => undefined,
      },
      paint: runner.painter(true),
    });
    return this.#parts.store.onDidReceive((event: RunEvent) => {
      if (event.run === id) void report.handle(event);
    });
  }
}

/** Waits for the end of a run, and has it aborted when somebody cancels, or already has. */
async function abortedBy(token: CancellationToken, done: Promise<unknown>, abort: () => void): Promise<void> {
  const listener = token.onCancellationRequested(abort);
  try {
    if (token.isCancellationRequested) abort();
    await done;
  } finally {
    listener.dispose();
  }
}

/** Where the file says what runs. */
async function runLocation(uri: Uri, runner: Runner): Promise<Location> {
  const document = await workspace.openTextDocument(uri);
  const found = runner.decodeTask(document.getText(), { extensions: true }).rangeOf(['run']);
  const start = document.positionAt(found?.start ?? 0);
  return new Location(uri, new Range(start, document.lineAt(start).range.end));
}
