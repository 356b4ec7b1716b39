import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findResults } from '#internal/runner/src/results/of-run.ts';
import { newRun, type RunModel, type RunOutput } from '../runs/run-model.ts';
import { resultSource, type Reach, type StoredArtifacts } from './result-source.ts';

const junit = '<testsuite><testcase name="a"/></testsuite>';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-source-'));
});
afterEach(() => rm(folder, { recursive: true }));

function runOf(task: string, ...outputs: readonly RunOutput[]): RunModel {
  return newRun({
    ...{ run: 'unit-1', task, taskFile: '/ci/unit.yml', context: 'c', namespace: 'n', claim: 'store', outputs },
    ...{ state: 'failed', startedAt: new Date().toISOString() },
  });
}

/** What is found in the log, and in a store that has one report in each output. */
async function find(run: RunModel, reach: Reach = 'likely', log = ''): Promise<readonly string[]> {
  const runner = {
    replayLogs: async function* () {
      await Promise.resolve();
      yield { stream: 'stdout', offset: 0, data: Buffer.from(log) } as const;
      yield { stream: 'stderr', offset: 0, data: Buffer.from(`TAP version 13\n1..1\nok 1\n`) } as const;
    },
  };
  const stored = {
    placeOf: () => ({ kubeconfig: '', context: 'c', namespace: 'n' }),
    access: {
      tree: () => Promise.resolve({ filesBelow: () => ['junit.xml'], entry: () => ({ size: junit.length }) }),
      stream: (_artifact: unknown, _path: string, sink: (chunk: Uint8Array) => void) => {
        sink(Buffer.from(junit));
        return Promise.resolve();
      },
    },
  } as unknown as StoredArtifacts;
  const { tests } = await findResults(resultSource(run, runner, '/state', stored, reach));
  return tests.map(({ path }) => path);
}

describe('the reports of a run are read', () => {
  test('in outputs that were downloaded: what came with the run, and no link', async () => {
    await mkdir(join(folder, 'deep'));
    await writeFile(join(folder, 'deep/junit.xml'), junit);
    await symlink(join(folder, 'deep/junit.xml'), join(folder, 'link.xml'));
    const run = runOf('build', { name: 'out', target: folder, downloaded: true });
    expect(await find(run)).toEqual(['out/deep/junit.xml']);
    // A file of yesterday, whose time says so: the time of its change on this disk counts.
    await utimes(join(folder, 'deep/junit.xml'), 1, 1);
    expect(await find(run)).toEqual(['out/deep/junit.xml']);
    expect(await find({ ...run, startedAt: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
  });

  test('in outputs that only the store has, where a name promises a report, or everything is wanted', async () => {
    const kept = (name: string): RunOutput => ({ name, kept: true });
    expect(await find(runOf('build', kept('binaries')))).toEqual([]);
    expect(await find(runOf('build', kept('binaries'), kept('test-report')))).toEqual(['test-report/junit.xml']);
    expect(await find(runOf('unit-tests', kept('binaries')))).toEqual(['binaries/junit.xml']);
    expect(await find(runOf('build', kept('binaries')), 'all')).toEqual(['binaries/junit.xml']);
    expect(await find(runOf('build', { name: 'report', kept: false }), 'all')).toEqual([]);
  });

  test('in the log, what the command printed on stdout', async () => {
    expect(await find(runOf('build'), 'likely', 'TAP version 13\n1..1\nok 1 - a\n')).toEqual(['log']);
    expect(await find(runOf('build'), 'likely', 'hello\n')).toEqual([]);
  });
});
