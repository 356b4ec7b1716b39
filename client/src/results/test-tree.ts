/** The results of a run as a tree of suites and tests: plain data, made in slices so that nothing else has to wait. */
import type { FoundReport, TestResult } from '#runner';
import { Turns } from './turns.ts';

export interface TestNode {
  /** Unique among its siblings, and the same in the next run. */
  readonly id: string;
  readonly label: string;
  /** Of a suite; empty for a test. */
  readonly children: readonly TestNode[];
  readonly test?: TestResult;
}

/** A longer name is none. */
const longestName = 500;
/** Groups that are deeper are shown as one. */
const deepest = 20;

/** What every test has below it. */
const none: readonly TestNode[] = [];

interface Suite {
  readonly node: TestNode;
  /** Those of the node. */
  readonly children: TestNode[];
  readonly suites: Map<string, Suite>;
  /** How often a name came: parameterized tests may have one name for all. */
  readonly names: Map<string, number>;
}

/** The suites and tests of all reports; a suite that is in two of them is one. */
export async function testTree(reports: readonly FoundReport[], signal?: AbortSignal): Promise<readonly TestNode[]> {
  const root = newSuite('');
  const turns = new Turns(signal);
  for (const { tests } of reports) {
    for (const test of tests) {
      if (turns.isDue) await turns.give();
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
      suite.children.push(known.node);
    }
    suite = known;
  }
  const name = nameOf(test.name);
  const number = (suite.names.get(name) ?? 0) + 1;
  suite.names.set(name, number);
  const label = number === 1 ? name : `${name} (${number})`;
  suite.children.push({ id: `test ${label}`, label, children: none, test });
}

function newSuite(name: string): Suite {
  const children: TestNode[] = [];
  return { node: { id: `suite ${name}`, label: name, children }, children, suites: new Map(), names: new Map() };
}

/** One line, without what VS Code joins ids with. */
function nameOf(text: string): string {
  // eslint-disable-next-line no-control-regex -- controls are what is taken out
  const name = text.replaceAll(/[\u0000-\u001f\u007f]+/gu, ' ').trim();
  if (name === '') return '(no name)';
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}
