/** The tests of a run's reports as items of the Test Explorer, and their results; in slices, so that nothing has to wait. */
import * as l10n from '@vscode/l10n';
import { Location, Position, Range, TestMessage, Uri, type TestController, type TestItem, type TestRun } from 'vscode';
import type { TestResult } from '#runner';
import { pathOf, type FlakyTest } from '../results/history.ts';
import type { LocalFiles } from '../results/local-files.ts';
import type { TestNode } from '../results/test-tree.ts';
import { Turns } from '../results/turns.ts';
import { plain } from '../output/plain-text.ts';
import { flakyText } from './verdict.ts';

/** What tests say is shown up to here; the report has the rest. */
const mostOutput = 4 * 1024 * 1024;

/** Where the results of one run go. */
export interface ResultTarget {
  readonly controller: Pick<TestController, 'createTestItem'>;
  /** The item of the task. */
  readonly parent: TestItem;
  readonly testRun: TestRun;
  /** Absent where nothing is known of the run's inputs: no test has a place then. */
  readonly local: LocalFiles | undefined;
  /** By path of the test. */
  readonly flaky: ReadonlyMap<string, FlakyTest>;
}

/** Puts the tests below the task, in place of those that were there, and tells how each has ended. */
export async function showResults(nodes: readonly TestNode[], target: ResultTarget): Promise<void> {
  await new Shown(target).put(nodes, target.parent, '');
}

class Shown {
  readonly #target: ResultTarget;
  readonly #turns = new Turns();
  #output = 0;

  constructor(target: ResultTarget) {
    this.#target = target;
  }

  async put(nodes: readonly TestNode[], parent: TestItem, above: string): Promise<void> {
    const { controller } = this.#target;
    const made: { readonly node: TestNode; readonly item: TestItem; readonly location: Location | undefined }[] = [];
    for (const node of nodes) {
      const location = node.test?.place && (await this.#location(node.test));
      const item = controller.createTestItem(node.id, node.label, location?.uri);
      if (location) item.range = location.range;
      const flaky = this.#target.flaky.get(pathOf(above, node.id));
      if (flaky || node.test?.flaky === true) item.description = l10n.t('flaky');
      made.push({ node, item, location });
      if (this.#turns.isDue) await this.#turns.give();
    }
    parent.children.replace(made.map(({ item }) => item));
    for (const { node, item, location } of made) {
      const path = pathOf(above, node.id);
      if (node.test) this.#tell(node.test, item, location, this.#target.flaky.get(path));
      else await this.put(node.children, item, path);
      if (this.#turns.isDue) await this.#turns.give();
    }
  }

  #tell(test: TestResult, item: TestItem, location: Location | undefined, flaky: FlakyTest | undefined): void {
    const { testRun } = this.#target;
    const { outcome, durationMs } = test;
    if (outcome === 'skipped') {
      testRun.skipped(item);
    } else if (outcome === 'passed') {
      testRun.passed(item, durationMs);
    } else {
      const message = new TestMessage(messageText(test, flaky));
      if (location) message.location = location;
      testRun[outcome](item, message, durationMs);
    }
    // An escape sequence of a task is not for the terminal that shows this.
    const details = plain(test.details ?? '');
    if (outcome === 'passed' || details === '' || this.#output > mostOutput) return;
    this.#output += details.length;
    testRun.appendOutput(`${item.label}\r\n${details.replaceAll(/\r?\n/gu, '\r\n')}\r\n`, location, item);
  }

  async #location({ place, suite }: TestResult): Promise<Location | undefined> {
    if (!place) return undefined;
    const path = await this.#target.local?.resolve(place.file, suite.slice(0, 1));
    if (path === undefined) return undefined;
    const at = new Position(place.line - 1, (place.column ?? 1) - 1);
    return new Location(Uri.file(path), new Range(at, at));
  }
}

/** Why a test did not pass, as plain text: what a report says is never Markdown or HTML. */
export function messageText({ message, details }: TestResult, flaky?: FlakyTest): string {
  const first = plain(message ?? l10n.t('The test did not pass.'));
  const rest = plain(details ?? '');
  // Most frameworks begin the details with the message.
  const why = rest.startsWith(first) ? [rest] : [first, ...(rest === '' ? [] : [rest])];
  const both = flaky === undefined ? [] : [flakyText(flaky)];
  return [...both, ...why].join('\n');
}
