/** What `activate` gives to other extensions: `tarmac-api.ts` over the parts of this one. */
import { commands } from 'vscode';
import { startMs, type RunModel } from '../runs/run-model.ts';
import type { Running } from '../parts.ts';
import type { TarmacApi, TarmacRun } from './tarmac-api.ts';
import type { Views } from '../views/views.ts';

export type * from './tarmac-api.ts';

/** The API over the parts of the extension. */
export function createApi(running: Running, views: Views): TarmacApi {
  const { executor, store, control, memory, choice } = running;
  return {
    version: 1,
    async execute(task, options) {
      const run = await executor.execute(task, options);
      return run && { id: run.id, done: run.done.then(({ status }) => status) };
    },
    async abort(run) {
      const known = store.get(run);
      const ref = memory.get(run) ?? choice.current;
      if (known && ref) {
        const { context, namespace } = known;
        await control.abort(run, { kubeconfig: ref.kubeconfig, context, namespace });
      }
    },
    get runs() {
      return store.runs.flatMap(apiRun);
    },
    onDidChangeRuns: (listener, self, disposables) =>
      store.onDidChange(
        ({ added, changed }) => {
          listener.call(self, [...added, ...changed]);
        },
        undefined,
        disposables,
      ),
    artifactUri(run, output, path = '') {
      const known = store.get(run);
      const place = known && views.placeOf(known);
      return place && views.access.uri(place, { kind: 'output', run, name: output }, path);
    },
    async openShell(run) {
      await commands.executeCommand('tarmac.openShell', run);
    },
  };
}

/** None for a pod that waits for a run. */
function apiRun(run: RunModel): TarmacRun[] {
  const { run: id, task, taskFile, state, context, namespace, durationMs, exitCode, failure, logFile } = run;
  if (state === 'spare') return [];
  return [
    {
      ...{ id, task, taskFile, state, context, namespace, startedAt: startMs(run) ?? 0 },
      inputs: run.inputs.map(({ name }) => name),
      outputs: run.outputs.map(({ name }) => name),
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(failure ? { failure: { kind: failure.kind, title: failure.title, nextStep: failure.nextStep } } : {}),
      ...(run.pod === undefined ? {} : { pod: run.pod }),
      ...(run.podKeptUntil === undefined ? {} : { podKeptUntil: run.podKeptUntil }),
      ...(logFile === undefined ? {} : { logFile }),
    },
  ];
}
