import { describe, expect, it } from 'vitest';
import { painter, type RunEvent, spanNames } from '#runner/model';
import { Report, type ReportOptions } from '#internal/runner/src/report/report.ts';
import { Screen } from './screen.ts';
import { event, FakeIo, output } from './testing/doubles.ts';

const created = event({ type: 'run-created', task: 'unit', taskFile: 'ci/unit.yml', namespace: 'ci', context: 'kind' });
const pod = event({ type: 'pod-created', pod: 'tarmac-unit-1f6d20aa', namespace: 'ci', uid: 'u1' });
const running = event({ type: 'command-started', command: ['src/ci/unit.sh', '-v', 'all tests'] });
const input = {
  type: 'input-ready',
  input: 'src',
  digest: 'd',
  files: 3,
  bytes: 1200,
  sent: 1200,
  unchanged: false,
} as const;
const succeeded = event({ type: 'finished', status: 'succeeded', exitCode: 0, durationMs: 5200 });
const failure = event({
  type: 'failure',
  failure: {
    kind: 'image-not-found',
    title: 'Image golang:1.99 does not exist',
    evidence: ['manifest unknown'],
    nextStep: 'Correct the tag.',
    retryable: false,
  },
});

const inHalfAnHour = new Date(Date.parse(succeeded.time) + 29.6 * 60_000);
const clock = [inHalfAnHour.getHours(), inHalfAnHour.getMinutes()]
  .map((part) => String(part).padStart(2, '0'))
  .join(':');

interface Given {
  readonly tty?: boolean;
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly phases?: 'table' | 'line';
}

/** What a terminal or a file gets to see of `events`. */
async function show(events: readonly RunEvent[], given: Given = {}): Promise<FakeIo> {
  const io = new FakeIo({ tty: given.tty ?? false });
  const options: ReportOptions = {
    screen: new Screen(io.stdout, io.stderr, io.now),
    paint: painter(given.color ?? false),
    now: io.now,
    quiet: given.quiet ?? false,
    verbose: given.verbose ?? false,
    ...(given.phases ? { phases: given.phases } : {}),
    shellHint: (run) => `tarmac shell ${run}`,
    describe: ({ title, evidence, nextStep }) => [title, ...evidence, nextStep].join('\n  '),
  };
  const report = new Report(options);
  for (const each of events) {
    await report.handle(each);
    io.time += 1000;
  }
  return io;
}

