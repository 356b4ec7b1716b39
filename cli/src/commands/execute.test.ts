import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DraftRequest, Plan, PlanDraft, PlannedInput, RunRequest } from '#runner/model';
import { event, FakeIo, FakeRun, fakeServices, output, runStarter, tarmac } from '../testing/doubles.ts';
import type { RunnerServices, VarSources } from '../services.ts';

let cwd = '';
const taskText = 'platform: linux\n';

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tarmac-execute-'));
  mkdirSync(join(cwd, 'src-1'));
  mkdirSync(join(cwd, 'src-2'));
  writeFileSync(join(cwd, 'task.yml'), taskText);
  writeFileSync(join(cwd, 'vars.yml'), 'a: 1\n');
});
afterAll(() => rmSync(cwd, { recursive: true }));

/** Calls `execute` with services that only plan; `--dry-run` keeps it from the cluster. */
async function dryRun(argv: readonly string[], env: Record<string, string> = {}, stdin = '') {
  const requests: Partial<RunRequest>[] = [];
  const decoded: { text: string; vars: VarSources }[] = [];
  const io = new FakeIo({ cwd, env, stdin });
  const services = fakeServices(
    {
      plan: (request) => {
        requests.push(request);
        return { plan: { inputs: [] as readonly PlannedInput[] } as PlanDraft, warnings: [] };
      },
      withStore(draft, store) {
        requests.push({ ...requests.at(-1), store });
        return { plan: { ...draft, store }, warnings: [] };
      },
      podPreview: ({ store }) => `kind: Pod # ${JSON.stringify(store)}\n`,
    },
    {
      decode: (text, vars) => {
        decoded.push({ text, vars });
        return { document: {} as never };
      },
    },
  );
  const code = await tarmac(['execute', '--dry-run', ...argv], services, io);
  return { code, io, request: requests.at(-1), decoded: decoded.at(-1) };
}

