import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadVars } from '#concourse';
import { prepareJob, type JobRequest, type PreparedJob } from './prepare-job.ts';

const pipeline = `
resources:
- {name: app, type: git, source: {uri: 'https://git.example.com/acme/app.git', branch: main}}
- {name: docs, type: git, source: {uri: 'https://git.example.com/acme/app.git', branch: docs}}
- {name: go, type: registry-image, source: {repository: golang, tag: '1.25'}}
- {name: version, type: semver, source: {}}
- {name: image, type: registry-image, source: {repository: r.example.com/app}}
- {name: chat, type: slack, source: {}}
jobs:
- {name: lint, plan: [{get: app}]}
- name: unit
  plan:
  - in_parallel:
      limit: 2
      steps:
      - {get: repo, resource: app, passed: [lint]}
      - get: go
  - task: lint
    file: repo/ci/lint.yml
    image: go
    attempts: 2
  - across:
    - {var: x, values: [a, b], max_in_flight: all}
    task: test-((.:x))
    timeout: 10m
    config: {platform: linux, inputs: [{name: repo}], run: {path: make}}
  - put: version
    params: {bump: patch}
  - load_var: version
    file: version/version
  - put: image
    inputs: [repo]
    params: {image: repo/x.tar}
    get_params: {skip_download: true}
    on_failure: {put: chat, params: {text: broken}, no_get: true}
  ensure: {task: lint, config: {platform: linux, run: {path: report}}}
- name: docs
  plan:
  - get: docs
  - task: build
    config: {platform: windows, inputs: [{name: docs}], run: {path: build}}
`;

let cwd = '';

beforeAll(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'tarmac-job-')));
  const git = (...args: readonly string[]): void => void execFileSync('git', ['-C', cwd, ...args], { stdio: 'ignore' });
  git('init', '-b', 'main');
  git('remote', 'add', 'origin', 'git@git.example.com:acme/app');
  mkdirSync(join(cwd, 'ci'));
  writeFileSync(
    join(cwd, 'ci/lint.yml'),
    'platform: linux\ninputs: [{name: repo}]\noutputs: [{name: report}]\nrun: {path: x}\n',
  );
});
afterAll(() => rmSync(cwd, { recursive: true }));

function prepare(request: Partial<Omit<JobRequest, 'vars'>> = {}) {
  const { vars } = loadVars({});
  return prepareJob({ text: pipeline, file: 'ci.yml', job: 'unit', choices: {}, inputs: {}, cwd, vars, ...request });
}

async function prepared(request: Partial<Omit<JobRequest, 'vars'>> = {}): Promise<PreparedJob> {
  const result = await prepare(request);
  if ('wrong' in result) throw new Error(result.wrong.join('\n'));
  return result;
}

describe('the plan as a tree', () => {
  test('shows what runs, where artifacts come from and what is held back', async () => {
    const { tree } = await prepared();
    expect(tree).toEqual([
      'job unit',
      '├─ in_parallel  (limit 2)',
      `│  ├─ get repo  (folder ${cwd}; passed lint is not enforced)`,
      '│  └─ get go  (image golang:1.25)',
      '├─ task lint  [do[1]/task:lint]  (attempts 2; repo/ci/lint.yml; image go)',
      '├─ across x: ["a","b"], all at once',
      '│  └─ task test-((.:x))  (config in the pipeline; timeout 10m)',
      '├─ put version  (held back; runs with --put version)',
      '├─ load_var version  (version/version)',
      '├─ put image  (held back; runs with --put image)',
      '│  └─ on_failure',
      '│     └─ put chat  (held back; runs with --put chat)',
      '└─ ensure',
      '   └─ task lint  [ensure/task:lint]  (config in the pipeline)',
    ]);
  });

  test('says before the first pod what a put that is held back would have left', async () => {
    expect((await prepared()).problems).toEqual([
      "load_var:version needs the artifact 'version', which will not be there: its put is held back. Give -i version=DIR, name the put with --put version, or stop before with --until.",
    ]);
    expect((await prepared({ inputs: { version: '.' } })).problems).toEqual([]);
    expect((await prepared({ choices: { until: 'test-((.:x))' } })).problems).toEqual([]);
  });

  test('a put that is named needs a resource type whose image is known', async () => {
    const named = { inputs: { version: '.' }, choices: { puts: ['image', 'chat'] } };
    expect((await prepared(named)).problems).toEqual([
      "put chat: no image is known for the resource type 'slack'. Name one with --resource-type slack=IMAGE.",
    ]);
    expect((await prepared({ ...named, resourceTypes: { slack: 'r.example.com/slack' } })).problems).toEqual([]);
  });
});

