/** Tokens and inlay hints of pipelines. */
import { describe, expect, it } from 'vitest';
import { foldingRanges } from '../folding-ranges.ts';
import { formattingEdits } from '../formatting/formatting.ts';
import { applyEdits } from '../fixes/edits.ts';
import { selectionRanges } from '../selection-ranges.ts';
import { pipelineHints } from './inlay-hints.ts';
import { CHECKOUT, pipelineAt, pipelineOf } from './testing.ts';
import { pipelineTokens } from './tokens.ts';

const PIPELINE = `resources:
- {name: app, type: git, source: {uri: https://git.example.com/acme/app.git, branch: main}, version: {ref: abc}}
- {name: own, type: git, source: {uri: https://git.example.com/acme/app.git, branch: main}}
jobs:
- name: unit
  build_logs_to_retain: 2
  plan:
  - get: app
  - get: own
  - task: test
    file: own/./ci/test.yml
    input_mapping: {repo: app}
    params: {A: ((secret))}
  - across: [{var: dir, values: [ci]}]
    task: each
    file: own/((.:dir))/test.yml
`;
const FILES = { ...CHECKOUT, '/ws/ci/test.yml': 'platform: linux\nrun: {path: ls}\n' };

function tokens(type: string): string[] {
  const request = pipelineOf(PIPELINE, FILES);
  return pipelineTokens(request)
    .filter((token) => token.type === type)
    .map(({ range, modifiers }) => [PIPELINE.slice(range.start, range.end), ...(modifiers ?? [])].join(' '));
}

describe('tokens', () => {
  it.each<[string, string[]]>([
    ['class', ['app declaration', 'own declaration', 'app', 'own']],
    ['type', ['git', 'git']],
    ['function', ['test declaration', 'each declaration', 'unit declaration']],
    ['namespace', ['own', 'repo', 'app', 'own']],
    ['parameter', ['A']],
    ['macro', ['secret', '.:dir']],
  ])('%s', (type, expected) => {
    expect(tokens(type)).toEqual(expected);
  });

  it('keys that Concourse knows, also those of steps; what is out of use is marked', () => {
    const keys = tokens('property');
    expect(keys).toEqual(expect.arrayContaining(['resources', 'plan', 'get', 'input_mapping', 'across', 'var']));
    expect(keys).toContain('build_logs_to_retain deprecated');
    expect(keys).not.toContain('uri');
  });
});

describe('inlay hints', () => {
  const hints = (options: { paths: boolean; values: boolean }): unknown[] =>
    pipelineHints(pipelineOf(PIPELINE, FILES), { start: 0, end: PIPELINE.length }, options).map(
      ({ position, label }) => [position.line, label],
    );

  it('a pin, and files that are elsewhere than they seem', () => {
    expect(hints({ paths: true, values: true })).toEqual([
      [7, 'pinned: ref abc'],
      [10, '→ ci/test.yml'],
      [15, '→ ci/test.yml'],
    ]);
  });

  it('follow the settings', () => {
    expect(hints({ paths: false, values: true })).toEqual([[7, 'pinned: ref abc']]);
    expect(hints({ paths: false, values: false })).toEqual([]);
  });
});

describe('the file as a whole', () => {
  it('folds', () => {
    const ranges = foldingRanges({ task: pipelineOf(PIPELINE).source }).map(
      ({ startLine, endLine }) => `${startLine}-${endLine}`,
    );
    expect(ranges).toEqual(expect.arrayContaining(['0-2', '3-15', '4-15', '6-15', '9-12']));
  });

  it('grows a selection from the word to the step, the plan, the job', () => {
    const request = pipelineAt(PIPELINE.replace('- get: own', '- get: o<*>wn'));
    const texts: string[] = [];
    let range = selectionRanges({ task: request.source }, [request.offset])[0];
    for (; range; range = range.parent) {
      const { start, end } = range.range;
      texts.push(`${start.line}:${start.character}-${end.line}:${end.character}`);
    }
    expect(texts.slice(0, 2)).toEqual(['8:9-8:12', '8:4-8:12']);
    expect(texts).toContain('7:2-15:32');
    expect(texts.at(-1)).toBe('0:0-16:0');
  });

  it('is laid out, and stays the same', () => {
    const text = 'resources:\n-   {name: a, type: git}\njobs:\n- name: j\n  plan:\n   -   get: a\n';
    const { source } = pipelineOf(text);
    const once = applyEdits(text, formattingEdits(source, 2));
    expect(once).toBe('resources:\n  - {name: a, type: git}\njobs:\n  - name: j\n    plan:\n      - get: a\n');
  });
});
