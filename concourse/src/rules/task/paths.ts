/** Rules about where inputs, outputs and caches stand in the container. */
import type { TaskNode } from '../../yaml/nodes.ts';
import { effectivePath, findOverlaps, taskMounts, WORK_DIR, type Mount } from '../../task/paths.ts';
import type { TextRange } from '../../text/problem.ts';
import type { TaskConfig } from '../../task/config.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entryAt, hasVar, itemsOf, valueRange } from '../tree.ts';

const PATHS =
  'Source: [tasks](https://concourse-ci.org/docs/tasks/) and [atc/worker](https://github.com/concourse/concourse/tree/master/atc/worker); `..` is removed since 7.13, absolute paths are kept since 7.5.';

/** Directories that images keep their programs in. */
const SYSTEM = new Set([
  '/',
  '/bin',
  '/sbin',
  '/usr',
  '/usr/bin',
  '/usr/local',
  '/usr/local/bin',
  '/lib',
  '/lib64',
  '/etc',
  '/proc',
  '/sys',
  '/dev',
]);

/** A place in the lists of a task. */
type Kind = 'inputs' | 'outputs' | 'caches';

const KINDS: readonly Kind[] = ['inputs', 'outputs', 'caches'];

/** Finds the node of a mount in constant time. */
function mountNodes(root: TaskNode): (mount: Mount) => TaskNode | undefined {
  const lists = new Map(KINDS.map((kind) => [kind, itemsOf(entryAt(root, kind)?.value)]));
  return ({ kind, index }) => lists.get(`${kind}s`)?.[index];
}

function placeOf(node: TaskNode): TextRange {
  const entry = entryAt(node, 'path') ?? entryAt(node, 'name');
  return entry ? valueRange(entry) : node.range;
}

/** What can be said about: named, and without variables. */
function isSettled({ kind, name, path }: Mount): boolean {
  return !hasVar(name) && !hasVar(path) && (kind === 'cache' || name !== '');
}

function wordsFor({ kind, name }: Mount): string {
  return `the ${kind} '${name}'`;
}

