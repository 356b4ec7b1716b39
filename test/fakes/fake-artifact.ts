/** Artifact stores of a run without a volume: one that always works, and ones that fail at one step. */
import type { RunStore } from '#internal/runner/src/artifacts/run-store.ts';
import { StoreError, type StoreErrorKind } from '#internal/runner/src/store/errors.ts';
import type { StoreShell } from '#internal/runner/src/store/types.ts';
import { tarOf } from './tar.ts';

/** The steps of a run that ask its store for something. */
export type StoreStep = 'send' | 'restore-cache' | 'save-output' | 'save-cache' | 'save-logs' | 'fetch-output';

export interface FakeArtifactOptions {
  /** Where inputs are sent; `nowhere` means that the store has them. */
  readonly sendsTo?: RunStore['sendsTo'];
  /** Files of each output that is downloaded, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Called before a step; what it throws is the step's failure. */
  readonly before?: (step: StoreStep, name: string, signal: AbortSignal) => void | Promise<void>;
}

/** A store that always works. Each step execs its own name in the container it is given, so that their order shows. */
export function fakeArtifact(options: FakeArtifactOptions = {}): RunStore {
  const { sendsTo = 'init', files = { 'a.txt': 'a\n' } } = options;
  const step = async (what: StoreStep, name: string, shell: StoreShell, signal: AbortSignal): Promise<void> => {
    await options.before?.(what, name, signal);
    await shell.exec({ command: [what, name], signal });
  };
  return {
    singleNode: false,
    sendsTo,
    helperFetches: () => undefined,
    digestOf: () => undefined,
    fetchPrograms: (inputs) => inputs.map(({ input }) => ({ input, program: { command: ['fetch', input.name] } })),
    async send(inputs, shell, { signal, onProgress, persist }) {
      for (const { input } of inputs) {
        await persist(() => step('send', input.name, shell, signal));
        onProgress?.(input, { bytes: 7, total: 7 });
      }
      return new Map(inputs.map(({ input }) => [input.name, { sent: 7, unchanged: false }]));
    },
    withoutMemory: () => Promise.resolve(fakeArtifact({ ...options, sendsTo: 'init' })),
    restoreCache: async (cache, shell, signal) => {
      await step('restore-cache', cache.path, shell, signal);
      return undefined;
    },
    saveCache: (cache, shell, signal) => step('save-cache', cache.path, shell, signal),
    async saveOutput(output, shell, signal) {
      await step('save-output', output.name, shell, signal);
      const bytes = Object.values(files).reduce((sum, text) => sum + text.length, 0);
      return { files: Object.keys(files).length, bytes, archive: undefined, kept: true };
    },
    saveLogs: (shell, signal) => step('save-logs', '', shell, signal),
    async fetchOutput(output, shell, sink, signal) {
      await step('fetch-output', output.name, shell, signal);
      await sink(tarOf(files));
    },
  };
}

/** A store whose stream out of the pod fails, or another step. */
export function failingArtifact(failing: StoreStep = 'fetch-output', kind: StoreErrorKind = 'IO'): RunStore {
  return fakeArtifact({
    before(step) {
      if (step === failing) throw new StoreError(kind, `the stream of ${step} broke`);
    },
  });
}