describe('flags become a request', () => {
  it.each<[string, readonly string[], Partial<RunRequest>]>([
    ['the task file', ['-c', 'task.yml'], { taskFile: 'task.yml' }],
    ['a pattern for it', ['--config', 'ta*.yml'], { taskFile: 'task.yml' }],
    ['as go-flags also takes it', ['-c=task.yml'], { taskFile: 'task.yml' }],
    ['standard input', ['-c', '-'], { taskFile: '-' }],
    ['inputs', ['-c', 'task.yml', '-i', 'a=src-1', '--input', 'b=./src-2'], { inputs: { a: 'src-1', b: './src-2' } }],
    ['a pattern for an input', ['-c', 'task.yml', '-i', 'a=src-1*'], { inputs: { a: 'src-1' } }],
    ['an input that does not exist is for the plan', ['-c', 'task.yml', '-i', 'a=none'], { inputs: { a: 'none' } }],
    ['the last input of a name', ['-c', 'task.yml', '-i', 'a=src-1', '-i', 'a=src-2'], { inputs: { a: 'src-2' } }],
    ['an output of an earlier run', ['-c', 'task.yml', '-i', 'a=run:x-1/bin'], { inputs: { a: 'run:x-1/bin' } }],
    ['outputs', ['-c', 'task.yml', '-o', 'bin=out/a=b'], { outputs: { bin: 'out/a=b' } }],
    ['params', ['-c', 'task.yml', '--param', 'A=1', '--param', 'B='], { params: { A: '1', B: '' } }],
    ['privileged', ['-c', 'task.yml', '-p'], { privileged: true }],
    ['shared caches', ['-c', 'task.yml', '--shared-caches'], { sharedCaches: true }],
    ['ignored files', ['-c', 'task.yml', '--include-ignored'], { includeIgnored: true, includeGit: false }],
    ['.git', ['-c', 'task.yml', '--include-git'], { includeGit: true }],
    ['background', ['-c', 'task.yml', '-b'], { background: true }],
    ['an image', ['-c', 'task.yml', '--image', 'golang:1.25'], { image: 'golang:1.25' }],
    ['times', ['-c', 'task.yml', '--keep', '10m', '--timeout=1h'], { keepMs: 600_000, timeoutMs: 3_600_000 }],
    ['a pty', ['-c', 'task.yml', '--pty'], { pty: true }],
    ['a profile', ['-c', 'task.yml', '--security-profile', 'restricted'], { profile: 'restricted' }],
    ['no profile', ['-c', 'task.yml', '--security-profile', 'none'], { profile: 'none' }],
    [
      'the shape of the pods, in the words of the setting',
      [
        ...['-c', 'task.yml', '--pod-annotation', 'sidecar.istio.io/inject=false', '--pod-annotation', 'a=b=c'],
        ...['--pod-label', 'team=build', '--node-selector', 'pool=ci', '--toleration', 'dedicated=ci:NoSchedule'],
        ...['--toleration', 'spot', '--service-account', 'builder', '--priority-class', 'low'],
        ...['--pull-policy', 'if-not-present', '--ephemeral-storage', '4Gi', '--helper-cpu', '250m'],
        ...['--helper-memory', '64Mi'],
      ],
      {
        pod: {
          annotations: { 'sidecar.istio.io/inject': 'false', a: 'b=c' },
          labels: { team: 'build' },
          nodeSelector: { pool: 'ci' },
          tolerations: ['dedicated=ci:NoSchedule', 'spot'],
          serviceAccountName: 'builder',
          priorityClassName: 'low',
          imagePullPolicy: 'if-not-present',
          ephemeralStorage: '4Gi',
          helperResources: { cpu: '250m', memory: '64Mi' },
        },
      },
    ],
    ['pull secrets', ['-c', 'task.yml', '--pull-secret', 'a', '--pull-secret', 'b'], { pullSecrets: ['a', 'b'] }],
    ['a helper image', ['-c', 'task.yml', '--helper-image', 'busybox'], { helperImage: 'busybox' }],
    ['arguments', ['-c', 'task.yml', 'x', 'y'], { args: ['x', 'y'] }],
    [
      'arguments after --, verbatim',
      ['-c', 'task.yml', '--', '-c', '--dry-run', '--', '', '-i=x'],
      { args: ['-c', '--dry-run', '--', '', '-i=x'] },
    ],
    ['a claim', ['-c', 'task.yml', '--claim', 'cache'], { store: { kind: 'claim', claim: 'cache' } }],
    ['no claim', ['-c', 'task.yml', '--no-claim'], { store: { kind: 'direct' } }],
  ])('%s', async (_name, argv, expected) => {
    const { code, io, request } = await dryRun(argv);
    expect({ code, stderr: io.stderr.text }).toEqual({ code: 0, stderr: '' });
    expect(request).toMatchObject(expected);
  });

  it.each<[string, readonly string[], Record<string, string>, Partial<RunRequest>]>([
    ['TARMAC_CLAIM', [], { TARMAC_CLAIM: 'env' }, { store: { kind: 'claim', claim: 'env' } }],
    ['--claim before it', ['--claim', 'flag'], { TARMAC_CLAIM: 'env' }, { store: { kind: 'claim', claim: 'flag' } }],
    ['--no-claim before it', ['--no-claim'], { TARMAC_CLAIM: 'env' }, { store: { kind: 'direct' } }],
    ['TARMAC_HELPER_IMAGE', [], { TARMAC_HELPER_IMAGE: 'bb' }, { helperImage: 'bb' }],
    ['everything, for params', [], { FOO: 'bar' }, { environment: { FOO: 'bar' } }],
    [
      'TARMAC_CLAIM for an empty --claim',
      ['--claim', ''],
      { TARMAC_CLAIM: 'env' },
      { store: { kind: 'claim', claim: 'env' } },
    ],
    ['nothing for an empty --claim and --image', ['--claim=', '--image='], {}, { store: { kind: 'direct' } }],
  ])('the environment gives %s', async (_name, argv, env, expected) => {
    expect((await dryRun(['-c', 'task.yml', ...argv], env)).request).toMatchObject(expected);
  });

  it('hands the file and the sources of variables to the decoder', async () => {
    const { decoded } = await dryRun(['-c', 'task.yml', '-v', 'a=x=y', '-v=b=', '-y', 'n=[1]', '-l', 'va*.yml']);
    expect(decoded).toEqual({
      text: taskText,
      vars: { strings: ['a=x=y', 'b='], yaml: ['n=[1]'], files: [{ path: 'vars.yml', text: 'a: 1\n' }] },
    });
  });

  it('reads the task from standard input', async () => {
    expect((await dryRun(['-c', '-'], {}, 'from: stdin\n')).decoded?.text).toBe('from: stdin\n');
  });

  it('prints the pod and nothing else', async () => {
    const { io } = await dryRun(['-c', 'task.yml', '--claim', 'cache']);
    expect(io.stdout.text).toBe('kind: Pod # {"kind":"claim","claim":"cache"}\n');
  });

  it('knows the alias e', async () => {
    const io = new FakeIo({ cwd });
    expect(await tarmac(['e', '-c', 'task.yml', '--dry-run'], fakeServices({ podPreview: () => 'pod\n' }), io)).toBe(0);
    expect(io.stdout.text).toBe('pod\n');
  });
});

