/** The results of a run as a tree of suites and tests: plain data, made in slices so that nothing else has to wait. */
import { setImmediate } from 'node:timers/promises';
import type { FoundReport, TestResult } from '#runner';

export interface TestNode {
  /** Unique among its siblings, and the same in the next run. */
  readonly id: string;
  readonly label: string;
  /** Of a suite; empty for a test. */
  readonly children: TestNode[];
  readonly test?: TestResult;
}

/** After so many tests others have their turn: a few milliseconds of work. */
export const sliceSize = 1000;
/** A longer name is none. */
const longestName = 500;
/** Groups that are deeper are shown as one. */
const deepest = 20;

interface Suite {
  readonly node: TestNode;
  readonly suites: Map<string, Suite>;
  /** How often a name came: parameterized tests may have one name for all. */
  readonly names: Map<string, number>;
}

/** The suites and tests of all reports; a suite that is in two of them is one. */
export async function testTree(reports: readonly FoundReport[], signal?: AbortSignal): Promise<readonly TestNode[]> {
  const root = newSuite('');
  let count = 0;
  for (const { tests } of reports) {
    for (const test of tests) {
      if (++count % sliceSize === 0) {
        await setImmediate();
        signal?.throwIfAborted();
      }
      add(root, test);
    }
  }
  return root.node.children;
}

/** How many tests are below these nodes. */
export function countTests(nodes: readonly TestNode[]): number {
  return nodes.reduce((sum, { test, children }) => sum + (test ? 1 : 0) + countTests(children), 0);
}

function add(root: Suite, test: TestResult): void {
  let suite = root;
  for (const part of test.suite.slice(0, deepest)) {
    const name = nameOf(part);
    const known = suite.suites.get(name) ?? newSuite(name);
    if (!suite.suites.has(name)) {
      suite.suites.set(name, known);
      suite.node.children.push(known.node);
    }
    suite = known;
  }
  const name = nameOf(test.name);
  const number = (suite.names.get(name) ?? 0) + 1;
  suite.names.set(name, number);
  const label = number === 1 ? name : `${name} (${number})`;
  suite.node.children.push({ id: `test ${label}`, label, children: [], test });
}

function newSuite(name: string): Suite {
  return { node: { id: `suite ${name}`, label: name, children: [] }, suites: new Map(), names: new Map() };
}

/** One line, without what VS Code joins ids with. */
function nameOf(text: string): string {
  // eslint-disable-next-line no-control-regex -- controls are what is taken out
  const name = text.replaceAll(/[\u0000-\u001f\u007f]+/gu, ' ').trim();
  if (name === '') return '(no name)';
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}
