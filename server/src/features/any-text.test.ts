/** Navigation and presentation on texts that are no task yet: cut off anywhere, with anything put in. */
import { describe, expect, test } from 'vitest';
import type { DocumentSymbol, Range } from 'vscode-languageserver';
import { codeLenses } from './code-lenses.ts';
import { definition } from './symbols/definition.ts';
import { documentLinks } from './document-links.ts';
import { documentSymbols } from './document-symbols.ts';
import type { PlaceRequest } from './facts/feature.ts';
import { foldingRanges } from './folding-ranges.ts';
import { highlights } from './symbols/highlights.ts';
import { references } from './symbols/references.ts';
import { rename } from './symbols/rename.ts';
import { selectionRanges } from './selection-ranges.ts';
import { tokensOf } from './tokens/semantic-tokens.ts';
import { requested } from './testing/marked.ts';

const TASK = `# task 😀
platform: linux
image_resource: &image {type: registry-image, source: {repository: busybox, tag: ((tag))}}
inputs:
- name: repo
- {name: tools, path: "bin/tools"}
outputs: [{name: out}]
caches:
- path: repo/.cache
params:
  VERSION: 'it''s'
  FILE: repo/x
run:
  path: bash
  args:
  - -ec
  - |
    cd repo # here
    if [ -n "$VERSION" ]; then cat <<EOF > ../out/x; fi
    \${VERSION} $(ls)
    EOF
`;

const before = (a: Range['start'], b: Range['start']): boolean =>
  a.line < b.line || (a.line === b.line && a.character <= b.character);
const inside = (inner: Range, outer: Range): boolean =>
  before(outer.start, inner.start) && before(inner.end, outer.end);

function checkSymbols(symbols: readonly DocumentSymbol[], parent?: DocumentSymbol): void {
  for (const symbol of symbols) {
    expect(symbol.name).not.toBe('');
    expect(inside(symbol.selectionRange, symbol.range)).toBe(true);
    if (parent) expect(inside(symbol.range, parent.range)).toBe(true);
    checkSymbols(symbol.children ?? [], symbol);
  }
}

/** Asks everything, and checks what the protocol demands of each answer. */
function askAll(text: string, offset: number): void {
  const request: PlaceRequest = { ...requested(text, { files: {}, folders: { repo: '/ws/repo' } }), offset };
  const end = request.task.positionAt(text.length);
  checkSymbols(documentSymbols(request));
  for (const { startLine, endLine } of foldingRanges(request)) {
    expect(startLine).toBeLessThan(endLine);
    expect(endLine).toBeLessThanOrEqual(end.line);
  }
  const [selection] = selectionRanges(request, [offset]);
  for (let range = selection; range?.parent; range = range.parent) {
    expect(inside(range.range, range.parent.range)).toBe(true);
  }
  let last = 0;
  for (const { range } of tokensOf(request)) {
    expect(range.start).toBeGreaterThanOrEqual(last);
    expect(text.slice(range.start, range.end)).toMatch(/^[^\r\n]+$/);
    last = range.end;
  }
  for (const { range } of [
    ...highlights(request),
    ...references(request),
    ...documentLinks(request),
    ...codeLenses(request),
  ]) {
    expect(before(range.start, range.end)).toBe(true);
    expect(before(range.end, end)).toBe(true);
  }
  for (const link of definition(request)) expect(inside(link.targetSelectionRange, link.targetRange)).toBe(true);
  const edit = rename(request, 'other-name');
  if ('refused' in edit) expect(edit.refused).not.toBe('');
}

// Hundreds of texts, each asked everything: more than the usual time for a test on a busy machine.
describe.each([
  ['LF', TASK],
  ['CRLF', TASK.replaceAll('\n', '\r\n')],
])('%s', { timeout: 60_000 }, (_name, text) => {
  test('cut off anywhere', () => {
    for (let length = 0; length <= text.length; length += 7) askAll(text.slice(0, length), length);
  });

  test.each(['"', "'", '[', '{', '*', '&', '|', '#', '\t', '((', '$(', '`', '- ', ': ', '\n', '😀', '\u2028'])(
    'with %j put in anywhere',
    (wedge) => {
      for (let at = 0; at <= text.length; at += 97) {
        askAll(text.slice(0, at) + wedge + text.slice(at), at + wedge.length);
      }
    },
  );
});
