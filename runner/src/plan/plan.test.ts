import { describe, expect, test } from 'vitest';
import { decodePipeline, decodeTask, loadVars, type VarInputs } from '#concourse';
import { plan, taskName, withStore } from './plan.ts';
import type { LocalFiles, Plan, PlanProblem, PlanResult, RunRequest } from '../model/plan.ts';

const W = '/tmp/build/b1dda4c3';
const CWD = '/home/me/repo';

/** A machine with these files; a path that ends with a slash is a folder. */
function machine(files: Readonly<Record<string, string>>, readOnly: readonly string[] = []): LocalFiles {
  const folder = (path: string): boolean => Object.keys(files).some((each) => each.startsWith(`${path}/`));
  return {
    stat: (path) =>
      files[path] === undefined
        ? folder(path)
          ? { type: 'directory', executable: true }
          : undefined
        : { type: 'file', executable: files[path].startsWith('#!') },
    head: (path) => files[path]?.slice(0, 256),
    read: (path) => files[path],
    whyNotWritable: (path) => (readOnly.includes(path) ? `no permission to write to ${path}` : undefined),
    cacheScope: (file) => ({ repository: 'github.com/team/repo', file, person: 'me' }),
  };
}

const files = machine(
  {
    [`${CWD}/ci/test.sh`]: '#!/bin/sh\n',
    [`${CWD}/ci/plain`]: 'echo hello\n',
    [`${CWD}/ci/dos.sh`]: '#!/bin/sh\r\nexit\r\n',
    [`${CWD}/ci/sidecars.yml`]: '- name: db\n  image: postgres:17\n',
    [`${CWD}/ci/broken.yml`]: '- name: db\n  image: postgres:17\n- name: main\n  image: a\n',
    [`${CWD}/readme`]: 'text\n',
    '/home/me/other/a': 'a\n',
  },
  ['/root/out'],
);

const HEAD = 'platform: linux\nimage_resource: {type: registry-image, source: {repository: busybox, tag: musl}}\n';
const RUN = 'run: {path: make}\n';

interface Asked extends Partial<Omit<RunRequest, 'document'>> {
  readonly vars?: VarInputs;
}

function ask(text: string, { vars, ...asked }: Asked = {}): PlanResult {
  const document = decodeTask(text, { vars: loadVars(vars ?? {}).vars, extensions: true });
  return plan({ document, taskFile: 'ci/unit.yml', cwd: CWD, store: { kind: 'claim', claim: 'c' }, ...asked }, files);
}

function planned(text: string, asked: Asked = {}): Plan & { warnings: readonly PlanProblem[] } {
  const result = ask(text, asked);
  if (!('plan' in result)) throw new Error(JSON.stringify(result.problems));
  return { ...result.plan, warnings: result.warnings };
}

/** `code line:column message` of each problem. */
function problems(text: string, asked: Asked = {}): string[] {
  const result = ask(text, asked);
  if ('plan' in result) return [];
  return result.problems.map(({ code, line, column, message }) => `${code} ${line ?? '-'}:${column ?? '-'} ${message}`);
}

