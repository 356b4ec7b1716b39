/**
 * Tasks in the Test Explorer, each with the tests of its reports below it. Running one executes its task as "Execute" would.
 * Where the setting says so, all task files are there; else those whose runs had reports. Nothing is there before.
 */
import * as l10n from '@vscode/l10n';
import {
  Disposable,
  Location,
  Range,
  TestMessage,
  TestRunProfileKind,
  TestRunRequest,
  tests,
  Uri,
  workspace,
  type CancellationToken,
  type TestController,
  type TestItem,
  type TestRun,
  type TestRunProfile,
} from 'vscode';
import type { RunEvent } from '#runner';
import { errorText } from '#runner/format';
import { requireTrust, type Runner } from '../cluster/runner-host.ts';
import { editorReport } from '../output/editor-report.ts';
import { PtyText } from '../output/pty-text.ts';
import { report } from '../failures/report.ts';
import { coverageFiles, LocalCoverage } from '../results/coverage-files.ts';
import { flakyTests, wholeTask, type FlakyTest, type TestHistory } from '../results/history.ts';
import { LocalFiles } from '../results/local-files.ts';
import type { ResultsOfRun } from '../results/run-results.ts';
import { testTree } from '../results/test-tree.ts';
import type { RunModel } from '../runs/run-model.ts';
import type { RunningParts } from '../parts.ts';
import { integrationSettings } from '../settings.ts';
import type { NamedFiles } from '../tasks/named-files.ts';
import { showResults } from './result-items.ts';
import { flakyText, verdict } from './verdict.ts';

/** Follows the setting; whoever calls disposes of it. Runs that go on then go on as others do. */
export function startTesting(parts: RunningParts, files: NamedFiles, history: TestHistory): Disposable {
  let shown: TaskTests | undefined;
  const show = (): TaskTests => (shown ??= new TaskTests(parts, files, history));
  const update = (): void => {
    if (integrationSettings().testing) {
      show().listsFiles = true;
    } else if (shown?.listsFiles === true) {
      shown.dispose();
      shown = undefined;
    }
  };
  update();
  const listeners = [
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('tarmac.testing.enabled')) update();
    }),
    parts.results.onDidFind((results) => {
      if (results.tests.length + results.coverage.length === 0 || shown?.isRunning(results.run.run) === true) return;
      show()
        .show(results)
        .catch((error: unknown) => parts.log.error(`The results of ${results.run.run}: ${String(error)}`));
    }),
  ];
  return new Disposable(() => {
    for (const listener of listeners) listener.dispose();
    shown?.dispose();
  });
}

class TaskTests implements Disposable {
  /** All task files are there, and not only those that had results. */
  listsFiles = false;
  readonly #parts: RunningParts;
  readonly #files: NamedFiles;
  readonly #history: TestHistory;
  readonly #controller: TestController;
  readonly #coverage: TestRunProfile;
  readonly #listener: Disposable;
  /** Runs that were started from here: their results belong to the test run that waits for them. */
  readonly #running = new Set<string>();
  #asked = false;