describe('the lines of fly, in order', () => {
  it('says once that a run begins, though its pod may be made more than once', async () => {
    const created = event({ type: 'pod-created', pod: 'task-unit-1f6d20aa', namespace: 'ci', uid: 'u' });
    const io = await show([created, event({ type: 'note', message: 'it is sent again' }), created]);
    expect(io.stdout.text).toBe('initializing\nit is sent again\n');
  });

  it('shows a run that succeeds, with its download after the status and where the time went', async () => {
    const span = { span: 1, name: spanNames.run, label: 'total' } as const;
    const wait = { span: 2, name: spanNames.wait, label: 'start pod' } as const;
    const pull = { span: 3, name: spanNames.pull, label: 'pull images' } as const;
    const exec = { span: 4, name: spanNames.exec, label: 'run' } as const;
    const ended = { type: 'span-ended', outcome: 'ok', attributes: {} } as const;
    const io = await show([
      created,
      event({ type: 'span-started', ...span }),
      pod,
      event({ type: 'span-started', ...wait, parent: 1 }),
      event({ type: 'span-started', ...pull, parent: 2 }),
      event({ ...ended, ...pull, durationMs: 800 }),
      event({ ...ended, ...wait, durationMs: 1500 }),
      event(input),
      event({ type: 'span-started', ...exec, parent: 1 }),
      running,
      output('ok\n'),
      event({ type: 'command-ended', exitCode: 0, durationMs: 3000 }),
      event({ ...ended, ...exec, durationMs: 3000 }),
      event({ type: 'output-downloaded', output: 'bin', target: '/out', files: 1, bytes: 2048, notes: [] }),
      event({ ...ended, ...span, durationMs: 5200 }),
      succeeded,
    ]);
    expect(io.stdout.text).toBe(
      [
        'executing run unit-1f6d20aa in kind/ci',
        'initializing',
        'uploading src done: 3 files, 1.2 KiB',
        'running src/ci/unit.sh -v all tests',
        'ok',
        'succeeded',
        'downloading bin done: 1 file, 2.0 KiB to /out',
        '',
        'phase          duration',
        'start pod          1.5s',
        '  pull images     800ms',
        'run                3.0s',
        'total              5.2s',
        '',
      ].join('\n'),
    );
    expect(io.stderr.text).toBe('');
  });

  it.each([
    [
      'an input that the store has',
      { ...input, sent: 0, unchanged: true },
      'uploading src done: 3 files, 0 B (unchanged)\n',
    ],
    ['an input sent in part', { ...input, sent: 200 }, 'uploading src done: 3 files, 200 B of 1.2 KiB\n'],
    ['one file', { ...input, files: 1, bytes: 5, sent: 2048 }, 'uploading src done: 1 file, 5 B\n'],
    [
      'a kept pod',
      { type: 'pod-kept', pod: 'p', until: '17:00' },
      'pod p kept until 17:00: tarmac shell unit-1f6d20aa\n',
    ],
    [
      'a kept pod, with the time on this clock',
      { type: 'pod-kept', pod: 'p', until: inHalfAnHour.toISOString() },
      `pod p kept until ${clock} (30 min): tarmac shell unit-1f6d20aa\n`,
    ],
    ['a note', { type: 'note', message: 'hello' }, 'hello\n'],
    ['a note with an escape', { type: 'note', message: 'a\u001b[2Jb' }, 'a\\x1b[2Jb\n'],
  ] as const)('shows %s', async (_name, body, line) => {
    expect((await show([event(body)])).stdout.text).toBe(line);
  });

  it.each([
    ['a warning', { type: 'warning', message: 'old claim' }, 'warning: old claim\n'],
    [
      'a lost connection',
      { type: 'reconnecting', attempt: 2, reason: 'stalled' },
      'connection lost (stalled); reconnecting, attempt 2\n',
    ],
    ['TERM', { type: 'aborting', stage: 'terminate', graceMs: 10_000 }, 'sent TERM to the task; it has 10.0s to end\n'],
    ['KILL', { type: 'aborting', stage: 'kill' }, 'the task did not end: sent KILL\n'],
    ['the end of an abort', { type: 'aborting', stage: 'delete' }, 'deleting the pod\n'],
    [
      'an exit code that shells give',
      { type: 'command-ended', exitCode: 127, durationMs: 1 },
      'exit status 127: a command was not found (its path, or the image lacks it)\n',
    ],
    [
      'the hint of the runner',
      { type: 'command-ended', exitCode: 137, durationMs: 1, hint: 'out of memory' },
      'out of memory\n',
    ],
    ['nothing about an exit code of the task itself', { type: 'command-ended', exitCode: 5, durationMs: 1 }, ''],
  ] as const)('shows %s on stderr', async (_name, body, line) => {
    const io = await show([event(body)]);
    expect(io.stderr.text).toBe(line);
    expect(io.stdout.text).toBe('');
  });

  it.each([
    ['succeeded', '\u001b[32msucceeded\u001b[39m'],
    ['failed', '\u001b[31mfailed\u001b[39m'],
    ['errored', '\u001b[1m\u001b[31merrored\u001b[39m\u001b[22m'],
    ['aborted', 'interrupted\n\u001b[35maborted\u001b[39m'],
  ] as const)('colours %s as fly does', async (status, line) => {
    const io = await show([event({ type: 'finished', status, durationMs: 1 })], { color: true });
    expect(io.stdout.text).toBe(`${line}\n`);
  });

  it('explains a failure on stderr, before the status', async () => {
    const io = await show([failure, event({ type: 'finished', status: 'errored', durationMs: 1 })]);
    expect(io.log).toEqual([
      'stderr: Image golang:1.99 does not exist\n  manifest unknown\n  Correct the tag.\n',
      'stdout: errored\n',
    ]);
  });

  it('says in one line where the time went, where a view has the details', async () => {
    const wait = { span: 1, name: spanNames.wait, label: 'start pod' } as const;
    const pull = { span: 2, name: spanNames.pull, label: 'pull images' } as const;
    const exec = { span: 3, name: spanNames.exec, label: 'run' } as const;
    const over = { type: 'span-ended', outcome: 'ok', attributes: {} } as const;
    const events = [
      event({ type: 'span-started', ...wait }),
      event({ type: 'span-started', ...pull, parent: 1 }),
      event({ ...over, ...pull, durationMs: 800 }),
      event({ ...over, ...wait, durationMs: 1500 }),
      event({ type: 'span-started', ...exec }),
      event({ ...over, ...exec, durationMs: 3000 }),
      succeeded,
    ];
    const io = await show(events, { phases: 'line' });
    expect(io.stdout.text).toBe('succeeded\ntotal 5.2s: start pod 1.5s, run 3.0s\n');
  });

  it('names the exit code where no shell could be asked for it', async () => {
    const failed = event({ type: 'finished', status: 'failed', exitCode: 3, durationMs: 1 });
    expect((await show([failed], { phases: 'line' })).stdout.text).toContain('failed (exit code 3)\n');
    expect((await show([failed])).stdout.text).toContain('failed\n');
  });

  it('says why it waits, once for each reason', async () => {
    const waiting = (message: string): RunEvent => event({ type: 'waiting', reason: 'Unschedulable', message });
    const io = await show([waiting('no node has 64 GiB'), waiting('no node has 64 GiB'), waiting('pulling the image')]);
    expect(io.stdout.text).toBe('waiting: no node has 64 GiB\nwaiting: pulling the image\n');
  });
});

