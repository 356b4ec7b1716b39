/** The projects of Vitest: one per kind of test. */
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { textFiles } from './scripts/build/text-files.ts';

/** Each test file is watched for what it reads outside of the repository. */
const setupFiles = ['test/support/outside.ts'];
/** What every project has. */
const plugins = [textFiles];
/**
 * What a real VS Code or a real Kubernetes does under load is tried once more. `npm test` names at its end what passed
 * at its second try only.
 */
const retry = 1;

// One project per kind, so that `npm test` can show progress and counts for each: what needs nothing, what needs the
// conformance data, the language server over a connection, what needs a real Kubernetes.
export default defineConfig({
  test: {
    // The test machine has two cores, and the cluster's kubelet wants some of them.
    maxWorkers: 2,
    projects: [
      {
        plugins,
        // What asks the user is tested with a person in VS Code's place.
        resolve: { alias: { vscode: resolve(import.meta.dirname, 'test/fakes/vscode.ts') } },
        test: {
          name: 'unit',
          setupFiles,
          // Only what hangs is to fail: a busy machine may take longer than the five seconds that are the default.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          include: [
            '{concourse,workspace,server,runner,cli,client}/src/**/*.test.ts',
            'test/fakes/**/*.test.ts',
            'test/unit/**/*.test.ts',
            'test/golden/**/*.test.ts',
          ],
        },
      },
      {
        plugins,
        test: { name: 'conformance', setupFiles, include: ['test/conformance/**/*.test.ts'], testTimeout: 30_000 },
      },
      // Public task files, which are not in this repository: only where TARMAC_CORPUS names their folder.
      { plugins, test: { name: 'corpus', setupFiles, include: ['test/outer/**/*.test.ts'], testTimeout: 30_000 } },
      { plugins, test: { name: 'protocol', setupFiles, include: ['test/protocol/**/*.test.ts'], testTimeout: 30_000 } },
      // Time is what it is about: a text that takes minutes has failed.
      { plugins, test: { name: 'fuzz', setupFiles, include: ['test/fuzz/**/*.test.ts'], testTimeout: 300_000 } },
      {
        plugins,
        test: {
          name: 'ui',
          setupFiles,
          include: ['test/ui/**/*.test.ts'],
          globalSetup: 'test/ui/support/installed.ts',
          fileParallelism: false,
          retry,
          // A busy machine takes its time to draw; what never comes is found all the same.
          expect: { poll: { timeout: 45_000, interval: 100 } },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      // Pictures for people to look at and for the guide: no suite, see scripts/pictures.
      {
        plugins,
        test: {
          name: 'pictures',
          include: ['scripts/pictures/**/*.test.ts'],
          globalSetup: 'test/ui/support/installed.ts',
          expect: { poll: { timeout: 45_000, interval: 100 } },
          testTimeout: 400_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins,
        test: {
          name: 'cluster',
          setupFiles,
          include: ['test/cluster/**/*.test.ts'],
          retry,
          // Seven pods at once on a busy machine take minutes to start: only what hangs is to fail.
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
