import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { languages, tasks, workspace, type Task, type TaskExecution } from 'vscode';
import { readJobs } from '#internal/runner/src/job/record/list-jobs.ts';
import { stateDir } from '#internal/runner/src/model/state-dir.ts';
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

const config = (script: string, more = ''): string =>
  `{platform: linux, image_resource: {type: registry-image, source: {repository: busybox, tag: musl}}, ${more}run: {path: sh, args: [-ec, "${script}"]}}`;

const pipeline = `jobs:
- name: from-an-editor
  plan:
  - task: make
    config: ${config('echo ((word)) >out/word', 'outputs: [{name: out}], ')}
  - task: check
    config: ${config('grep runway out/word; echo source/greeting.txt:1:1: error: too kind; exit 3', 'inputs: [{name: out}, {name: source}], ')}
- name: endless-in-an-editor
  plan:
  - task: wait
    config: ${config('while true; do sleep 0.2; done')}
  ensure:
    task: tidy
    config: ${config('echo tidied')}
`;

/** The newest run of a job: how it is, and its steps. */
async function lastJob(name: string): Promise<{ id: string | undefined; state: string; steps: string[] }> {
  const job = (await readJobs(stateDir(process.env))).find((each) => each.job === name);
  return {
    id: job?.id,
    state: job?.state ?? 'none',
    steps: (job?.steps ?? []).map(({ id, state }) => `${id} ${state}`),
  };
}

describe('VS Code tasks of jobs', () => {
  const job = (name: string, definition: Record<string, unknown>): Record<string, unknown> =>
    inTasksJson(name, { type: 'concourse-job', pipeline: 'ci/pipeline.yml', ...definition });
  before(async () => {
    await useTestCluster();
    await workspace.fs.writeFile(fileUri('ci/pipeline.yml'), Buffer.from(pipeline));
  });
  after(async () => {
    await workspace.fs.delete(fileUri('.vscode/tasks.json'));
    await workspace.fs.delete(fileUri('ci/pipeline.yml'));
    await useNoCluster();
  });

  it('are offered for the jobs of the pipelines of the workspace', async () => {
    await eventually(async () => {
      const offered = await tasks.fetchTasks({ type: 'concourse-job' });
      assert.deepEqual(
        offered.map(({ name }) => name),
        ['ci/pipeline.yml: from-an-editor', 'ci/pipeline.yml: endless-in-an-editor'],
      );
    });
  });

  it('run with what tasks.json says, end with the code of `tarmac job`, and say where problems are', async () => {
    const inputs = { source: 'source' };
    const problemMatcher = '$concourse-task';
    await writeTasks([job('ship it', { job: 'from-an-editor', vars: { word: 'runway' }, inputs, problemMatcher })]);
    assert.equal(await run(await found('ship it')), 1, 'the job has failed');
    const { state, steps } = await lastJob('from-an-editor');
    assert.deepEqual([state, ...steps], ['failed', 'task:make succeeded', 'task:check failed']);
    await eventually(() => {
      const told = languages.getDiagnostics(fileUri('source/greeting.txt')).map(({ message }) => message);
      assert.ok(told.includes('too kind'), told.join(', '));
    });
  });

  it('that are not right fail and start nothing', async () => {
    const { state } = await lastJob('endless-in-an-editor');
    await writeTasks([
      job('wrong 0', { job: 'nowhere' }),
      job('wrong 1', { job: 'from-an-editor' }),
      job('wrong 2', { job: 'from-an-editor', vars: { word: 'x' }, puts: ['image'] }),
    ]);
    for (const index of [0, 1, 2]) assert.equal(await run(await found(`wrong ${index}`)), 1);
    assert.equal((await lastJob('endless-in-an-editor')).state, state);
  });

  it('that are terminated abort their job, whose hooks run', async () => {
    const { id: former } = await lastJob('endless-in-an-editor');
    await writeTasks([job('without end', { job: 'endless-in-an-editor' })]);
    const execution = await tasks.executeTask(await found('without end'));
    await eventually(async () => {
      const { id, steps } = await lastJob('endless-in-an-editor');
      assert.notEqual(id, former);
      assert.deepEqual(steps, ['task:wait running']);
    });
    execution.terminate();
    await eventually(async () => {
      const { state, steps } = await lastJob('endless-in-an-editor');
      assert.deepEqual([state, ...steps], ['aborted', 'task:wait aborted', 'task:tidy succeeded']);
    });
  });
});

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
    const shown = (): string[] =>
      languages
        .getDiagnostics(fileUri('source/greeting.txt'))
        .map(({ message, range }) => `${range.start.line + 1}:${range.start.character + 1} ${message}`)
        // That of a job, which stays until it runs again.
        .filter((text) => text !== '1:1 too kind')
        .sort();
    await writeTasks([
      inTasksJson('compile', {
        file: 'ci/tasks/complains.yml',
        inputs: { source: 'source' },
        problemMatcher: '$concourse-task',
      }),
    ]);
    assert.equal(await run(await found('compile')), 1);
    await eventually(() => assert.deepEqual(shown(), ['1:1 by its whole path', '1:2 too kind']));
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
