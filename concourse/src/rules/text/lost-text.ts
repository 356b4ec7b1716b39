/** A rule about text that YAML takes away from a value without a word: tags, anchors, comments. */
import type { TaskNode } from '../../yaml/nodes.ts';
import type { TaskPath } from '../../text/problem.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entriesOf, entryAt, itemsOf } from '../tree.ts';

/** Values that are looked at, and characters of their lines. */
const MOST_VALUES = 500;
const MOST_CHARACTERS = 1_000;

/** The line of a value: what stands before it, and the value as its author may mean it. */
const LINE = /^(\s*(?:- +)*(?:["']?[\w.-]+["']?: +)?)([!&#].*?)\s*$/u;

function look(context: RuleContext, node: TaskNode, path: TaskPath): void {
  const { text } = context.document;
  if (node.kind !== 'scalar' || node.written || text.length < node.range.start) return;
  // A value that is empty may be placed at the end of its line, or behind it.
  const at = node.range.start > 0 && text[node.range.start - 1] === '\n' ? node.range.start - 1 : node.range.start;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const feed = text.indexOf('\n', start);
  const line = text.slice(start, Math.min(feed < 0 ? text.length : feed, start + MOST_CHARACTERS)).replace(/\r$/u, '');
  const [, before, value] = LINE.exec(line) ?? [];
  if (before === undefined || value === undefined || / #/u.test(value)) return;
  if (!value.startsWith('#') && node.range.start > start + line.length) return;
  // An anchor on a param that nothing uses takes nothing away from it.
  if (path[0] === 'params' && value.startsWith('&') && node.value !== null) return;
  const why = reason(value, node.value === null, text);
  if (why === undefined) return;
  const range = { start: start + before.length, end: start + before.length + value.length };
  context.report(range, `${why} Quote the whole text.`, { data: { path, replacement: JSON.stringify(value) } });
}

function reason(value: string, empty: boolean, text: string): string | undefined {
  if (/^!(?!!|<)/u.test(value)) return "YAML reads the '!' as the tag of a value and drops it.";
  const anchor = /^&([\w-]+)\s+[^\s|>{["']/u.exec(value)?.[1] ?? (empty ? /^&([\w-]+)$/u.exec(value)?.[1] : undefined);
  if (anchor !== undefined) {
    return text.includes(`*${anchor}`)
      ? undefined
      : `YAML reads '&${anchor}' as the name of an anchor, which nothing uses, and drops it.`;
  }
  return empty && /^#[\w-]+$/u.test(value)
    ? "YAML reads a comment behind '#', so that this value is empty."
    : undefined;
}

/** Arguments and params. */
export const LOST_TEXT_RULES: readonly Rule[] = [
  {
    id: 'yaml-lost-text',
    group: 'syntax',
    severity: 'warning',
    title: 'YAML drops the beginning of a value',
    documentation:
      'A plain value that begins with `!` has a tag, with `&` an anchor, with `#` it is a comment: `- ! grep x file` runs `grep x file`, and `CHANNEL: #general` is empty. YAML says nothing about it. Put the value into quotes.\n\nSource: Concourse reads task files with [go-yaml v2](https://github.com/go-yaml/yaml/tree/v2), a port of libyaml for YAML 1.1.',
    example: 'platform: linux\nrun:\n  path: sh\n  args:\n    - -c\n    - ! grep x file\n',
    fixable: true,
    check(context) {
      const { root } = context.document;
      itemsOf(entryAt(root, 'run', 'args')?.value)
        .slice(0, MOST_VALUES)
        .forEach((item, index) => look(context, item, ['run', 'args', index]));
      entriesOf(entryAt(root, 'params')?.value)
        .slice(0, MOST_VALUES)
        .forEach(({ name, value }) => look(context, value, ['params', name]));
    },
  },
];
