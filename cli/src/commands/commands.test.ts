import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type DoctorCheck,
  type FoundReport,
  type RunSummary,
  type ShellRequest,
  stateDir,
  type StoreStatus,
} from '#runner/model';
import { chooseRun } from '../run-name.ts';
import type { RunnerServices } from '../services.ts';
import { event, fakeCluster, FakeIo, FakeRun, fakeServices, tarmac } from '../testing/doubles.ts';
import { version } from '../version.ts';

const summary = (run: string, rest: Partial<RunSummary> = {}): RunSummary => ({
  run,
  task: 'unit',
  taskFile: '/ci/unit.yml',
  state: 'succeeded',
  startedAt: '2026-11-23T16:45:52Z',
  namespace: 'ci',
  context: 'kind',
  ...rest,
});
const two = [summary('unit-22', { state: 'failed', exitCode: 5, durationMs: 65_000 }), summary('unit-11')];
const listRuns = (): Promise<RunSummary[]> => Promise.resolve(two);

/** Calls one command; its exit code and what it printed. */
async function call(argv: readonly string[], runner: Partial<RunnerServices> = {}, io = new FakeIo()) {
  const code = await tarmac(argv, fakeServices({ listRuns, ...runner }), io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('the program', () => {
  it('prints its version', async () => {
    expect(await call(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
  });

  it('has the version of package.json', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as object;
    expect(manifest).toMatchObject({ version });
  });

  it('shows help on stdout, with the flags of fly first', async () => {
    const { code, stdout } = await call(['execute', '--help']);
    expect(code).toBe(0);
    for (const flag of ['-c, --config', '-i, --input', '-o, --output', '-v, --var', '-b, --background', '--claim']) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).not.toContain('--inputs-from');
  });

  it.each([
    [['exceute'], /unknown command 'exceute'\n\(Did you mean execute\?\)/],
    [['runs', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    [['attach'], /missing required argument 'run'/],
    [['download', 'x'], /missing required argument 'folder'/],
    [['download', 'x', 'y'], /'x' does not name an output \(must be RUN\/OUTPUT\)/],
    [['store', 'prune', '--older-than', 'x'], /invalid duration 'x' for --older-than/],
    [['store', 'prune', '--max-age', '2w'], /invalid duration '2w' for --max-age/],
    [['store', 'prune', '--max-size', '15 GiB'], /invalid size '15 GiB' for --max-size: must be like 500Mi, 15Gi/],
    [['store', 'prune', '--max-age', '1d', '--older-than', '2d'], /--older-than is another name of --max-age/],
    [['store', 'status', '--no-claim'], /the store is a claim/],
    [['validate', '--target', '9', 'f'], /invalid value '9' for --target: must be next, current, 8.0, 7.14 or 5.5/],
    [['completion', 'csh'], /invalid value 'csh' for completion: must be bash, zsh or fish/],
  ])('answers %o with an error and exit code 1', async (argv, message) => {
    const { code, stdout, stderr } = await call(argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: /u);
  });

  it('reports a fault of its own with its stack', async () => {
    const { code, stderr } = await call(['runs'], { listRuns: () => Promise.reject(new TypeError('x is undefined')) });
    expect(code).toBe(1);
    expect(stderr).toMatch(/a fault of tarmac itself.*\nTypeError: x is undefined\n +at /su);
  });

  it('validates files with the flags given', async () => {
    const calls: unknown[] = [];
    const services = fakeServices(
      {},
      {
        validate: (files, options, io) => {
          calls.push(files, options);
          io.stdout('verdict\n');
          return Promise.resolve(1);
        },
      },
    );
    const io = new FakeIo();
    expect(await tarmac(['validate', '--json', '--target', '5.5', 'a.yml', '-'], services, io)).toBe(1);
    expect(calls).toEqual([['a.yml', '-'], { format: 'json', target: '5.5', strict: false, vars: [], yamlVars: [] }]);
    expect(io.stdout.text).toBe('verdict\n');
  });
});

describe('which cluster', () => {
  it.each([
    [['--kubeconfig', 'k', '--context', 'c', '-n', 'n'], {}, { kubeconfig: 'k', context: 'c', namespace: 'n' }],
    [[], { TARMAC_CONTEXT: 'c', TARMAC_NAMESPACE: 'n' }, { context: 'c', namespace: 'n' }],
    [['--context', 'flag'], { TARMAC_CONTEXT: 'c', TARMAC_NAMESPACE: '' }, { context: 'flag' }],
    [['--context=', '-n', '', '--kubeconfig='], { TARMAC_NAMESPACE: 'n' }, { namespace: 'n' }],
  ])('%o with %o', async (argv, env, expected) => {
    let closed = 0;
    const asked: unknown[] = [];
    const openCluster: RunnerServices['openCluster'] = ({ kubeconfig, context, namespace }) => {
      asked.push(JSON.parse(JSON.stringify({ kubeconfig, context, namespace })));
      return Promise.resolve(fakeCluster(() => (closed += 1)));
    };
    expect(await call(['runs', ...argv], { openCluster }, new FakeIo({ env }))).toMatchObject({ code: 0 });
    expect(asked).toEqual([expected]);
    expect(closed).toBe(1);
  });

  it.each([
    [{ XDG_STATE_HOME: '/x' }, 'linux', '/x/tarmac'],
    [{ XDG_STATE_HOME: 'relative' }, 'linux', '/home/me/.local/state/tarmac'],
    [{}, 'darwin', '/home/me/.local/state/tarmac'],
    [{ LOCALAPPDATA: '/local' }, 'win32', '/local/tarmac'],
  ] as const)('keeps its state at %o on %s in %s', (env, platform, path) => {
    expect(stateDir(env, platform, '/home/me')).toBe(path);
  });
});

describe('which run', () => {
  const runs = [summary('unit-22'), summary('unit-21'), summary('build-7')];
  it.each([
    ['unit-21', 'unit-21'],
    ['latest', 'unit-22'],
    ['build', 'build-7'],
  ])('%s is %s', (name, id) => {
    expect(chooseRun(name, runs)).toBe(id);
  });

  it.each([
    ['unit', /run 'unit' could be unit-22, unit-21\ngive more of its id/],
    ['biuld-7', /there is no run 'biuld-7'; did you mean build-7\?/],
    ['zzz', /there is no run 'zzz'\nlist the runs with: tarmac runs/],
  ])('%s is an error', (name, message) => {
    expect(() => chooseRun(name, runs)).toThrow(message);
  });

  it('there is none yet', () => {
    expect(() => chooseRun('latest', [])).toThrow('there is no run yet');
  });

  it('takes no run of a colleague for the latest', () => {
    const other = summary('unit-33', { elsewhere: true });
    expect(chooseRun('latest', [other, ...two])).toBe('unit-22');
    expect(chooseRun('unit-33', [other, ...two])).toBe('unit-33');
    expect(() => chooseRun('latest', [other])).toThrow('there is no run yet that was started from here');
  });
});

describe('runs', () => {
  it('prints a table', async () => {
    const { stdout } = await call(['runs'], {}, new FakeIo());
    const [head, failed, succeeded] = stdout.split('\n');
    expect(head).toMatch(/^run +state +started +took +task$/u);
    expect(failed).toMatch(/^unit-22 +failed \(5\) +2026-11-2\d \d\d:45:52 +1m05s +\/ci\/unit\.yml$/u);
    expect(succeeded).toMatch(/^unit-11 +succeeded +/u);
  });

  it('prints JSON', async () => {
    expect(JSON.parse((await call(['runs', '--json'])).stdout)).toEqual(two);
  });

  it('says that there are none', async () => {
    expect((await call(['runs'], { listRuns: () => Promise.resolve([]) })).stdout).toBe('no runs\n');
  });

  it('attaches to a run and ends with its exit code', async () => {
    const run = new FakeRun();
    const names: string[] = [];
    const { code, stdout } = await call(['attach', 'latest'], {
      attachRun: async (name, { onEvent }) => {
        names.push(name);
        await onEvent(event({ type: 'note', message: 'again' }));
        run.finish({ status: 'failed', exitCode: 9 });
        return run;
      },
    });
    expect({ code, stdout, names }).toEqual({ code: 9, stdout: 'again\n', names: ['unit-22'] });
  });

  it.each([
    ['SIGINT', 130, '\ndetached: the run keeps running; end it with: tarmac abort unit-1f6d20aa\n'],
    ['SIGPIPE', 141, ''],
  ] as const)('leaves an attached run alone at %s', async (signal, code, stderr) => {
    const run = new FakeRun();
    const io = new FakeIo();
    const attached = call(
      ['attach', 'latest'],
      {
        attachRun: () => {
          setImmediate(() => io.stop(signal));
          return Promise.resolve(run);
        },
      },
      io,
    );
    expect(await attached).toEqual({ code, stdout: '', stderr });
    expect(run.calls).toEqual(['detach', 'dispose']);
  });

  it('aborts a run', async () => {
    const { code, stdout, stderr } = await call(['abort', 'unit-1'], {
      abortRun: async (run, { onEvent }) => {
        await onEvent(event({ type: 'aborting', stage: 'delete' }));
        return { run, status: 'aborted', phases: [], sent: 0 };
      },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'unit-11 aborted\n', stderr: 'deleting the pod\n' });
  });

  it('gives up at the first Ctrl-C, and at once at the second', async () => {
    const io = new FakeIo();
    const openCluster: RunnerServices['openCluster'] = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')));
        io.stop('SIGINT');
        io.stop('SIGINT');
      });
    expect(await call(['runs'], { openCluster }, io)).toEqual({ code: 130, stdout: '', stderr: '' });
    expect(io.exits).toEqual([130]);
  });
});

describe('shell', () => {
  async function shell(argv: readonly string[], tty: boolean) {
    const io = new FakeIo({ tty, stdin: 'ls\n' });
    let request: ShellRequest | undefined;
    let raw = 0;
    const result = await call(
      ['shell', ...argv],
      {
        openShell: async (_run, given) => {
          request = given;
          raw = io.rawDepth;
          for await (const chunk of given.stdin ?? []) await given.stdout(chunk);
          await given.stderr(Buffer.from('err'));
          return 7;
        },
      },
      io,
    );
    return { ...result, request, raw, rawAfter: io.rawDepth };
  }

  it('hands the terminal over, and puts it back', async () => {
    const { code, stdout, request, raw, rawAfter } = await shell(['latest'], true);
    expect({ code, stdout, raw, rawAfter }).toEqual({ code: 7, stdout: 'ls\n', raw: 1, rawAfter: 0 });
    expect(request).toMatchObject({ tty: true, command: [] });
    expect(request?.resize).toBeDefined();
  });

  it('runs a command with pipes', async () => {
    const { stdout, stderr, request, raw } = await shell(['unit-22', '--', 'cat', '-n', '--', 'x'], false);
    expect({ stdout, stderr, raw }).toEqual({ stdout: 'ls\n', stderr: 'err', raw: 0 });
    expect(request).toMatchObject({ tty: false, command: ['cat', '-n', '--', 'x'] });
  });
});

describe('tests', () => {
  type Test = FoundReport['tests'][number];
  const passed: Test = { suite: ['cart'], name: 'adds', outcome: 'passed' };
  const failed: Test = {
    outcome: 'failed',
    ...{ suite: ['cart'], name: 'removes', message: 'expected 1\u001b[2J' },
    place: { file: 'cart.test.js', line: 12 },
  };
  const report = (tests: FoundReport['tests'], problems: readonly string[] = []): FoundReport => ({
    ...{ format: 'junit', path: 'report/junit.xml', problems, tests },
    counts: {
      tests: tests.length,
      passed: tests.filter(({ outcome }) => outcome === 'passed').length,
      failed: tests.filter(({ outcome }) => outcome === 'failed').length,
      errored: 0,
      skipped: 0,
    },
  });

  it.each([
    [[report([passed])], 0, '1 test in 1 report: 1 passed\n', ''],
    [
      [report([passed, failed]), report([passed])],
      1,
      'FAILED  cart > removes  cart.test.js:12\n        expected 1\\x1b[2J\n3 tests in 2 reports: 2 passed, 1 failed\n',
      '',
    ],
    [
      [report([passed], ['3 tests were planned.'])],
      1,
      '1 test in 1 report: 1 passed\n',
      'warning: report/junit.xml: 3 tests were planned.\n',
    ],
    [
      [],
      1,
      '',
      'error: run unit-22 has no test results: neither its outputs nor its log hold JUnit XML, TRX, TAP or go test -json\n',
    ],
  ])('%#: prints what did not pass, and the sum', async (reports, code, stdout, stderr) => {
    const testsOfRun = () => Promise.resolve(reports);
    expect(await call(['tests', 'unit-2'], { testsOfRun })).toEqual({ code, stdout, stderr });
  });

  it('prints JSON', async () => {
    const reports = [report([passed, failed])];
    const { stdout } = await call(['tests', 'latest', '--json'], { testsOfRun: () => Promise.resolve(reports) });
    expect(JSON.parse(stdout)).toEqual(reports);
  });
});

describe('artifacts', () => {
  const artifact = {
    kind: 'output',
    name: 'bin',
    id: 'unit-22',
    bytes: 2048,
    files: 3,
    digest: 'a'.repeat(64),
    place: 'store',
  } as const;

  it('prints a table of one run', async () => {
    const { stdout } = await call(['artifacts', 'unit-2'], {
      listArtifacts: (run) => Promise.resolve(run === undefined ? [] : [{ ...artifact, run }]),
    });
    expect(stdout).toBe(
      'run      kind    name     size  files  place  digest\n' +
        'unit-22  output  bin   2.0 KiB      3  store  aaaaaaaaaaaa\n',
    );
  });

  it('tells what the store keeps', async () => {
    const { stdout } = await call(['artifacts', 'unit-2'], {
      listArtifacts: (run = '') => Promise.resolve([{ ...artifact, run, pinned: true }]),
    });
    expect(stdout).toContain('3  store (kept)  aaaaaaaaaaaa');
  });

  it('prints JSON of all', async () => {
    const claims: unknown[] = [];
    const { stdout } = await call(['artifacts', '--json', '--claim', 'other'], {
      listArtifacts: (_run, _context, options) => {
        claims.push(options?.claim);
        return Promise.resolve([artifact]);
      },
    });
    expect(claims).toEqual(['other']);
    expect(JSON.parse(stdout)).toEqual([artifact]);
  });

  it('says once that the store holds what is not ours', async () => {
    const { stdout, stderr } = await call(['artifacts'], {
      listArtifacts: (_run, _context, options) => {
        options?.onOthers?.(2);
        return Promise.resolve([]);
      },
    });
    expect([stdout, stderr]).toEqual([
      'no artifacts\n',
      'note: the store holds 2 things that Tarmac did not make; left out\n',
    ]);
  });

  it('downloads an output', async () => {
    const calls: string[] = [];
    const result = await call(
      ['download', 'latest/bin', 'out'],
      {
        downloadArtifact: (...[run, output, target]) => {
          calls.push(run, output, target);
          return Promise.resolve({ files: 1, bytes: 10, notes: ['a link was left out'] });
        },
      },
      new FakeIo({ cwd: '/w' }),
    );
    expect(calls).toEqual(['unit-22', 'bin', '/w/out']);
    expect(result).toEqual({
      code: 0,
      stdout: 'downloading bin done: 1 file, 10 B to out\n',
      stderr: "warning: output 'bin': a link was left out\n",
    });
  });
});

describe('store', () => {
  const status: StoreStatus = {
    claim: 'c',
    phase: 'Bound',
    accessModes: ['ReadWriteMany'],
    capacity: '1Gi',
    usedBytes: 2048,
    trees: 1,
    runs: 2,
    caches: 0,
    pinned: 0,
  };

  it('makes a claim', async () => {
    const calls: unknown[] = [];
    const { code, stdout } = await call(
      ['store', 'init', '--claim', 'c', '--size', '1Gi', '--storage-class', 'fast', '--access-mode', 'ReadWriteMany'],
      {
        storeInit: (claim, options) => {
          calls.push(claim, options);
          return Promise.resolve(status);
        },
      },
    );
    expect(calls).toEqual(['c', { size: '1Gi', storageClass: 'fast', accessMode: 'ReadWriteMany' }]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'claim         c\nphase         Bound\naccess modes  ReadWriteMany\ncapacity      1Gi\n' +
        'used          2.0 KiB\nfree          unknown\nholds         1 tree, 2 runs, 0 caches\n',
    });
  });

  it('says how many runs are kept', async () => {
    const { stdout } = await call(['store', 'status'], {
      storeStatus: () => Promise.resolve({ ...status, pinned: 2 }),
    });
    expect(stdout).toContain('holds         1 tree, 2 runs (2 kept), 0 caches\n');
  });

  it.each([
    [[], {}, 'tarmac-artifacts'],
    [[], { TARMAC_CLAIM: 'env' }, 'env'],
    [['--claim', 'flag'], { TARMAC_CLAIM: 'env' }, 'flag'],
  ])('status %o with %o asks for %s', async (argv, env, claim) => {
    const io = new FakeIo({ env });
    const services = { storeStatus: (name: string) => Promise.resolve({ ...status, claim: name }) };
    const { stdout } = await call(['store', 'status', '--json', ...argv], services, io);
    expect(JSON.parse(stdout)).toMatchObject({ claim });
  });

  const nothing = 'removed 0 trees, 0 runs, 0 caches, 0 packs, 0 pods: 0 B\n';
  const none = { trees: 0, runs: 0, caches: 0, packs: 0, pods: 0 };

  it.each([
    [[], { olderThanMs: 604_800_000, maxBytes: undefined, dryRun: false }],
    [['--max-age', '30d'], { olderThanMs: 2_592_000_000, maxBytes: undefined, dryRun: false }],
    [['--older-than', '12h', '--dry-run'], { olderThanMs: 43_200_000, maxBytes: undefined, dryRun: true }],
    [['--max-size', '15Gi'], { olderThanMs: undefined, maxBytes: 15 * 1024 ** 3, dryRun: false }],
    [['--max-age=30d', '--max-size=1.5G'], { olderThanMs: 2_592_000_000, maxBytes: 1.5e9, dryRun: false }],
  ])('prune %o', async (argv, options) => {
    const calls: unknown[] = [];
    const { stdout } = await call(['store', 'prune', ...argv], {
      storePrune: (_claim, given) => {
        calls.push(given);
        return Promise.resolve({ freedBytes: 0, leftBytes: 0, removed: none });
      },
    });
    expect(calls).toEqual([options]);
    expect(stdout).toBe(options.dryRun ? nothing.replace('removed', 'would remove') : nothing);
  });

  it('prune says what it removed, and what is too much still', async () => {
    const { stdout } = await call(['store', 'prune', '--max-size', '1Gi'], {
      storePrune: () =>
        Promise.resolve({
          freedBytes: 1024 ** 2,
          leftBytes: 3 * 1024 ** 3,
          removed: { trees: 1, runs: 2, caches: 4, packs: 3, pods: 1 },
        }),
    });
    expect(stdout).toBe(
      'removed 1 tree, 2 runs, 4 caches, 3 packs, 1 pod: 1.0 MiB\n' +
        'The store has 3.0 GiB, more than 1.0 GiB: the rest is in use, is kept, or was used in the last day.\n',
    );
  });
});

describe('doctor', () => {
  const checks: DoctorCheck[] = [
    { name: 'connect', outcome: 'ok', detail: 'Kubernetes v1.31', durationMs: 12 },
    { name: 'claim', outcome: 'failed', detail: 'no claim', fix: 'tarmac store init', durationMs: 3 },
  ];
  const doctor = (list: readonly DoctorCheck[]): RunnerServices['doctor'] =>
    // eslint-disable-next-line @typescript-eslint/require-await -- the checks are there already
    async function* () {
      yield* list;
    };

  it('prints a line for each check, the fix below it, and fails when one did', async () => {
    expect(await call(['doctor'], { doctor: doctor(checks) })).toEqual({
      code: 1,
      stdout:
        'ok       connect: Kubernetes v1.31 (12ms)\n' + 'failed   claim: no claim (3ms)\n         tarmac store init\n',
      stderr: '',
    });
  });

  it('succeeds when none failed, and prints JSON', async () => {
    const { code, stdout } = await call(['doctor', '--json'], { doctor: doctor(checks.slice(0, 1)) });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(checks.slice(0, 1));
  });
});