describe('wrong usage ends with 1 before anything is sent', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['no task file named', [], ["error: the required flag '-c, --config' was not specified"]],
    ['no such task file', ['-c', 'none.yml'], ["error: path 'none.yml' does not exist"]],
    ['several task files', ['-c', '*.yml'], ["error: path '*.yml' resolves to multiple entries: task.yml, vars.yml"]],
    ['a folder as task file', ['-c', 'src-1'], ['error: could not read the task file: EISDIR']],
    ['no input pair', ['-c', 'task.yml', '-i', 'src'], ["error: invalid input pair 'src' (must be name=path)"]],
    ['no output pair', ['-c', 'task.yml', '-o', 'bin'], ["error: invalid output pair 'bin' (must be name=path)"]],
    ['no variable pair', ['-c', 'task.yml', '-v', 'a'], ['error: invalid variable pair (must be name=value)']],
    ['no param pair', ['-c', 'task.yml', '--param', 'a'], ['error: invalid param pair (must be name=value)']],
    [
      'several folders for an input',
      ['-c', 'task.yml', '-i', 'a=src-*'],
      ["error: input 'a': path 'src-*' resolves to multiple entries"],
    ],
    ['no such file of variables', ['-c', 'task.yml', '-l', 'no.yml'], ["error: path 'no.yml' does not exist"]],
    [
      'a file of variables that is a folder',
      ['-c', 'task.yml', '-l', 'src-1'],
      ['error: could not read template variables file (src-1): EISDIR'],
    ],
    [
      'a spare for too long',
      ['-c', 'task.yml', '--spare', '2h'],
      ["error: invalid value '2h' for --spare: must be off, or"],
    ],
    [
      'a spare for too short',
      ['-c', 'task.yml', '--spare', '10s'],
      ["error: invalid value '10s' for --spare: must be"],
    ],
    ['a wrong duration', ['-c', 'task.yml', '--keep', '10'], ["error: invalid duration '10' for --keep: must be like"]],
    [
      'a wrong profile',
      ['-c', 'task.yml', '--security-profile', 'max'],
      ["error: invalid value 'max' for --security-profile: must be auto, baseline, restricted, none or privileged"],
    ],
    ['an unknown flag', ['-c', 'task.yml', '--inptu', 'a=b'], ["error: unknown flag `--inptu'; did you mean --input?"]],
    ['a flag without its value', ['-c'], ["error: option '-c, --config <path>' argument missing"]],
    ['inputs of a job', ['-c', 'task.yml', '-j', 'p/j'], ['error: -j/--inputs-from needs a Concourse server']],
    ['an input mapping', ['-c', 'task.yml', '-m', 'a=b'], ['error: -m/--input-mapping needs a Concourse server']],
    [
      'everything at once',
      ['-c', 'none.yml', '-i', 'a', '-o', 'b', '--timeout', 'x', '--bogus'],
      [
        "error: invalid input pair 'a' (must be name=path)",
        "error: invalid output pair 'b' (must be name=path)",
        "error: invalid duration 'x' for --timeout",
        "error: unknown flag `--bogus'",
        "error: path 'none.yml' does not exist",
      ],
    ],
  ])('%s', async (_name, argv, errors) => {
    const { code, io } = await dryRun(argv);
    expect(code).toBe(1);
    expect(io.stdout.text).toBe('');
    let from = 0;
    for (const error of errors) {
      expect(io.stderr.text.slice(from)).toContain(error);
      from = io.stderr.text.indexOf(error, from);
    }
    expect(io.stderr.text.match(/^error: /gmu)).toHaveLength(errors.length);
  });

  it.each(['--timeout', '--keep'])('a wrong duration for %s is one error, and not judged again', async (flag) => {
    const { code, io, request } = await dryRun(['-c', 'task.yml', flag, '-1s']);
    expect({ code, errors: io.stderr.text.match(/^error: /gmu)?.length }).toEqual({ code: 1, errors: 1 });
    expect(request?.timeoutMs ?? request?.keepMs).toBeUndefined();
  });

  it("adds the plan's findings, with their place and next step", async () => {
    const io = new FakeIo({ cwd });
    const services = fakeServices({
      plan: () => ({
        problems: [
          { code: 'x', message: 'undefined vars: a, b', line: 3, column: 7, nextStep: 'give each a value' },
          { code: 'y', message: 'unknown input `z`' },
        ],
      }),
    });
    expect(await tarmac(['execute', '-c', 'task.yml', '-i', 'bad'], services, io)).toBe(1);
    expect(io.stderr.text).toBe(
      "error: invalid input pair 'bad' (must be name=path)\n" +
        'error: task.yml:3:7: undefined vars: a, b\n       give each a value\n' +
        'error: unknown input `z`\n',
    );
  });

  it.each(['-v', '-y', '--param', '-i'])('never repeats what follows a = (%s)', async (flag) => {
    for (const value of ['=hunter2', '==hunter2', '=']) {
      const { io } = await dryRun(['-c', 'task.yml', flag, value, '--bogus=hunter2']);
      expect(io.stderr.text).toContain("unknown flag `--bogus'");
      expect(io.stderr.text).not.toContain('hunter2');
    }
  });

  it.each([
    [['-t', 'ci', 'execute', '-c', 'task.yml'], 'choose the cluster with --context'],
    [['execute', '-c', 'task.yml', '-t', 'ci'], 'choose the cluster with --context'],
    [['execute', '-c', 'task.yml', '--team', 'main'], 'choose the namespace with --namespace'],
    [['execute', '-c', 'task.yml', '--tag', 'gpu'], 'Kubernetes chooses the node'],
  ])('but a script made for fly goes on with a notice: %o', async (argv, notice) => {
    const io = new FakeIo({ cwd });
    expect(await tarmac([...argv, '--dry-run'], fakeServices({ podPreview: () => 'pod\n' }), io)).toBe(0);
    expect(io.stderr.text).toContain('notice: ');
    expect(io.stderr.text).toContain(notice);
  });
});

