import { expect, test } from 'vitest';
import { DocumentHighlightKind } from 'vscode-languageserver';
import { highlights } from './highlights.ts';
import { references, type ReferencesOptions } from './references.ts';
import { marked, type TestSurroundings } from '../testing/marked.ts';

/** `file line:column` of each reference, counted from 1; the task's own without the file. */
function found(text: string, surroundings: TestSurroundings = {}, options: ReferencesOptions = {}): string[] {
  const request = marked(text, surroundings);
  return references(request, options).map(({ uri, range }) => {
    const file = uri === request.uri ? '' : `${uri.replace('file://', '')} `;
    return `${file}${range.start.line + 1}:${range.start.character + 1}`;
  });
}

/** `line:column kind` of each highlight, counted from 1. */
function highlighted(text: string): string[] {
  return highlights(marked(text)).map(({ range, kind }) => {
    const write = kind === DocumentHighlightKind.Write ? 'write' : 'read';
    return `${range.start.line + 1}:${range.start.character + 1} ${write}`;
  });
}

const SCRIPT = 'run:\n  path: sh\n  args:\n  - -c\n  - |\n    A=1 cp repo/x out\n    echo $A >out/y\n';
const TASK = `inputs: [{name: repo}]\noutputs: [{name: out}]\nparams: {A: 1}\n${SCRIPT}`;

const rows: [string, string, string[]][] = [
  ['an input', TASK.replace('name: repo', 'name: re<*>po'), ['1:17', '9:12']],
  ['an output, from a use', TASK.replace('>out', '>o<*>ut'), ['2:18', '9:19', '10:14']],
  ['a param', TASK.replace('$A', '$<*>A'), ['3:10', '9:5', '10:11']],
  [
    'an artifact with a path: its directory’s uses, too',
    'inputs:\n- {name: re<*>po, path: src}\nrun: {path: src/x}',
    ['2:10', '2:22', '3:13'],
  ],
  ['an anchor', 'a: &x<*> 1\nb: *x', ['1:5', '2:5']],
  ['a variable', 'a: ((x<*>))\nb: y((x))((x.y))', ['1:6', '2:7']],
  ['nothing', 'platform: lin<*>ux', []],
];
test.each(rows)('references of %s', (_name, text, places) => {
  expect(found(text)).toEqual(places);
});

test('references without declarations', () => {
  expect(found(TASK.replace('name: repo', 'name: re<*>po'), {}, { includeDeclaration: false })).toEqual(['9:12']);
});

test('references in the script file', () => {
  const surroundings = { files: { '/ws/r/x.sh': '# repo\ncd repo\n' }, folders: { repo: '/ws/r' } };
  expect(found('inputs: [{name: re<*>po}]\nrun: {path: repo/x.sh}', surroundings)).toEqual([
    '1:17',
    '2:13',
    '/ws/r/x.sh 2:4',
  ]);
});

const highlightRows: [string, string, string[]][] = [
  ['what creates or sets is a write', TASK.replace('>out', '>o<*>ut'), ['2:18 write', '9:19 write', '10:14 write']],
  ['what reads is a read', TASK.replace('name: repo', 'name: re<*>po'), ['1:17 write', '9:12 read']],
  ['params', TASK.replace('$A', '$<*>A'), ['3:10 write', '9:5 write', '10:11 read']],
  ['nothing', 'platform: lin<*>ux', []],
];
test.each(highlightRows)('highlights: %s', (_name, text, places) => {
  expect(highlighted(text)).toEqual(places);
});
