import { afterEach, expect, test } from 'vitest';
import { forget, statusBar, Uri, visibleEditors, window } from '../../../test/fakes/vscode.ts';
import { newRun, type RunModel } from '../runs/run-model.ts';
import { RunStore, type RunStoreChange } from '../runs/run-store.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { StatusBar } from './status-bar.ts';

const editor = (languageId: string) => ({ document: { uri: Uri.file('/w/x'), languageId } });
const task = editor('concourse-task-yaml');
/** The Output panel is an editor, too. */
const output = editor('tarmac-output');

let bar: StatusBar | undefined;
let store: RunStore | undefined;
afterEach(() => {
  bar?.dispose();
  store?.dispose();
  forget();
});

function scene(...runs: readonly RunModel[]): RunStore {
  const made = new RunStore(new PlainEmitter<RunStoreChange>(), new PlainEmitter());
  for (const run of runs) made.put(run);
  const current = { kubeconfig: '', context: 'kind', namespace: 'ci' };
  const choice = { current, onDidChange: new PlainEmitter<void>().event };
  store = made;
  bar = new StatusBar(made, choice);
  return made;
}

/** What the item says that names the cluster; undefined while it is not there. */
function cluster(): string | undefined {
  const item = statusBar.get('tarmac.cluster');
  return item?.isShown ? item.text.replace(/\$\([\w-]+\) /u, '') : undefined;
}

function show(visible: (typeof task)[], active: typeof task | undefined): void {
  window.visibleTextEditors = visible;
  window.activeTextEditor = active;
  visibleEditors.fire(undefined);
}

test('the cluster is shown while a task is visible, whatever has the focus', () => {
  scene();
  expect(cluster()).toBeUndefined();
  show([task], task);
  expect(cluster()).toBe('kind/ci');
  show([task, output], output);
  expect(cluster()).toBe('kind/ci');
  show([task], undefined);
  expect(cluster()).toBe('kind/ci');
  show([output, editor('go')], output);
  expect(cluster()).toBeUndefined();
});

test('and while a task of this window is running', () => {
  const facts = { run: 'unit-1', task: 'unit', taskFile: '', context: 'kind', namespace: 'ci', startedAt: '' };
  scene(newRun({ ...facts, state: 'running', following: true }));
  expect(cluster()).toBe('kind/ci');
  bar?.dispose();
  scene(newRun({ ...facts, state: 'running', elsewhere: true }));
  expect(cluster()).toBeUndefined();
  expect(statusBar.get('tarmac.runs')?.isShown).toBe(false);
});
