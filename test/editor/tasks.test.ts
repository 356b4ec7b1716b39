import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { languages, tasks, workspace, type Task, type TaskExecution } from 'vscode';
import { tarmac } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { useNoCluster, useTestCluster } from './support/runs.ts';
import { fileUri } from './support/workspace.ts';

/** The states of the runs of a task file of this workspace, newest first. */
async function states(file: string): Promise<string[]> {
  const { runs } = await tarmac();
  return runs.filter((run) => run.taskFile === fileUri(file).fsPath).map(({ state }) => state);
}

/** A task as tasks.json would have it: VS Code asks the extension for its execution. */
function inTasksJson(name: string, definition: Record<string, unknown>): Record<string, unknown> {
  return { label: name, type: 'concourse', ask: 'never', ...definition };
}

async function writeTasks(list: readonly Record<string, unknown>[]): Promise<void> {
  const text = JSON.stringify({ version: '2.0.0', tasks: list });
  await workspace.fs.writeFile(fileUri('.vscode/tasks.json'), Buffer.from(text));
}

/** The task of this name, once VS Code has it. */
async function found(name: string): Promise<Task> {
  return eventually(async () => {
    const all = await tasks.fetchTasks();
    const task = all.find((each) => each.name === name);
    assert.ok(task, `${name} is among ${all.map((each) => each.name).join(', ')}`);
    return task;
  });
}

/** Runs a task to its end; its exit code. */
async function run(task: Task): Promise<number | undefined> {
  const ended = Promise.withResolvers<number | undefined>();
  const listener = tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
    if (execution.task.name === task.name) ended.resolve(exitCode);
  });
  try {
    await tasks.executeTask(task);
    return await ended.promise;
  } finally {
    listener.dispose();
  }
}

describe('VS Code tasks', () => {
  before(useTestCluster);
  after(async () => {
    await workspace.fs.delete(fileUri('.vscode/tasks.json'));
    await useNoCluster();
  });

  it('are offered for the task files of the workspace', async () => {
    const offered = await tasks.fetchTasks({ type: 'concourse' });
    const files = offered.map(({ definition }) => String(definition['file']));
    assert.ok(files.includes('ci/tasks/build.yml') && files.includes('ci/unit-task.yaml'), files.join(', '));
    assert.ok(!files.includes('elsewhere/plain.yml'));
  });

  it('run with what tasks.json says, one after what it depends on; an output lands in its folder', async () => {
    await writeTasks([
      inTasksJson('make', {
        file: 'ci/tasks/build.yml',
        inputs: { source: 'source', settings: '${workspaceFolder}/settings' },
        params: { MODE: 'from tasks.json', TOKEN: 'none' },
        outputs: { built: 'out/built' },
      }),
      inTasksJson('after it', { file: 'ci/tasks/fails.yml', dependsOn: ['make'] }),
    ]);
    const before = (await states('ci/tasks/build.yml')).length;
    assert.equal(await run(await found('after it')), 3, 'the exit code is that of the command');
    assert.equal((await states('ci/tasks/build.yml')).length, before + 1, 'what it depends on ran, once');
    const text = await workspace.fs.readFile(fileUri('out/built/greeting.txt'));
    assert.equal(Buffer.from(text).toString().trim(), 'hello');
  });

  it('that are not right fail and start nothing', async () => {
    const all = (await states('ci/tasks/build.yml')).length;
    const bad = [
      { file: 'ci/tasks/build.yml', params: { MODE: 1 } },
      { file: 'ci/tasks/nowhere.yml' },
      { file: 'ci/tasks/build.yml', inputs: { source: 'nowhere' } },
    ];
    await writeTasks(bad.map((definition, index) => inTasksJson(`bad ${index}`, definition)));
    for (const index of bad.keys()) assert.equal(await run(await found(`bad ${index}`)), 1);
    assert.equal((await states('ci/tasks/build.yml')).length, all);
  });

  it('say where in the files of this machine their problems are', async () => {
    await writeTasks([
      inTasksJson('compile', {
        file: 'ci/tasks/complains.yml',
        inputs: { source: 'source' },
        problemMatcher: '$concourse-task',
      }),
    ]);
    assert.equal(await run(await found('compile')), 1);
    const told = await eventually(() => {
      const diagnostics = languages.getDiagnostics(fileUri('source/greeting.txt'));
      assert.equal(diagnostics.length, 2);
      return diagnostics;
    });
    assert.deepEqual(
      told.map(({ message, range }) => `${range.start.line + 1}:${range.start.character + 1} ${message}`).sort(),
      ['1:1 by its whole path', '1:2 too kind'],
    );
    assert.deepEqual(
      languages.getDiagnostics().filter(([uri, list]) => list.length > 0 && uri.path.startsWith('/tmp/build/')),
      [],
    );
  });

  it('that are terminated abort their run', async () => {
    await writeTasks([inTasksJson('endless', { file: 'ci/tasks/forever.yml' })]);
    const execution: TaskExecution = await tasks.executeTask(await found('endless'));
    await eventually(async () => assert.equal((await states('ci/tasks/forever.yml'))[0], 'running'));
    execution.terminate();
    await eventually(async () => assert.equal((await states('ci/tasks/forever.yml'))[0], 'aborted'));
  });
});