describe('a problem has a code, a place where the file has one, and its cause', () => {
  test.each<[string, string, Asked, string[]]>([
    ['nothing is wrong', `${HEAD}${RUN}`, {}, []],
    ['a wrong file', `${HEAD}${RUN}inputs: [{path: x}]\n`, {}, [expect.stringMatching(/^missing-name 4:/) as string]],
    [
      'undefined vars, all in one line',
      `${HEAD}run: {path: make, args: [((b))]}\nparams: {A: ((a))}\n`,
      {},
      ['undefined-vars 3:26 undefined vars: a, b'],
    ],
    ['a var with a value', `${HEAD}run: {path: make, args: [((b))]}\n`, { vars: { strings: ['b=1'] } }, []],
    [
      'another platform',
      `platform: windows\n${HEAD.split('\n')[1] ?? ''}\n${RUN}`,
      {},
      [expect.stringMatching(/^wrong-platform 1:11/) as string],
    ],
    [
      'no image',
      `platform: linux\n${RUN}`,
      {},
      [expect.stringMatching(/^no-image -:- The task names no image/) as string],
    ],
    ['no image, but one is given', `platform: linux\n${RUN}`, { image: 'busybox' }, []],
    [
      'an image that no reference names',
      `platform: linux\nimage_resource: {type: registry-image, source: {repository: 'Not An Image'}}\n${RUN}`,
      {},
      [expect.stringMatching(/^no-image 2:/) as string],
    ],
    ['no command', HEAD, {}, [expect.stringMatching(/no run.path/) as string]],
    [
      'a name that no environment takes',
      `${HEAD}${RUN}params: {"A=B": x}\n`,
      {},
      [expect.stringMatching(/^illegal-param-name 4:/) as string],
    ],
    ['any other name is legal', `${HEAD}${RUN}params: {my-key: x, 1A: y, "a b": z, é: w}\n`, {}, []],

    [
      'a missing input',
      `${HEAD}inputs: [{name: src}]\n${RUN}`,
      {},
      ['missing-input 3:10 missing required input `src`'],
    ],
    ['an optional input', `${HEAD}inputs: [{name: src, optional: true}]\n${RUN}`, {}, []],
    ['the folder we are in has the name of the input', `${HEAD}inputs: [{name: repo}]\n${RUN}`, {}, []],
    [
      'an unknown input',
      `${HEAD}inputs: [{name: repo}]\n${RUN}`,
      { inputs: { nope: '.' } },
      ['unknown-input -:- unknown input `nope`'],
    ],
    ['a name of every object is no input', `${HEAD}inputs: [{name: constructor, optional: true}]\n${RUN}`, {}, []],
    [
      'an input that does not exist',
      `${HEAD}inputs: [{name: src}]\n${RUN}`,
      { inputs: { src: 'gone' } },
      ["input-path-missing -:- path 'gone' does not exist"],
    ],
    [
      'an input that is a file',
      `${HEAD}inputs: [{name: src}]\n${RUN}`,
      { inputs: { src: 'readme' } },
      ['input-not-a-folder -:- readme not a folder'],
    ],
    [
      'an output of an earlier run',
      `${HEAD}inputs: [{name: src}]\n${RUN}`,
      { inputs: { src: 'run:unit-0a1b2c3d/out' } },
      [],
    ],
    [
      'an output of an earlier run without a store',
      `${HEAD}inputs: [{name: src}]\n${RUN}`,
      { inputs: { src: 'run:unit-0a1b2c3d/out' }, store: { kind: 'direct' } },
      [expect.stringMatching(/^no-store -:- input 'src' is an output of an earlier run/) as string],
    ],
    [
      'an earlier run whose id leaves its folder',
      `${HEAD}inputs: [{name: src}]\n${RUN}`,
      { inputs: { src: 'run:../out' } },
      ["not-a-run -:- input 'src': '..' is not the id of a run"],
    ],

    ['an unknown output', `${HEAD}${RUN}`, { outputs: { bin: 'x' } }, ["unknown-output -:- unknown output 'bin'"]],
    [
      'a target that cannot be written',
      `${HEAD}outputs: [{name: bin}]\n${RUN}`,
      { outputs: { bin: '/root/out' } },
      ["output-target -:- output 'bin' cannot be written to /root/out: no permission to write to /root/out"],
    ],
    [
      'outputs of a background run',
      `${HEAD}outputs: [{name: bin}]\n${RUN}`,
      { outputs: { bin: 'bin' }, background: true },
      ['background-outputs -:- background execution cannot withstand outputs'],
    ],

    [
      'a colon in a path',
      `${HEAD}outputs: [{name: bin, path: a:b}]\n${RUN}`,
      {},
      [expect.stringMatching(/^mount-path 3:29 .*refuses ':'/) as string],
    ],
    [
      'a colon in a name',
      `${HEAD}outputs: [{name: a:b}]\n${RUN}`,
      {},
      [expect.stringMatching(/^mount-path 3:11 /) as string],
    ],
    [
      'the root',
      `${HEAD}caches: [{path: /}]\n${RUN}`,
      {},
      [expect.stringMatching(/^mount-path 3:17 .*over the root/) as string],
    ],
    [
      'a place of the kernel',
      `${HEAD}caches: [{path: /proc/x}]\n${RUN}`,
      {},
      [expect.stringMatching(/\/proc belongs to the container/) as string],
    ],
    [
      'a place of ours',
      `${HEAD}caches: [{path: /.tarmac}]\n${RUN}`,
      {},
      [expect.stringMatching(/\/\.tarmac belongs/) as string],
    ],
    ['a place that only sounds like it', `${HEAD}caches: [{path: /processed}]\n${RUN}`, {}, []],

    ['a script of an input', `${HEAD}inputs: [{name: repo}]\nrun: {path: repo/ci/test.sh}\n`, {}, []],
    [
      'a script that is not there',
      `${HEAD}inputs: [{name: repo}]\nrun: {path: repo/ci/none.sh}\n`,
      {},
      [`script-missing 4:13 run.path: ${CWD}/ci/none.sh does not exist`],
    ],
    [
      'a script that is a folder',
      `${HEAD}inputs: [{name: repo}]\nrun: {path: repo/ci}\n`,
      {},
      [`script-not-a-file 4:13 run.path: ${CWD}/ci is not a file`],
    ],
    [
      'a script that is not executable',
      `${HEAD}inputs: [{name: repo}]\nrun: {path: repo/ci/plain}\n`,
      {},
      [`script-not-executable 4:13 run.path: ${CWD}/ci/plain is not executable`],
    ],
    [
      'a script with Windows line ends',
      `${HEAD}inputs: [{name: repo}]\nrun: {path: repo/ci/dos.sh}\n`,
      {},
      [expect.stringMatching(/^script-crlf 4:13 /) as string],
    ],
    [
      'a script in no input',
      `${HEAD}inputs: [{name: repo}]\nrun: {path: other/test.sh}\n`,
      {},
      ["script-missing 4:13 run.path 'other/test.sh' lies in no input of this run, so it will not exist"],
    ],
    ['a script beside run.dir', `${HEAD}inputs: [{name: repo}]\nrun: {path: ../ci/test.sh, dir: repo/src}\n`, {}, []],
    [
      'a script in an input that is reported as missing',
      `${HEAD}inputs: [{name: src}]\nrun: {path: src/a}\n`,
      {},
      ['missing-input 3:10 missing required input `src`'],
    ],
    ['a program of the image', `${HEAD}run: {path: /usr/bin/env}\n`, {}, []],
    ['a script that an output begins with', `${HEAD}outputs: [{name: out}]\nrun: {path: out/made.sh}\n`, {}, []],

    ['sidecars of a file', `${HEAD}inputs: [{name: repo}]\n${RUN}sidecars: [repo/ci/sidecars.yml]\n`, {}, []],
    [
      'sidecars of a file that is not there',
      `${HEAD}inputs: [{name: repo}]\n${RUN}sidecars: [repo/ci/none.yml]\n`,
      {},
      [`sidecar-file 5:11 sidecar file '${CWD}/ci/none.yml' cannot be read`],
    ],
    [
      'sidecars of an unknown source',
      `${HEAD}${RUN}sidecars: [nope/a.yml]\n`,
      {},
      ["sidecar-file 4:11 sidecar file 'nope/a.yml': unknown artifact source 'nope'"],
    ],
    [
      'a wrong sidecar in a file is named with its line',
      `${HEAD}inputs: [{name: repo}]\n${RUN}sidecars: [repo/ci/broken.yml]\n`,
      {},
      [
        expect.stringMatching(
          new RegExp(`^invalid-sidecar -:- ${CWD}/ci/broken.yml:3: .*reserved container name "main"`),
        ) as string,
      ],
    ],
    [
      'two sidecars of one name',
      `${HEAD}inputs: [{name: repo}]\n${RUN}sidecars: [repo/ci/sidecars.yml, {name: db, image: a}]\n`,
      {},
      ['duplicate-sidecar 5:11 duplicate sidecar name "db"'],
    ],
    [
      'a sidecar whose image only a Concourse has',
      `${HEAD}${RUN}sidecars: [{name: db, image_artifact: img}]\n`,
      {},
      ["sidecar-image 4:11 sidecar 'db' has no image that a pod can name"],
    ],
    ['no time', `${HEAD}${RUN}`, { timeoutMs: 0 }, ['invalid-timeout -:- the time limit of a run must be more than 0']],
    ['less than no time', `${HEAD}${RUN}`, { keepMs: -1 }, ['invalid-keep -:- a pod cannot be kept for less than 0']],
  ])('%s', (_name, text, asked, expected) => {
    expect(problems(text, asked)).toEqual(expected);
  });

  test('everything that is wrong is told in one answer', () => {
    const text =
      'platform: darwin\ninputs: [{name: src}]\noutputs: [{name: a:b}]\nparams: {"A=B": ((v))}\nrun: {path: x/y}\n';
    const asked = { inputs: { nope: '.' }, outputs: { none: 'x' }, background: true };
    expect(problems(text, asked).map((problem) => problem.split(' ')[0])).toEqual([
      'undefined-vars',
      'wrong-platform',
      'unknown-input',
      'missing-input',
      'unknown-output',
      'background-outputs',
      'mount-path',
      'illegal-param-name',
      'no-image',
      'script-missing',
    ]);
  });

  test('what a user can mend has a next step', () => {
    const result = ask(`${HEAD}inputs: [{name: src}]\nrun: {path: repo/x}\nparams: {"A=B": x}\n`, {
      inputs: { nope: '.' },
    });
    expect('problems' in result && result.problems.every(({ nextStep }) => nextStep !== undefined)).toBe(true);
  });
});