function checkSame({ document, report }: RuleContext): void {
  const nodeOf = mountNodes(document.root);
  const told = new Set<Mount>();
  for (const { kind, outer, inner } of findOverlaps(taskMounts(document.config).filter(isSettled))) {
    // An input and an output at one path are meant: the output starts with the input's contents.
    if (kind !== 'same' || (outer.kind === 'input' && inner.kind === 'output') || told.has(inner)) continue;
    const node = nodeOf(inner);
    const first = nodeOf(outer);
    if (!node || !first) continue;
    told.add(inner);
    const twice = outer.kind === inner.kind && outer.name === inner.name;
    const message = twice
      ? `The ${inner.kind} '${inner.name}' is listed twice. Remove one of them.`
      : `${capital(wordsFor(inner))} and ${wordsFor(outer)} have the same path: one hides the other. Give one another path.`;
    report(placeOf(node), message, { data: { path: [`${inner.kind}s`, inner.index], related: placeOf(first) } });
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function checkNested({ document, report }: RuleContext): void {
  const nodeOf = mountNodes(document.root);
  const told = new Set<Mount>();
  for (const { kind, outer, inner } of findOverlaps(taskMounts(document.config).filter(isSettled))) {
    if (kind !== 'nested' || told.has(inner) || outer.path === WORK_DIR) continue;
    const node = nodeOf(inner);
    const first = nodeOf(outer);
    if (!node || !first) continue;
    told.add(inner);
    const below = inner.path.slice(outer.path === '/' ? 1 : outer.path.length + 1);
    const message = `${capital(wordsFor(inner))} is inside ${wordsFor(outer)}, where it hides '${below}' if there is such a directory. This is allowed.`;
    report(placeOf(node), message, { data: { path: [`${inner.kind}s`, inner.index], related: placeOf(first) } });
  }
}

interface WrittenPath {
  readonly kind: Kind;
  readonly index: number;
  readonly text: string;
  readonly range: TextRange;
}

/** Paths as they stand in the file, the names that serve as paths left out. */
function writtenPaths(root: TaskNode, config: TaskConfig): WrittenPath[] {
  return KINDS.flatMap((kind) => {
    const items = itemsOf(entryAt(root, kind)?.value);
    const entries: readonly { readonly path?: string }[] = config[kind] ?? [];
    return entries.flatMap(({ path }, index): WrittenPath[] => {
      const entry = items[index] && entryAt(items[index], 'path');
      return path === undefined || path === '' || !entry ? [] : [{ kind, index, text: path, range: valueRange(entry) }];
    });
  });
}

/** A relative path without what Concourse takes out of it. */
function withoutDots(path: string): string {
  const absolute = effectivePath(path);
  return absolute === WORK_DIR ? '.' : absolute.slice(WORK_DIR.length + 1);
}

/** Overlaps, `..`, absolute paths, names. */
export const PATH_RULES: readonly Rule[] = [
  {
    id: 'same-path',
    group: 'paths',
    severity: 'warning',
    title: 'Two directories at one path',
    documentation: `Two inputs, two outputs, two caches, or a cache and something else at the same path: one mount hides the other. An input and an output at one path are fine: the output then starts with the contents of the input.\n\n${PATHS}`,
    example: 'platform: linux\nrun: {path: make}\ninputs:\n  - name: a\n    path: src\n  - name: b\n    path: src\n',
    fixable: true,
    check: checkSame,
  },
  {
    id: 'nested-path',
    group: 'paths',
    severity: 'hint',
    title: 'A directory inside of another one',
    documentation: `Nested inputs, outputs and caches are allowed since Concourse 5.0. The inner one hides what the outer one has at that place.\n\n${PATHS}`,
    example: 'platform: linux\nrun: {path: make}\ninputs:\n  - name: repo\n  - name: deps\n    path: repo/deps\n',
    check: checkNested,
  },
  {
    id: 'path-dots',
    group: 'paths',
    severity: 'warning',
    title: 'Two dots in a relative path are removed',
    documentation: `Concourse removes every \`..\` from relative paths, also in the middle of a name: \`../x\` is \`x\`, \`a/../b\` is \`a/b\`, \`foo..bar\` is \`foobar\`. Write the path without them, or an absolute one.\n\n${PATHS}`,
    example: 'platform: linux\nrun: {path: make}\noutputs:\n  - name: result\n    path: ../result\n',
    fixable: true,
    check({ document, report }) {
      for (const { kind, index, text, range } of writtenPaths(document.root, document.config)) {
        if (text.startsWith('/') || !text.includes('..') || hasVar(text)) continue;
        const becomes = withoutDots(text);
        const message = `Concourse removes '..' from relative paths: this is '${becomes}'. Write the path without '..', or an absolute one.`;
        report(range, message, { data: { path: [kind, index, 'path'], becomes, replacement: becomes } });
      }
    },
  },
  {
    id: 'absolute-path',
    group: 'paths',
    severity: 'warning',
    title: 'An absolute path',
    documentation: `Since Concourse 7.5 absolute paths are kept, and older versions put them below the working directory. The directory hides what the image has there: over \`/usr\`, \`/etc\` and the like that is a **warning**, elsewhere a **hint**.\n\n${PATHS}`,
    example: 'platform: linux\nrun: {path: make}\noutputs:\n  - name: result\n    path: /usr\n',
    fixable: true,
    check({ document, environment, report }) {
      for (const { kind, index, text, range } of writtenPaths(document.root, document.config)) {
        if (!text.startsWith('/') || hasVar(text)) continue;
        const path = effectivePath(text);
        const data = { path: [kind, index, 'path'], becomes: path };
        if (SYSTEM.has(path)) {
          const message = `The directory hides '${path}' of the image, and with it the programs there. Choose another path.`;
          report(range, message, { data });
        } else {
          const old = environment.target === '5.5' ? ' Concourse before 7.5 puts it below the working directory.' : '';
          const message = `An absolute path: the directory hides what the image has at '${path}'.${old}`;
          report(range, message, { severity: 'hint', data });
        }
      }
    },
  },
];
