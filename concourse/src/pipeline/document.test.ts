import { describe, expect, test } from 'vitest';
import { loadVars } from '../vars/load-vars.ts';
import { allSteps, stepKind, stepName } from './config.ts';
import { readPipeline, type PipelineDocument, type ReadPipelineOptions } from './document.ts';

const REPO = 'resources:\n- {name: repo, type: git}\n';

function told(document: PipelineDocument): string[] {
  return document.problems.map(({ severity, code, range, data }) => {
    const mark = ({ start, end }: { start: number; end: number }): string =>
      `${document.positionAt(start).line + 1} '${document.text.slice(start, end).split('\n')[0] ?? ''}'`;
    return `${mark(range)} ${severity} ${code}${data?.related ? ` with ${mark(data.related)}` : ''}`;
  });
}

/** The problems of a text: `LINE 'MARKED TEXT' SEVERITY CODE`. */
function problems(text: string, options: ReadPipelineOptions = {}): string[] {
  return told(readPipeline(text, options));
}

describe('all problems at once, each at its place', () => {
  test('errors of the decoder do not hide those of the rules', () => {
    const text = `${REPO}jobs:
- name: unit
  serial: 'true'
  plan:
  - get: repo
    trigger: yes please
    passed: [build]
  - task: test
    fil: repo/test.yml
  - put: [repo]
  - gett: repo
  on_failure:
    put: chat
`;
    expect(problems(text)).toEqual([
      "5 ''true'' error wrong-type",
      "8 'yes please' error wrong-type",
      "9 'build' error unknown-job",
      "10 'test' error task-without-config",
      "11 'fil' error unknown-step-key",
      "12 'put' error wrong-type",
      "13 'gett' error no-step",
      "15 'chat' error unknown-resource",
    ]);
  });

  test('both places of a clash', () => {
    const text = `${REPO}- {name: repo, type: git}
jobs:
- name: a
  plan:
  - get: repo
  - get: repo
  - load_var: v
    file: repo/v
  - load_var: v
    file: repo/w
- name: a
  plan: []
`;
    expect(problems(text)).toEqual([
      "3 'repo' error duplicate-pipeline-name with 2 'repo'",
      "8 'repo' error repeated-get with 7 'repo'",
      "11 'v' error repeated-local-var with 9 'v'",
      "13 'a' error duplicate-pipeline-name with 5 'a'",
    ]);
  });

  test('behind an alias at the alias, with the anchor', () => {
    const text = `steps: &steps
- get: nope
jobs:
- name: a
  plan: *steps
- name: b
  plan:
  - do: *steps
`;
    expect(problems(text)).toEqual([
      "5 '*steps' error unknown-resource with 2 'nope'",
      "8 '*steps' error unknown-resource with 2 'nope'",
    ]);
  });

  test('equal keys are an error since 8.0, and one each', () => {
    const text = 'jobs:\n- name: a\n  name: b\n  plan: []\n';
    expect(problems(text)).toEqual(["3 'name' error duplicate-key with 2 'name'"]);
    expect(problems(text, { target: '7.14' })).toEqual(["3 'name' warning duplicate-key with 2 'name'"]);
  });

  test('broken syntax is told, wherever it is, and nothing that follows from it', () => {
    const document = readPipeline(`${REPO}x: [1\njobs:\n- name: a\n  plan:\n  - get: rep\n`);
    expect(document.problems.map(({ code }) => code)).toEqual(['yaml-syntax']);
    expect(document.errors).toHaveLength(1);
    expect(document.stage).toBe('template');
  });
});

describe('variables', () => {
  const text = `jobs:
- name: ((name))
  serial: ((serial))
  max_in_flight: ((max))
  plan:
  - get: ((resource))
    trigger: ((trigger))
    passed: [((job))]
  - do: ((steps))
  - in_parallel: ((steps))
    timeout: ((t))
  - task: test
    file: ((file))
    params: ((params))
    attempts: ((count))
  - ((step))
resources: ((resources))
`;

  test('in the editor they may stand for anything', () => {
    const document = readPipeline(text, { templated: true });
    expect(told(document)).toEqual([]);
    expect(document.valid).toBe(true);
  });

  test('on the command line they are what fly says', () => {
    expect(readPipeline(text).errors).toEqual([
      'error unmarshaling JSON: while decoding JSON: malformed get step: json: cannot unmarshal string into Go struct field GetStep.trigger of type bool',
    ]);
  });

  test('with values they are gone', () => {
    const { vars } = loadVars({
      yaml: ['resources=[{name: r, type: git}]', 'resource=r', 'trigger=true', 'name=a', 'serial=false', 'max=1'],
      strings: ['file=r/t.yml', 't=1h'],
      files: [{ path: 'v.yml', text: 'params: {A: 1}\ncount: 2\nsteps: []\njob: b\nstep: {try: {put: r}}\n' }],
      json: true,
    });
    const document = readPipeline(text, { vars });
    expect(document.errors).toEqual(["jobs: jobs.a.plan.do[0].get(r).passed: no matching job(s) for 'b'"]);
    expect(document.config.jobs?.[0]?.max_in_flight).toBe(1);
  });

  test('numbers of a file are decimal ones: they cannot stand inside of a text', () => {
    const { vars } = loadVars({ files: [{ path: 'v.yml', text: 'count: 2\n' }], json: true });
    expect(readPipeline('jobs: [{name: a-((count)), plan: []}]\n', { vars }).errors).toEqual([
      'cannot interpolate non-primitive value (float64) from var: count',
    ]);
  });
});

