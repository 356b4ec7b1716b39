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

/** Local times, as the panel tells them. */
const at = (hour: number, minute: number): number => new Date(2026, 10, 29, hour, minute, 5).getTime();
const output = (run: string, startedAt = at(17, 8)): RunOutput => ({ run, task: 'slow', logFile: '/log', startedAt });
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
  const c = panel.open(output('slow-3', at(18, 0)));
  c.add(piece('four\n'));
  c.dispose();
  expect([...texts]).toEqual([
    [first, '── slow · 17:08:05 ──\none\nthree\n\n── slow · 18:00:05 ──\nfour\n'],
    [second, '── slow · 17:08:05 ──\ntwo\n'],
  ]);
  panel.dispose();
});

test('a run that is taken up again goes on below its rule, and one of unknown age has no time', () => {
  const { panel, texts } = panelOf();
  const before = panel.open(output('slow-1', 0));
  before.add(piece('one\n'));
  before.dispose();
  const after = panel.open(output('slow-1', 0));
  after.add(piece('two\n'));
  after.dispose();
  expect(texts.get('Tarmac: slow')).toBe('── slow ──\none\ntwo\n');
  panel.dispose();
});