describe('volumes: one for each path', () => {
  const head = `${HEAD}${RUN}`;
  test.each<[string, string, Asked, Record<string, string>, Record<string, string>]>([
    ['nothing but the working directory', '', {}, {}, { [W]: 'work-dir' }],
    [
      'inputs and outputs beside each other',
      'inputs: [{name: repo}]\noutputs: [{name: out}]',
      {},
      { repo: 'input-0', out: 'output-0' },
      { [W]: 'work-dir', [`${W}/out`]: 'output-0', [`${W}/repo`]: 'input-0' },
    ],
    [
      'an output on its input begins with its contents',
      'inputs: [{name: repo}]\noutputs: [{name: out, path: repo}]',
      {},
      { repo: 'input-0', out: 'input-0' },
      { [W]: 'work-dir', [`${W}/repo`]: 'input-0' },
    ],
    [
      'with a slash at the end it is the same path',
      'inputs: [{name: repo, path: a/b}]\noutputs: [{name: out, path: a/b/}, {name: two, path: ./a//b}]',
      {},
      { repo: 'input-0', out: 'input-0', two: 'input-0' },
      { [W]: 'work-dir', [`${W}/a/b`]: 'input-0' },
    ],
    [
      'an input at . is the working directory',
      'inputs: [{name: repo, path: .}]\noutputs: [{name: out, path: target}]',
      {},
      { repo: 'work-dir', out: 'output-0' },
      { [W]: 'work-dir', [`${W}/target`]: 'output-0' },
    ],
    [
      'what is nested is mounted after what holds it',
      'inputs: [{name: repo, path: a/b/c}]\noutputs: [{name: out, path: a}]',
      {},
      { repo: 'input-0', out: 'output-0' },
      { [W]: 'work-dir', [`${W}/a`]: 'output-0', [`${W}/a/b/c`]: 'input-0' },
    ],
    [
      'absolute paths and caches',
      'inputs: [{name: repo, path: /go/src}]\ncaches: [{path: /root/.cache}, {path: repo}]',
      {},
      { repo: 'input-0', '/root/.cache': 'cache-0', [`${W}/repo`]: 'cache-1' },
      { '/go/src': 'input-0', '/root/.cache': 'cache-0', [W]: 'work-dir', [`${W}/repo`]: 'cache-1' },
    ],
    [
      'a cache on an output is the same place',
      'outputs: [{name: out}]\ncaches: [{path: out}]',
      {},
      { out: 'output-0', [`${W}/out`]: 'output-0' },
      { [W]: 'work-dir', [`${W}/out`]: 'output-0' },
    ],
    [
      'two dots are taken out, as Concourse does',
      'outputs: [{name: out, path: ../x}]',
      {},
      { out: 'output-0' },
      { [W]: 'work-dir', [`${W}/x`]: 'output-0' },
    ],
  ])('%s', (_name, text, asked, owners, mounts) => {
    const { inputs, outputs, caches, volumes } = planned(`${head}${text}\n`, asked);
    const named = [...inputs, ...outputs].map(({ name, volume }) => [name, volume]);
    expect(Object.fromEntries([...named, ...caches.map(({ path, volume }) => [path, volume])])).toEqual(owners);
    expect(volumes.map(({ mountPath, name }) => [mountPath, name])).toEqual(Object.entries(mounts));
  });

  test('two inputs at one path are mixed, and a warning says who wins', () => {
    const { inputs, warnings } = planned(`${head}inputs: [{name: repo, path: x}, {name: b, path: x}]\n`, {
      inputs: { b: '../other' },
    });
    expect(inputs.map(({ volume }) => volume)).toEqual(['input-0', 'input-0']);
    expect(warnings.map(({ code }) => code)).toEqual(['same-input-path']);
  });
});

