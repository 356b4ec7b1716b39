/** Execute on Save with real files and the runner's own watch; runs and the editor are doubles. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Uri } from 'vscode';
import type { ChangeListener } from '#runner';
import { FolderWatch } from '#internal/runner/src/watch/folder-watch.ts';
import { SaveWatches, type SaveWatchParts } from './save-watches.ts';

let cwd = '';
// Loading it takes longer than anything that is waited for here.
beforeAll(() => import('#runner'), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tarmac-save-'));
  vi.stubEnv('XDG_STATE_HOME', join(cwd, '.state'));
  writeFileSync(join(cwd, 'a.txt'), 'a');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cwd, { recursive: true });
});

function place() {
  // What a watch uses of them; the rest is the editor's.
  const uri = { toString: () => 'file:///ws/unit.yml', fsPath: join(cwd, 'unit.yml') } as unknown as Uri;
  const item = { text: '', show: vi.fn(), dispose: vi.fn() };
  const runs: { readonly finish: (result: object) => void }[] = [];
  const aborted: string[] = [];
  const wrong: string[] = [];
  const told: unknown[] = [];
  const spares: string[] = [];
  const asked: unknown[] = [];
  const parts = {
    host: { load: () => import('#runner') },
    executor: {
      prepare: (_uri: Uri, options: object) => {
        asked.push(options);
        const id = `unit-${runs.length + 1}`;
        const start = () => {
          const done = new Promise((resolve) => runs.push({ finish: resolve }));
          return Promise.resolve({ id, done });
        };
        return Promise.resolve({
          ...{ uri, id, task: 'unit', logFile: '', start },
          leave: () => Promise.resolve(spares.push(`left ${id}`)),
          removeSpare: () => Promise.resolve(spares.push(`removed after ${id}`)),
        });
      },
      watchSubject: () =>
        Promise.resolve({ folders: [cwd], files: [], outputs: [], includeIgnored: false, includeGit: false, wrong }),
    },
    control: {
      abortFollowed: (id: string) => {
        aborted.push(id);
        runs.at(-1)?.finish({ status: 'aborted' });
      },
    },
    panel: { show: vi.fn() },
    log: { info: () => undefined },
    tell: (error: unknown) => void told.push(error),
    createItem: () => item,
    openChanges: (listener: ChangeListener) => new FolderWatch(listener),
    activeFile: () => uri,
    settingsOf: () => ({ whileRunning: 'restart', reveals: true, cwd }),
  };
  return {
    parts: parts as unknown as SaveWatchParts,
    uri,
    item,
    runs,
    aborted,
    spares,
    wrong,
    told,
    asked,
    panel: parts.panel,
  };
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 20_000, interval: 10 });

it('runs at once and on each save, and says how it ended', async () => {
  const { parts, uri, item, runs, told, asked, panel } = place();
  await using watches = new SaveWatches(parts);
  expect(await watches.toggle(uri)).toBe(true);
  await until(() => expect(runs).toHaveLength(1));
  runs[0]?.finish({ status: 'succeeded', exitCode: 0 });
  await until(() => expect(item.text).toMatch(/^\$\(pass\) unit: succeeded in \S+, 1 file$/u));
  writeFileSync(join(cwd, 'a.txt'), 'b');
  await until(() => expect(runs).toHaveLength(2));
  runs[1]?.finish({ status: 'failed', exitCode: 2 });
  await until(() => expect(item.text).toMatch(/^\$\(error\) unit: failed \(2\) in \S+, 1 file changed: a\.txt$/u));
  // Only the first time is anybody asked, and later nothing else is saved.
  const onSave = { ask: 'never', save: false, isWatched: true };
  expect(asked).toEqual([{ ask: 'first', onlyAsks: true }, onSave, onSave]);
  expect(panel.show.mock.calls).toEqual([['unit-1']]);
  expect(told).toEqual([]);
});

it('ends with the run that it started, when it is switched off and when the window closes', async () => {
  const { parts, uri, item, runs, aborted, spares } = place();
  const watches = new SaveWatches(parts);
  await watches.toggle(uri);
  await until(() => expect(item.text).toContain('running'));
  expect(await watches.toggle(uri)).toBe(false);
  expect(aborted).toEqual(['unit-1']);
  expect(spares).toEqual(['removed after unit-1']);
  expect(item.dispose.mock.calls).toHaveLength(1);
  await watches.toggle(undefined);
  await until(() => expect(runs).toHaveLength(2));
  await watches[Symbol.asyncDispose]();
  expect(aborted).toEqual(['unit-1', 'unit-2']);
  expect(spares).toEqual(['removed after unit-1', 'removed after unit-2']);
  expect(item.dispose.mock.calls).toHaveLength(2);
});

it('says why nothing starts', async () => {
  const { parts, uri, item, runs, wrong } = place();
  wrong.push('unit.yml:3:1: unknown key');
  await using watches = new SaveWatches(parts);
  await watches.toggle(uri);
  await until(() => expect(item.text).toBe('$(warning) unit: nothing starts: unit.yml:3:1: unknown key'));
  expect(runs).toEqual([]);
});
