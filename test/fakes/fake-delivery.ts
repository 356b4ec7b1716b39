/** Deliveries of inputs with their stores, without a volume: one that always works, and ones that fail at one step. */
import { createHash } from 'node:crypto';
import type { InputDelivery } from '#internal/runner/src/artifacts/input-delivery.ts';
import type { ArtifactStore } from '#internal/runner/src/store/artifact-store.ts';
import { StoreError, type StoreErrorKind } from '#internal/runner/src/store/errors.ts';
import type { StoreShell } from '#internal/runner/src/store/types.ts';
import { tarOf } from './tar.ts';

/** The steps of a run that ask its store for something. */
export type StoreStep = 'send' | 'restore-cache' | 'save-output' | 'save-cache' | 'save-logs' | 'fetch-output';

export interface FakeDeliveryOptions {
  /** Where inputs are sent; `nowhere` means that the store has them. */
  readonly sendsTo?: InputDelivery['sendsTo'];
  /** Files of each output that is downloaded, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Called before a step; what it throws is the step's failure. */
  readonly before?: (step: StoreStep, name: string, signal: AbortSignal) => void | Promise<void>;
}

type Step = (what: StoreStep, name: string, shell: StoreShell, signal: AbortSignal | undefined) => Promise<void>;

/** A delivery and a store that always work. Each step execs its own name in the container it is given, so that their order shows. */
export function fakeDelivery(options: FakeDeliveryOptions = {}): InputDelivery {
  const { sendsTo = 'init', files = { 'a.txt': 'a\n' } } = options;
  const step: Step = async (what, name, shell, signal = new AbortController().signal) => {
    await options.before?.(what, name, signal);
    await shell.exec({ command: [what, name], signal });
  };
  return {
    singleNode: false,
    sendsTo,
    fetches: () => [],
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
    withoutMemory: () => Promise.resolve(fakeDelivery({ ...options, sendsTo: 'init' })),
    storeIn: (shell) => storeIn(shell, step, files),
  };
}

function storeIn(shell: StoreShell, step: Step, files: Readonly<Record<string, string>>): ArtifactStore {
  const unused = (): never => {
    throw new TypeError('a run does not ask its store for this');
  };
  return {
    persistent: true,
    has: unused,
    provide: unused,
    listOutput: unused,
    readOutputFile: unused,
    async restoreCache(_key, directory, options) {
      await step('restore-cache', directory, shell, options?.signal);
      return true;
    },
    async saveCache(_key, directory, options) {
      await step('save-cache', directory, shell, options?.signal);
      return undefined;
    },
    async saveOutput(output, options) {
      await step('save-output', output.name, shell, options?.signal);
      const bytes = Object.values(files).reduce((sum, text) => sum + text.length, 0);
      return { files: Object.keys(files).length, bytes, archive: undefined, kept: true };
    },
    saveLogs: (_run, options) => step('save-logs', '', shell, options?.signal),
    async fetchOutput(output, sink, options) {
      await step('fetch-output', output.name, shell, options?.signal);
      const archive = tarOf(files);
      await sink(archive);
      return { bytes: archive.length, sha256: createHash('sha256').update(archive).digest('hex') };
    },
  };
}

/** A store whose stream out of the pod fails, or another step. */
export function failingDelivery(failing: StoreStep = 'fetch-output', kind: StoreErrorKind = 'IO'): InputDelivery {
  return fakeDelivery({
    before(step) {
      if (step === failing) throw new StoreError(kind, `the stream of ${step} broke`);
    },
  });
}