describe('a plan holds what the run needs', () => {
  test('the command with further arguments, its directory and its user', () => {
    const text = `${HEAD}run: {path: make, args: [-k], dir: src, user: app}\n`;
    expect(planned(text, { args: ['all', 'x y'] }).command).toEqual({
      path: 'make',
      args: ['-k', 'all', 'x y'],
      dir: `${W}/src`,
      user: 'app',
    });
  });

  test('the command as it is shown and remembered has the names of variables, not their values', () => {
    const text = `${HEAD}run: {path: curl, args: [-u, 'me:((token))', "((host))"]}\n`;
    const { command } = planned(text, { vars: { strings: ['token=hush', 'host=h'] }, args: ['-v'] });
    expect(command.args).toEqual(['-u', 'me:hush', 'h', '-v']);
    expect(command.shown).toEqual(['curl', '-u', 'me:((token))', '((host))', '-v']);
  });

  test('so has that of a step of a pipeline', () => {
    const config = `platform: linux, rootfs_uri: docker:///busybox, run: {path: curl, args: ['me:((token))']}`;
    const text = `jobs:\n- name: unit\n  plan:\n  - task: other\n    config: {${config.replace('curl', 'wget')}}\n  - task: test\n    config: {${config}}\n`;
    const { vars } = loadVars({ strings: ['token=hush'] });
    const document = decodePipeline(text, { vars }).find(({ name }) => name === 'test');
    if (!document) throw new Error('no step');
    const result = plan({ document, taskFile: 'ci/pipeline.yml', cwd: CWD, store: { kind: 'direct' } }, files);
    expect('plan' in result ? result.plan.command : result.problems).toMatchObject({
      args: ['me:hush'],
      shown: ['curl', 'me:((token))'],
    });
  });

  test('params: the file, the environment for names of the file, the user', () => {
    const text = `${HEAD}${RUN}params: {A: file, B: file, C: file}\n`;
    const { params } = planned(text, {
      environment: { B: '', C: 'env', PATH: '/bin' },
      params: { C: 'user', D: 'user' },
    });
    expect(params.map(({ name, value, origin }) => `${name}=${value} (${origin})`)).toEqual([
      'A=file (file)',
      'B= (environment)',
      'C=user (user)',
      'D=user (user)',
    ]);
  });

  test('credentials of the registry, and the login of the origin behind a mirror', () => {
    const source =
      '{repository: app, username: me, password: pw, registry_mirror: {host: mirror.example, username: m, password: mpw}}';
    const { image } = planned(`platform: linux\nimage_resource: {type: registry-image, source: ${source}}\n${RUN}`);
    expect(image).toMatchObject({
      reference: expect.stringMatching(/^mirror\.example\//) as string,
      credentials: { username: 'm' },
      fallbackReference: expect.stringContaining('app') as string,
      fallbackCredentials: { username: 'me' },
    });
  });

  test('defaults: twelve hours, a pod that goes at once, profile auto, our helper', () => {
    expect(planned(`${HEAD}${RUN}`)).toMatchObject({
      timeoutMs: 43_200_000,
      keepMs: 0,
      profile: 'auto',
      helperImage: 'docker.io/library/busybox:musl',
      pty: false,
      includeGit: false,
    });
  });

  test('privileged beats the profile', () => {
    expect(planned(`${HEAD}${RUN}`, { privileged: true, profile: 'restricted' }).profile).toBe('privileged');
  });

  test('the folder that we are in is the default of the input with its name, unless one is given', () => {
    const text = `${HEAD}inputs: [{name: repo}]\n${RUN}`;
    expect(planned(text).inputs[0]?.source).toEqual({ kind: 'directory', directory: CWD });
    expect(planned(text, { inputs: { repo: '../other' } }).inputs[0]?.source).toEqual({
      kind: 'directory',
      directory: '/home/me/other',
    });
  });

  test('a cache has one key for each workspace, task and path, and its time to live', () => {
    const text = (path: string): string => `${HEAD}${RUN}caches: [{path: ${path}, ttl: 90m}]\n`;
    const key = (path: string, asked: Asked = {}): string | undefined => planned(text(path), asked).caches[0]?.key;
    expect(key('a')).toMatch(/^[0-9a-f]{64}$/);
    expect(key('a')).toBe(key('a'));
    expect(new Set([key('a'), key('b'), key('a', { cwd: '/elsewhere' }), key('a', { taskFile: 'x.yml' })]).size).toBe(
      4,
    );
    expect(planned(text('a')).caches[0]?.ttlSeconds).toBe(5400);
  });

  test('the key of a cache does not depend on how the paths are written, or on where the task is run from', () => {
    const text = (path: string): string => `${HEAD}${RUN}caches: [{path: ${path}}]\n`;
    const key = (path: string, asked: Asked = {}): string | undefined => planned(text(path), asked).caches[0]?.key;
    const same = [
      key('a'),
      key('./a'),
      key('a/'),
      key('a', { taskFile: './ci/../ci/unit.yml' }),
      key('a', { taskFile: `${CWD}/ci/unit.yml` }),
      key('a', { cwd: `${CWD}/ci`, taskFile: 'unit.yml' }),
    ];
    expect(new Set(same).size).toBe(1);
    expect(key('a', { taskFile: '-' })).not.toBe(key('a', { taskFile: '-', cwd: '/elsewhere' }));
  });

  test('what no process can be given is found before a pod is made, and no value is told', () => {
    const big = 'x'.repeat(200_000);
    const text = `${HEAD}run: {path: make, args: ["a\\0b"]}\nparams: {A: , B: }\n`;
    expect(problems(text, { args: [big], params: { A: 's\0cret', B: big } })).toEqual([
      'nul-byte 3:26 argument 1 of the command holds a NUL byte, which no process can be given',
      expect.stringMatching(/^too-long 3:25 argument 2 of the command has 200000 bytes, and Linux gives a process/),
      "nul-byte 4:13 param 'A' holds a NUL byte, which no process can be given",
      expect.stringMatching(/^too-long 4:18 param 'B' has 200002 bytes, and Linux gives a process at most 131071/),
    ]);
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`P${index}`, 'x'.repeat(100_000)]));
    const declared = Object.keys(many).map((name) => `${name}: `);
    expect(problems(`${HEAD}${RUN}params: {${declared.join(', ')}}\n`, { params: many })).toEqual([
      expect.stringMatching(/^too-long .* the params and the arguments have 20002\d\d bytes together, and Linux/),
    ]);
    expect(problems(`${HEAD}${RUN}`, { args: ['x'.repeat(131_071)] })).toEqual([]);
  });

  test('each run has its own id, named after the task', () => {
    const [one, two] = [planned(`${HEAD}${RUN}`).run, planned(`${HEAD}${RUN}`).run];
    expect(one).toMatch(/^unit-[0-9a-f]{8}$/);
    expect(one).not.toBe(two);
  });
});

test.each([
  ['ci/unit.yml', 'unit'],
  ['ci/unit/task.yml', 'unit'],
  ['ci/unit/Task.yaml', 'unit'],
  ['/ci/build.image.yml', 'build.image'],
  ['-', 'task'],
])('the task of %s is called %s', (file, name) => {
  expect(taskName(file)).toBe(name);
});

test('a plan whose store is not known yet is made once: the store is added, and what needs it is checked then', () => {
  const document = decodeTask(`${HEAD}inputs: [{name: src}]\n${RUN}`, { extensions: true });
  const request = { document, taskFile: 'ci/unit.yml', cwd: CWD, inputs: { src: 'run:unit-0a1b2c3d/out' } };
  const drafted = plan(request, files);
  if (!('plan' in drafted)) throw new Error(JSON.stringify(drafted.problems));
  expect(drafted.plan).not.toHaveProperty('store');
  const store = { kind: 'claim', claim: 'c' } as const;
  expect(withStore(drafted.plan, store)).toEqual({ plan: { ...drafted.plan, store }, warnings: [] });
  expect(withStore(drafted.plan, { kind: 'direct' })).toMatchObject({ problems: [{ code: 'no-store' }] });
});