describe('the choice of steps', () => {
  const steps = async (choices: JobRequest['choices']): Promise<readonly string[]> =>
    (await prepared({ choices, inputs: { version: '.' } })).tree.map(
      (line) => line.replace(/^[│├└─ ]*/u, '').split('  ')[0] ?? '',
    );

  test('--until is the last step; hooks of the job stay', async () => {
    expect(await steps({ until: 'do[0]' })).toEqual([
      'job unit',
      'in_parallel',
      'get repo',
      'get go',
      'ensure',
      'task lint',
    ]);
  });

  test('--from is the first, and what it needs must be given', async () => {
    expect(await steps({ from: 'put:image' })).toEqual([
      'job unit',
      'put image',
      'on_failure',
      'put chat',
      'ensure',
      'task lint',
    ]);
    // What is only an image is known without its get.
    expect((await prepared({ choices: { from: 'do[1]/task:lint', until: 'do[1]/task:lint' } })).problems).toEqual([]);
    const { problems } = await prepared({ job: 'docs', choices: { only: 'build' } });
    expect(problems.slice(1)).toEqual([
      "build needs the artifact 'docs', which will not be there: get:docs is left out. Give -i docs=DIR or -i docs=run:RUN/OUTPUT, or run that step, too.",
    ]);
  });

  test('--only runs one step, also one of a hook', async () => {
    expect(await steps({ only: 'chat' })).toEqual(['job unit', 'put chat']);
    expect(await steps({ only: 'image' })).toEqual(['job unit', 'put image', 'on_failure', 'put chat']);
  });

  test.each([
    [
      { only: 'lint' },
      '--only lint: the job has 2 steps with this name. Name one of do[1]/task:lint, ensure/task:lint.',
    ],
    [{ from: 'lnit' }, "The job has no step 'lnit'. Did you mean 'lint'?"],
    [{ from: 'image', until: 'repo' }, '--from names a step that comes after the one of --until: nothing would run.'],
    [
      { from: 'chat' },
      '--from: unit/do[5]/put:image/on_failure/put:chat is in a hook, which runs when its step has ended. Name a step of the plan, or use --only.',
    ],
    [{ only: 'image', from: 'repo' }, '--only runs one step by itself: leave --from and --until out.'],
  ])('%j is wrong', async (choices, message) => {
    expect(await prepare({ choices })).toEqual({ wrong: [message] });
  });
});

describe('what stands for a get', () => {
  test('the working copy, where the branch is checked out; nothing else of the repository', async () => {
    const { given, problems } = await prepared({ job: 'docs' });
    expect([...given.keys()]).toEqual([]);
    expect(problems).toEqual([
      'task build is for the platform windows: only linux runs here. Leave it out with --until or --from, and give what it makes with -i NAME=DIR.',
    ]);
  });

  test('what is given by hand', async () => {
    const { given } = await prepared({
      inputs: { repo: 'run:unit-1/out', version: 'ci', go: 'image:r.example.com/go:1' },
    });
    expect(Object.fromEntries(given)).toEqual({
      repo: { kind: 'output', run: 'unit-1', output: 'out' },
      version: { kind: 'directory', directory: join(cwd, 'ci') },
      go: { kind: 'image', reference: 'r.example.com/go:1' },
    });
  });
});

describe('a pipeline that cannot be used', () => {
  test('an unknown job', async () => {
    expect(await prepare({ job: 'unitt' })).toEqual({
      wrong: ["The pipeline has no job 'unitt'. Did you mean 'unit'?"],
    });
  });

  test('what Concourse rejects, at its place', async () => {
    const text = pipeline.replace('  - get: docs\n', '  - gett: docs\n');
    const result = await prepare({ text });
    expect('wrong' in result && result.wrong[0]).toMatch(/^ci\.yml:\d+:\d+: /);
  });
});