/** Starts `execute` with a run that the test ends. */
function started(argv: readonly string[] = [], runner: Partial<RunnerServices> = {}) {
  const io = new FakeIo({ cwd, env: { XDG_STATE_HOME: '/state' } });
  const run = new FakeRun();
  const { startRun, context } = runStarter(run);
  const code = tarmac(['execute', '-c', 'task.yml', ...argv], fakeServices({ startRun, ...runner }), io);
  return { io, run, context, code };
}

describe('a run', () => {
  it("shows its output and ends with the task's exit code", async () => {
    const { io, run, context, code } = started();
    const { onEvent, stateDir } = await context;
    expect(stateDir).toBe('/state/tarmac');
    await onEvent(output('hello\n'));
    run.finish({ status: 'failed', exitCode: 42 });
    expect(await code).toBe(42);
    expect(io.stdout.text).toBe('hello\n');
    expect(run.calls).toEqual(['dispose']);
    expect(io.stop('SIGINT')).toBe(false);
  });

  it.each<[readonly string[], number | undefined]>([
    [[], undefined],
    [['--spare', '10m'], 600_000],
    [['--spare=off'], 0],
  ])('%o asks for a pod that waits for the next run', async (flags, expected) => {
    const asked: (number | undefined)[] = [];
    const { run, context, code } = started(flags, {
      withSpare(plan, _context, ms) {
        asked.push(ms);
        return Promise.resolve(plan);
      },
    });
    await context;
    run.finish({});
    expect(await code).toBe(0);
    expect(asked).toEqual([expected]);
  });

  it('prints nothing but JSON with --events', async () => {
    const { io, run, context, code } = started(['--events', '--verbose']);
    const { onEvent } = await context;
    const events = [
      event({ type: 'run-created', task: 'unit', taskFile: 't', namespace: 'ci', context: 'kind' }),
      output('no newline'),
      event({ type: 'output', stream: 'stderr', offset: 0, data: Uint8Array.of(0xff) }),
      event({ type: 'warning', message: 'w' }),
      event({ type: 'finished', status: 'succeeded', exitCode: 0, durationMs: 1 }),
    ];
    for (const each of events) await onEvent(each);
    run.finish({});
    expect(await code).toBe(0);
    const lines = io.stdout.text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(events.map((each) => each.type));
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ type: 'output', data: 'no newline' });
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ data: { base64: '/w==' } });
    expect(io.stderr.text).toBe('');
  });

  it.each([
    [['-b'], 'follow it with: tarmac attach unit-1f6d20aa\n'],
    [['-b', '--quiet'], 'unit-1f6d20aa\n'],
    [['-b', '--events'], ''],
  ])('is left alone with %o once it runs', async (flags, stdout) => {
    const { io, run, context, code } = started(flags);
    const { onEvent } = await context;
    if (!flags.includes('--events')) await onEvent(output('for whoever attaches\n'));
    run.start();
    expect(await code).toBe(0);
    expect(io.stdout.text).toBe(stdout);
    expect(run.calls).toEqual(['detach', 'dispose']);
  });

  it('that fails before it runs fails in the background, too', async () => {
    const { run, context, code } = started(['-b']);
    await context;
    run.finish({ status: 'errored' });
    expect(await code).toBe(2);
    expect(run.calls).toEqual(['dispose']);
  });

  it('takes an output of the latest run as an input', async () => {
    const asked: DraftRequest[] = [];
    const drafts: PlanDraft[] = [];
    const { run, context, code } = started(['-i', 'a=run:latest/bin'], {
      listRuns: () => Promise.resolve([{ run: 'build-7' } as never, { run: 'build-6' } as never]),
      plan: (request) => {
        asked.push(request);
        const source = { kind: 'output', run: 'latest', output: 'bin' } as const;
        return {
          plan: { inputs: [{ name: 'a', path: '/a', volume: '', source }] } as Partial<Plan> as PlanDraft,
          warnings: [],
        };
      },
      withStore(draft, store) {
        drafts.push(draft);
        return { plan: { ...draft, store }, warnings: [] };
      },
    });
    await context;
    run.finish({});
    expect(await code).toBe(0);
    expect(asked.map(({ inputs }) => inputs)).toEqual([{ a: 'run:latest/bin' }]);
    expect(drafts).toMatchObject([{ inputs: [{ name: 'a', source: { run: 'build-7', output: 'bin' } }] }]);
  });

  it('tells warnings of the plan once, on stderr', async () => {
    const { io, run, context, code } = started([], {
      plan: () => ({
        plan: { inputs: [] as readonly PlannedInput[] } as PlanDraft,
        warnings: [{ code: 'w', message: 'declared twice', line: 2, column: 1 }],
      }),
    });
    await context;
    run.finish({});
    expect(await code).toBe(0);
    expect(io.stderr.text).toBe('warning: task.yml:2:1: declared twice\n');
  });

  it('reports a cluster that cannot be reached, with exit code 1', async () => {
    const failure = {
      kind: 'unreachable',
      title: "Can't reach kind",
      evidence: [],
      nextStep: 'VPN?',
      retryable: true,
    } as const;
    const { io, code } = started([], {
      openCluster: () => Promise.reject(new Error('ECONNREFUSED')),
      failureOf: () => failure,
    });
    expect(await code).toBe(1);
    expect(io.stderr.text).toBe("error: Can't reach kind\n         next: VPN?\n");
  });
});

