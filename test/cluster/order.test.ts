/** The order of execs on the wire: the task's command first, then the helper, as JetBridge has it (tasks, "Run sequence"). */
import { expect, test } from 'vitest';
import type { Cluster, ExecRequest, ExecResult } from '#runner';
import { scriptOf } from '../fakes/exec-script.ts';
import { Workbench } from './support/run.ts';

/** How the runner asks whether the helper can be reached yet: it may ask any number of times, and changes nothing. */
const PROBE = 'artifact-helper: probe';

interface SeenExec {
  readonly container: string;
  readonly script: string;
}

/** A cluster that notes when each exec begins and ends. Its other calls pass through. */
function noting(cluster: Cluster, notes: string[]): Cluster {
  const what = ({ container, command }: ExecRequest): SeenExec => ({
    container,
    // Ours are `SCRIPT ARG VERB…`, behind the proof that it is the right pod.
    script: scriptOf(command).length === 0 ? 'probe' : [scriptOf(command)[0], scriptOf(command)[2]].join(' '),
  });
  const exec = async (request: ExecRequest): Promise<ExecResult> => {
    const { container, script } = what(request);
    const state = { began: false };
    const begin = (): void => {
      if (!state.began) notes.push(`${container}: ${script}`);
      state.began = true;
    };
    try {
      const result = await cluster.exec({ ...request, stdout: (chunk) => (begin(), request.stdout?.(chunk)) });
      begin();
      notes.push(`${container}: end`);
      return result;
    } catch (error) {
      // Refused because the container is not there yet: it never was on the wire as an exec.
      if (state.began) notes.push(`${container}: lost`);
      throw error;
    }
  };
  return new Proxy(cluster, {
    get(target, name) {
      if (name === 'exec') return exec;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

test('the command in main, and when it has ended the helper saves outputs, cache and log, then streams out', async () => {
  const notes: string[] = [];
  await using bench = await Workbench.open({ wrap: (cluster) => noting(cluster, notes) });
  const { result } = await bench.run({
    task: { outputs: [{ name: 'a' }, { name: 'b' }] },
    sh: 'echo 1 >a/f; echo 2 >b/f; exit 3',
    download: ['b'],
  });
  expect(result).toMatchObject({ status: 'failed', exitCode: 3 });
  expect(notes[0]).toMatch(/^main: start/);
  expect(notes[1]).toBe('main: end');
  expect(notes.slice(2).every((note) => note.startsWith('artifact-helper: '))).toBe(true);
  expect(notes.filter((note) => !note.endsWith(': end') && note !== PROBE)).toEqual([
    expect.stringMatching(/^main: start/),
    expect.stringMatching(/^artifact-helper: store save/),
    expect.stringMatching(/^artifact-helper: store save/),
    expect.stringMatching(/^artifact-helper: store logs/),
    expect.stringMatching(/^artifact-helper: store stream/),
  ]);
});