describe('a failure whose cause was told as the end of the command', () => {
  it('is not told again: the evidence and the next step follow', async () => {
    const title = 'The container needed more than its memory limit of 32.0 MiB';
    const facts = { evidence: ['main: OOMKilled'], nextStep: 'Raise it.', retryable: false } as const;
    const io = await show([
      event({ type: 'command-ended', exitCode: 137, durationMs: 1, hint: title }),
      event({ type: 'failure', failure: { kind: 'out-of-memory', title, ...facts } }),
    ]);
    expect(io.stderr.text).toBe(`${title}\n  main: OOMKilled\n  Raise it.\n`);
  });
});

describe('the command in a view of its own', () => {
  const running = async (...command: string[]): Promise<string> =>
    (await show([event({ type: 'command-started', command })], { phases: 'line' })).stdout.text;

  it.each([
    [['sh', '-ec', 'go test ./...'], 'running sh -ec go test ./...\n'],
    [['sh', '-ec', 'set -x\ngo test ./...\nls\n'], 'running sh -ec … (3 lines)\n'],
    [['sh', '-ec', `echo ${'x'.repeat(300)}`], 'running sh -ec …\n'],
    [['make'], 'running make\n'],
  ])('%j', async (command, text) => {
    expect(await running(...command)).toBe(text);
  });

  it('is whole in a terminal, as fly prints it', async () => {
    const io = await show([event({ type: 'command-started', command: ['sh', '-c', 'a\nb'] })]);
    expect(io.stdout.text).toBe('running sh -c a\nb\n');
  });
});