describe('stopping', () => {
  it('aborts at the first Ctrl-C and follows the run to its end', async () => {
    const { io, run, context, code } = started();
    await context;
    await new Promise(setImmediate);
    io.stop('SIGINT');
    expect(io.stderr.text).toBe('\naborting... (once more leaves at once)\n');
    expect(run.calls).toEqual(['abort']);
    run.finish({ status: 'aborted', exitCode: 143 });
    expect(await code).toBe(3);
    expect(io.exits).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('treats %s like Ctrl-C', async (signal) => {
    const { io, run, context, code } = started();
    await context;
    await new Promise(setImmediate);
    io.stop(signal);
    run.finish({ status: 'aborted' });
    expect(await code).toBe(3);
    expect(run.calls).toEqual(['abort', 'dispose']);
  });

  it('exits with 2 at the second Ctrl-C, when the deletion of the pod was sent', async () => {
    const { io, run, context, code } = started();
    await context;
    await new Promise(setImmediate);
    io.stop('SIGINT');
    io.stop('SIGINT');
    expect(io.stderr.text).toBe('\naborting... (once more leaves at once)\nexiting immediately\n');
    expect(run.calls).toEqual(['abort', 'abort']);
    run.finish({ status: 'aborted' });
    await code;
    expect(io.exits).toEqual([2]);
  });

  it('exits with 2 at once at the third', async () => {
    const { io, run, context, code } = started();
    await context;
    await new Promise(setImmediate);
    for (let times = 0; times < 3; times += 1) io.stop('SIGINT');
    expect(io.exits).toEqual([2]);
    run.finish({ status: 'aborted' });
    await code;
  });

  it('aborts the run, without a word, when its reader has gone', async () => {
    const { io, run, context, code } = started();
    await context;
    await new Promise(setImmediate);
    io.stop('SIGPIPE');
    io.stop('SIGPIPE');
    expect(run.calls).toEqual(['abort']);
    expect(io.stderr.text).toBe('');
    run.finish({ status: 'aborted' });
    expect(await code).toBe(3);
  });

  it('ends as a shell expects when no run was begun', async () => {
    const { io, code } = started([], {
      openCluster: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('aborted')));
          queueMicrotask(() => io.stop('SIGTERM'));
        }),
    });
    expect(await code).toBe(143);
    expect(io.stderr.text).toBe('');
  });
});
