import { defineConfig } from 'vitest/config';

// Three projects, so that `npm test` can show progress and counts per kind: what needs nothing, what needs the
// conformance data, what needs a real Kubernetes.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{task,server,runner,cli,client}/src/**/*.test.ts',
            'test/fakes/**/*.test.ts',
            'test/unit/**/*.test.ts',
          ],
        },
      },
      { test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'] } },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