  constructor(parts: RunningParts, files: NamedFiles, history: TestHistory) {
    this.#parts = parts;
    this.#files = files;
    this.#history = history;
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
    this.#profile(l10n.t('Execute'), TestRunProfileKind.Run);
    this.#coverage = this.#profile(l10n.t('Execute with Coverage'), TestRunProfileKind.Coverage);
    this.#listener = files.onDidChange(() => {
      if (this.#asked) this.#list().catch((error: unknown) => parts.log.error(`Task files: ${String(error)}`));
    });
  }

  isRunning(run: string): boolean {
    return this.#running.has(run);
  }

  /** Shows the results of a run that was started elsewhere. */
  async show(results: ResultsOfRun): Promise<void> {
    const { run } = results;
    const item = this.#item(this.#uriOf(run));
    const request = new TestRunRequest([item], undefined, results.coverage.length > 0 ? this.#coverage : undefined);
    const testRun = this.#controller.createTestRun(request, run.run, true);
    try {
      testRun.started(item);
      testRun.appendOutput(`${l10n.t('Run {0}', run.run)}\r\n`);
      await this.#report(run, item, testRun, await this.#parts.host.load(), results);
    } finally {
      testRun.end();
    }
  }

  dispose(): void {
    this.#listener.dispose();
    this.#controller.dispose();
  }

  #profile(label: string, kind: TestRunProfileKind): TestRunProfile {
    const handler = async (request: TestRunRequest, token: CancellationToken): Promise<void> => {
      try {
        await this.#run(request, token);
      } catch (error) {
        void report(error, this.#parts);
      }
    };
    const profile = this.#controller.createRunProfile(label, kind, handler, true);
    profile.loadDetailedCoverage = (_run, file) => Promise.resolve(file instanceof LocalCoverage ? file.details() : []);
    return profile;
  }

  /** Items that were there stay the same: their results are shown at them. */
  async #list(): Promise<void> {
    if (!this.listsFiles) return;
    const { items } = this.#controller;
    const found = await this.#files.list();
    const known = new Set(found.map(({ uri }) => uri.toString()));
    items.forEach((item) => {
      if (!known.has(item.id) && item.children.size === 0) items.delete(item.id);
    });
    for (const { uri } of found) this.#item(uri);
  }

  /** The item of a task file, or of a step of a pipeline, which is the fragment. */
  #item(uri: Uri): TestItem {
    const { items } = this.#controller;
    const id = uri.toString();
    const known = items.get(id);
    if (known) return known;
    const file = uri.with({ fragment: '' });
    const name = workspace.asRelativePath(file);
    const item = this.#controller.createTestItem(id, uri.fragment === '' ? name : `${name} · ${uri.fragment}`, file);
    items.add(item);
    return item;
  }

  #uriOf(run: RunModel): Uri {
    const remembered = this.#parts.memory.get(run.run);
    return remembered ? Uri.parse(remembered.taskUri) : Uri.file(run.taskFile);
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
      // A test cannot run without its task, nor a task twice for two of its tests.
      const tasks = [...new Set(wanted.map(taskOf))];
      // One after the other: they are whole runs, and the questions about one are to be over before those about the next.
      for (const task of tasks) {
        const own = wanted.filter((item) => taskOf(item) === task);
        if (token.isCancellationRequested) for (const item of own) testRun.skipped(item);
        else await this.#execute(task, own, testRun, token);
      }
    } finally {
      testRun.end();
    }
  }

  /** @param own the items that were asked for: the task, or tests of it */
  async #execute(item: TestItem, own: readonly TestItem[], testRun: TestRun, token: CancellationToken): Promise<void> {
    const { host, executor, store, control, results } = this.#parts;
    const runner = await host.load();
    for (const each of own) testRun.started(each);
    let id: string | undefined;
    try {
      const prepared = await executor.prepare(Uri.parse(item.id));
      if (!prepared || token.isCancellationRequested) {
        for (const each of own) testRun.skipped(each);
        return;
      }
      id = prepared.id;
      this.#running.add(id);
      const output = this.#output(prepared.id, runner, (text) => testRun.appendOutput(text, undefined, item));
      try {
        const { done } = await prepared.start();
        await abortedBy(token, done, () => control.abortFollowed(prepared.id));
      } finally {
        output.dispose();
      }
      const run = store.get(prepared.id);
      if (run) await this.#report(run, item, testRun, runner, await results.ended(run.run));
    } catch (error) {
      const message = new TestMessage(errorText(error));
      message.location = await runLocation(item, runner);
      for (const each of own) testRun.errored(each, message);
    } finally {
      if (id !== undefined) this.#running.delete(id);
    }
  }

  async #report(
    run: RunModel,
    item: TestItem,
    testRun: TestRun,
    runner: Runner,
    results: ResultsOfRun | undefined,
  ): Promise<void> {
    const { outcome, text } = verdict(run);
    const paths = this.#parts.memory.get(run.run)?.paths;
    const local = paths && new LocalFiles(paths);
    const tree = await testTree(results?.tests ?? []);
    const flaky = await this.#flaky(run, tree, runner);
    if (tree.length > 0) {
      await showResults(tree, { controller: this.#controller, parent: item, testRun, local, flaky });
    }
    if (results && local) {
      for (const file of await coverageFiles(results.coverage, local)) testRun.addCoverage(file);
    }
    for (const { path, problems } of [...(results?.tests ?? []), ...(results?.coverage ?? [])]) {
      for (const problem of problems) testRun.appendOutput(`${path}: ${problem}\r\n`, undefined, item);
    }
    const own = flaky.get(wholeTask);
    item.description = own ? l10n.t('flaky') : '';
    if (outcome === 'passed') {
      testRun.passed(item, run.durationMs);
    } else if (outcome === 'skipped') {
      testRun.skipped(item);
    } else {
      const message = new TestMessage([...(own ? [flakyText(own)] : []), text].join('\n'));
      message.location = await runLocation(item, runner);
      testRun[outcome](item, message, run.durationMs);
    }
  }

  async #flaky(
    run: RunModel,
    tree: Parameters<typeof flakyTests>[3],
    runner: Runner,
  ): Promise<ReadonlyMap<string, FlakyTest>> {
    try {
      const record = await runner.readRecord(runner.stateDir(process.env), run.run);
      return await flakyTests(this.#history, run, record, tree);
    } catch (error) {
      this.#parts.log.warn(`Earlier results of ${run.run} could not be compared: ${String(error)}`);
      return new Map();
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

/** The task that an item is, or belongs to. */
function taskOf(item: TestItem): TestItem {
  return item.parent ? taskOf(item.parent) : item;
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
async function runLocation({ id, uri }: TestItem, runner: Runner): Promise<Location> {
  const file = uri ?? Uri.parse(id);
  const document = await workspace.openTextDocument(file);
  const found = runner.decodeTask(document.getText(), { extensions: true }).rangeOf(['run']);
  const start = document.positionAt(found?.start ?? 0);
  return new Location(file, new Range(start, document.lineAt(start).range.end));
}