describe('the output of the task', () => {
  it('keeps bytes, and stdout apart from stderr', async () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0x1b, 0x0a);
    const io = await show([
      event({ type: 'output', stream: 'stdout', offset: 0, data: bytes }),
      output('oops\n', 'stderr'),
    ]);
    expect(Buffer.concat(io.stdout.chunks)).toEqual(Buffer.from(bytes));
    expect(io.stderr.text).toBe('oops\n');
  });

  it('ends an open line before a line of ours', async () => {
    const io = await show([output('no newline'), succeeded]);
    expect(io.stdout.text).toBe('no newline\nsucceeded\n');
  });

  it('is all there is on stdout when quiet', async () => {
    const io = await show([created, pod, event(input), running, output('no newline'), succeeded], {
      quiet: true,
      tty: true,
    });
    expect(io.stdout.text).toBe('no newline');
  });

  it('holds the run back while the reader is slow', async () => {
    const io = new FakeIo();
    const report = new Report({
      screen: new Screen(io.stdout, io.stderr, io.now),
      paint: painter(false),
      now: io.now,
      quiet: false,
      verbose: false,
      shellHint: () => '',
      describe: () => '',
    });
    let drain = (): void => undefined;
    io.stdout.blocked = new Promise((resolve) => (drain = resolve));
    let taken = false;
    const written = Promise.resolve(report.handle(output('much\n'))).then(() => (taken = true));
    await new Promise(setImmediate);
    expect(taken).toBe(false);
    drain();
    await written;
    expect(taken).toBe(true);
  });

  it('prefixes the lines of sidecars, also when they come in pieces', async () => {
    const log = (text: string): RunEvent => event({ type: 'sidecar-output', sidecar: 'db', data: Buffer.from(text) });
    const io = await show([log('rea'), log('dy\nliste'), succeeded]);
    expect(io.stderr.text).toBe('[db] ready\n[db] liste\n');
  });
});

describe('the progress line', () => {
  const upload = (bytes: number): RunEvent =>
    event({ type: 'upload-progress', input: 'src', bytes, total: 4 * 1024 * 1024 });

  it('shows bytes, total, rate and time left in a terminal, and goes before the next line', async () => {
    const io = await show([upload(0), upload(1024 * 1024), event({ ...input, bytes: 1200 })], { tty: true });
    expect(io.stdout.text).toBe(
      '\r\u001b[2Kuploading src  0 B / 4.0 MiB  0%' +
        '\r\u001b[2Kuploading src  1.0 MiB / 4.0 MiB  25%  1.0 MiB/s  ETA 3.0s' +
        '\r\u001b[2Kuploading src done: 3 files, 1.2 KiB\n',
    );
  });

  it('is not drawn without a terminal', async () => {
    expect((await show([upload(0), upload(1024)])).stdout.text).toBe('');
  });

  it('is never drawn into an open line of the task', async () => {
    const io = await show([output('half a li'), upload(1024), output('ne\n')], { tty: true });
    expect(io.stdout.text).toBe('half a line\n');
  });

  it('is drawn ten times a second at most', () => {
    const io = new FakeIo({ tty: true });
    const screen = new Screen(io.stdout, io.stderr, io.now);
    for (io.time = 0; io.time < 1000; io.time += 1) screen.progress(() => 'x');
    expect(io.stdout.chunks).toHaveLength(10);
  });

  it('is cut to the width of the terminal', () => {
    const io = new FakeIo({ tty: true });
    new Screen(io.stdout, io.stderr, io.now).progress(() => 'x'.repeat(200));
    expect(io.stdout.text).toBe(`\r\u001b[2K${'x'.repeat(79)}`);
  });
});

it('tells of phases and pod events when verbose', async () => {
  const io = await show(
    [
      event({ type: 'pod-event', name: 'pod.scheduled', attributes: { node: 'n1' } }),
      event({
        type: 'span-ended',
        span: 1,
        name: spanNames.pull,
        label: 'pull images',
        durationMs: 800,
        outcome: 'failed',
        attributes: {},
      }),
    ],
    { verbose: true },
  );
  expect(io.stderr.text).toBe('pod.scheduled node=n1\npull images: 800ms, failed\n');
});