describe('what a file of variables cannot hold', () => {
  test.each(['.inf', '-.inf', '.nan', '[.inf]', '{b: .nan}'])('the number %s, which JSON does not have', (value) => {
    const { errors } = loadVars({ files: [{ path: 'v.yml', text: `a: ${value}\n` }], json: true });
    expect(errors).toEqual([
      expect.stringContaining(
        'could not unmarshal template variables (v.yml): error converting YAML to JSON: json: unsupported value: ',
      ),
    ]);
  });

  test('a key that is null is found when the pipeline becomes JSON', () => {
    const { vars } = loadVars({ files: [{ path: 'v.yml', text: 'a: ~\n' }], json: true });
    const { stage, errors } = readPipeline('jobs: [{name: j, plan: []}]\nx: {((a)): 1}\n', { vars });
    expect(stage).toBe('decode');
    expect(errors).toEqual([expect.stringContaining('error converting YAML to JSON: unsupported map key')]);
  });
});

test.each(['0', '0s', '00ms', '0.1ns'])('check_every: %s is none', (every) => {
  const text = `resources: [{name: r, type: git, check_every: "${every}"}]\njobs: [{name: j, plan: [{get: r}]}]\n`;
  expect(readPipeline(text).config.resources?.[0]?.check_every).toBe('');
});

test.each([
  ['a{b', 'ab', true],
  ['a{b,c', 'ac', true],
  ['a{b,{c,d', 'ad', true],
  ['{a*', 'abc', true],
  ['a{b', 'a', false],
])('a brace that is not closed ends with the pattern: %s and the job %s', (glob, name, matches) => {
  const text = `groups: [{name: g, jobs: ["${glob}"]}, {name: all, jobs: ["*"]}]\njobs: [{name: ${name}, plan: []}]\n`;
  expect(readPipeline(text).errors).toEqual(matches ? [] : [`groups: no jobs match '${glob}' for group 'g'`]);
});

describe('what was decoded leads to its place', () => {
  const text = `resources:
- &r {name: repo, type: git}
jobs:
- name: a
  plan:
  - in_parallel:
      steps:
      - get: repo
      - task: t
        config: {platform: linux, run: {path: ls}}
    on_failure:
      put: repo
`;
  const document = readPipeline(text);

  test('steps in their order, hooks behind', () => {
    const steps = (document.config.jobs ?? []).flatMap(allSteps);
    expect(steps.map((step) => `${stepKind(step)} ${stepName(step) ?? ''}`)).toEqual([
      'in_parallel ',
      'get repo',
      'task t',
      'put repo',
    ]);
    const lines = steps.map((step) => {
      const node = document.nodeOf(step);
      return node && document.positionAt(node.range.start).line + 1;
    });
    expect(lines).toEqual([6, 8, 9, 12]);
  });

  test('resources, jobs, tasks and the root', () => {
    const { config } = document;
    expect(document.nodeOf(config)).toBe(document.root);
    const [resource] = config.resources ?? [];
    const node = resource && document.nodeOf(resource);
    expect(node && text.slice(node.range.start, node.range.end)).toMatch(/^.*\{name: repo, type: git\}$/);
    expect(document.nodeOf({})).toBeUndefined();
  });
});

test.each([
  ['a list', '- a\n', "1 '-' error wrong-type"],
  ['a text', 'hello\n', "1 'h' error wrong-type"],
])('%s is no pipeline', (_name, text, expected) => {
  expect(problems(text)).toContain(expected);
});

test('what only set-pipeline refuses is told, and fly accepts it', () => {
  const document = readPipeline('jobs:\n- {name: a, sereal: true, plan: []}\nx-mine: 1\n');
  expect(document.valid).toBe(true);
  expect(document.setErrors).toEqual(['error unmarshaling JSON: while decoding JSON: json: unknown field "sereal"']);
  expect(told(document)).toEqual(["2 'sereal' error set-pipeline-key"]);
});

test('strict: unknown keys and warnings make it invalid', () => {
  expect(readPipeline('x: 1\njobs: [{name: a, plan: []}]\n', { strict: true }).errors).toEqual([
    'error unmarshaling JSON: while decoding JSON: json: unknown field "x"',
  ]);
  expect(readPipeline('jobs: [{name: A, plan: []}]\n', { strict: true }).errors).toEqual(['configuration invalid']);
});

test('unknown fields are quoted as Go does', () => {
  const text = 'jobs: [{name: a, plan: [{do: [], "\u{1f600}": 1, "caf\u00e9": 1}]}]\n';
  expect(readPipeline(text).errors).toEqual([
    String.raw`jobs: jobs.a.plan.do[0]: unknown fields ["\U0001f600" "caf\u00e9"]`,
  ]);
});
