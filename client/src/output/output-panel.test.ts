import { expect, test } from 'vitest';
import { OutputPanel, type RunOutput } from './output-panel.ts';

function panelOf(isShared = false): { readonly panel: OutputPanel; readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  const create = (name: string) => ({
    append: (text: string) => void texts.set(name, `${texts.get(name) ?? ''}${text}`),
    appendLine: (text: string) => void texts.set(name, `${texts.get(name) ?? ''}${text}\n`),
    show: () => undefined,
    dispose: () => undefined,
  });
  return { panel: new OutputPanel({ create, isShared: () => isShared }), texts };
}

const output = (run: string): RunOutput => ({ run, task: 'slow', logFile: '/log' });
const piece = (text: string) => ({ source: 'stdout', data: Buffer.from(text) }) as const;

test.each([
  ['a channel for each task', false, 'Tarmac: slow', 'Tarmac: slow (2)'],
  ['one channel for all', true, 'Tarmac Tasks', 'Tarmac Tasks (2)'],
])('%s: two runs at once do not mix, and the next run has the first channel again', (_what, shared, first, second) => {
  const { panel, texts } = panelOf(shared);
  const [a, b] = [panel.open(output('slow-1')), panel.open(output('slow-2'))];
  a.add(piece('one\n'));
  b.add(piece('two\n'));
  a.add(piece('three\n'));
  a.dispose();
  b.dispose();
  const c = panel.open(output('slow-3'));
  c.add(piece('four\n'));
  c.dispose();
  expect([...texts]).toEqual([
    [first, 'one\nthree\nfour\n'],
    [second, 'two\n'],
  ]);
  panel.dispose();
});
