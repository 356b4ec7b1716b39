/** Small wrong edits to the runner, each with the test files that must notice it. */

/** One edit: `from` occurs once in the file. */
export interface Mutant {
  readonly name: string;
  /** What would then go wrong for a user. */
  readonly about: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

const supervised = ['runner/src/supervisor/supervised.test.ts'];
const store = ['runner/src/store/store.test.ts'];
const upload = ['runner/src/store/upload.test.ts'];

export const mutants: readonly Mutant[] = [
  {
    name: 'answer-lost',
    about: 'a pod whose creation was answered into a broken connection counts as a conflict',
    file: 'runner/src/cluster/create-once.ts',
    from: 'acted ||= mayHaveActed(error, signal);',
    to: '',
    tests: ['runner/src/cluster/create-once.test.ts'],
  },
  {
    name: 'first-conflict',
    about: "somebody else's pod with the name counts as ours",
    file: 'runner/src/cluster/create-once.ts',
    from: 'if (acted && error instanceof',
    to: 'if (error instanceof',
    tests: ['runner/src/cluster/create-once.test.ts'],
  },
  {
    name: 'progress-forgotten',
    about: 'losses are counted over the whole run: a long one is given up',
    file: 'runner/src/failures/retry.ts',
    from: 'if (options.hasProgressed?.()) attempt = doubts = 0;',
    to: '',
    tests: ['runner/src/failures/retry.test.ts'],
  },
  {
    name: 'other-pod-final',
    about: 'an exec that reached another pod with the same name ends the run',
    file: 'runner/src/failures/passing.ts',
    from: "if (code === 'OTHER_POD') return 'absent';",
    to: '',
    tests: ['runner/src/failures/passing.test.ts'],
  },
  {
    name: 'client-mistaken',
    about: 'another process with the pid of a client that died counts as that client: its run is never finished',
    file: 'runner/src/records/client.ts',
    from: 'if (startTime !== undefined && now !== undefined && startTime !== now) return false;',
    to: '',
    tests: ['runner/src/records/client.test.ts'],
  },
  {
    name: 'secret-over-pieces',
    about: 'a secret that comes in two pieces is shown',
    file: 'runner/src/redact/redact.ts',
    from: 'const held = this.#heldFrom(all);',
    to: 'const held = all.length;',
    tests: ['runner/src/redact/redact.test.ts'],
  },
  {
    name: 'lost-output-succeeds',
    about: 'a run whose output could not be saved is called succeeded',
    file: 'runner/src/run/ending.ts',
    from: "return { status: failure ? 'errored' : 'succeeded', exitCode, failure };",
    to: "return { status: 'succeeded', exitCode, failure };",
    tests: ['runner/src/run/ending.test.ts', 'runner/src/run/execute.test.ts'],
  },
  {
    name: 'pod-not-deleted',
    about: 'the pod of a run that has ended is left',
    file: 'runner/src/run/ending.ts',
    from: 'removePods(there, record.run, context.cluster)',
    to: 'Promise.resolve(removePods)',
    tests: ['runner/src/run/execute.test.ts'],
  },
  {
    name: 'attempt-not-deleted',
    about: 'the pod of an attempt that failed is left when the next one begins',
    file: 'runner/src/run/execute.ts',
    from: 'await this.#letGo(this.#pod);',
    to: 'this.#pod = undefined;',
    tests: ['runner/src/run/start-loss.test.ts', 'runner/src/run/execute.test.ts'],
  },
  {
    name: 'abort-mark-ignored',
    about: 'a run that another process has aborted is told as failed',
    file: 'runner/src/run/ending.ts',
    from: 'if (isAborted || (await wasAborted(context.stateDir, record.run))) return',
    to: 'if (isAborted || (await wasAborted(context.stateDir, record.run), false)) return',
    tests: ['runner/src/run/attach.test.ts', 'runner/src/run/execute.test.ts', 'runner/src/run/ending.test.ts'],
  },
  {
    name: 'other-pod-taken',
    about: 'the pod does not compare its uid: input goes into the pod of another attempt',
    file: 'runner/src/supervisor/scripts/in.sh',
    from: 'if [ "$tarmac_pod" != "$1" ]; then',
    to: 'if false; then',
    tests: ['runner/src/supervisor/other-pod.test.ts'],
  },
  {
    name: 'idle-while-running',
    about: 'the pod ends under a command whose client is away',
    file: 'runner/src/supervisor/scripts/idle.sh',
    from: 'if ! running && over; then exit 0; fi',
    to: 'if over; then exit 0; fi',
    tests: ['runner/src/supervisor/idle.test.ts'],
  },
  {
    name: 'prune-in-use',
    about: 'pruning removes what a living run uses',
    file: 'runner/src/store/scripts/prune.sh',
    from: 'case $held in *" $2 "*) return;; esac',
    to: '',
    tests: ['runner/src/store/prune.test.ts'],
  },
  {
    name: 'manifest-cut',
    about: 'a manifest without its last line, of a writer that was killed, is believed',
    file: 'runner/src/store/scripts/store-lib.sh',
    from: '[ -n "$ended" ] && number "$files"',
    to: 'number "$files"',
    tests: store,
  },
  {
    name: 'archive-unverified',
    about: 'an archive with other bytes than its name says is unpacked',
    file: 'runner/src/store/scripts/store-lib.sh',
    from: 'if [ "$sum" != "$sha" ]; then',
    to: 'if false; then',
    tests: store,
  },
  {
    name: 'manifest-not-renamed',
    about: 'a manifest is written where it is read: others see half of it',
    file: 'runner/src/store/scripts/store-lib.sh',
    from: 'mv -f "$tmp" "$1"; } 2>"$note" || broken \'writing the manifest\'',
    to: 'cp -f "$tmp" "$1"; } 2>"$note" || broken \'writing the manifest\'',
    tests: store,
  },
  {
    name: 'temporary-left',
    about: 'what a script was writing when it was ended stays in the store',
    file: 'runner/src/store/scripts/store-lib.sh',
    from: 'trap \'rm -rf "$notes" ${tmp:+"$tmp"}\' EXIT',
    to: 'trap \'rm -rf "$notes"\' EXIT',
    tests: store,
  },
  {
    name: 'segment-unchecked',
    about: 'the pod takes a segment that arrived damaged',
    file: 'runner/src/store/scripts/receive.sh',
    from: 'if [ "$4" != "$5" ]; then return 1; fi',
    to: '',
    tests: upload,
  },
  {
    name: 'upload-from-start',
    about: 'a new connection sends from the first byte again, not behind the last acknowledged one',
    file: 'runner/src/store/upload.ts',
    from: 'for (let at = this.#acknowledged; !link.closed;)',
    to: 'for (let at = 0; !link.closed;)',
    tests: upload,
  },
  {
    name: 'archive-unconfirmed',
    about: 'the client does not compare the digest that the pod confirms',
    file: 'runner/src/store/upload.ts',
    from: 'if (sha256 !== this.#cutter.sha256 || bytes !== this.#request.total) {',
    to: 'if (sha256 === "") {',
    tests: upload,
  },
  {
    name: 'end-offsets',
    about: 'the end of the command is believed although bytes of its output are missing',
    file: 'runner/src/supervisor/supervised.ts',
    from: 'if (record.stdoutBytes !== this.stdout || record.stderrBytes !== this.stderr) {',
    to: 'if (record.stdoutBytes < 0) {',
    tests: supervised,
  },
  {
    name: 'attach-offset',
    about: 'a new connection begins one byte too late: a byte of output is lost',
    file: 'runner/src/supervisor/supervised.ts',
    from: "'attach', String(following.stdout), ",
    to: "'attach', String(following.stdout + Math.min(1, following.stdout)), ",
    tests: supervised,
  },
  {
    name: 'pump-offset',
    about: 'the pod does not advance its offset: output comes twice',
    file: 'runner/src/supervisor/scripts/attach.sh',
    from: 'sign; at=$((at+n)) more=1',
    to: 'sign; at=$((at+n-1)) more=1',
    tests: supervised,
  },
];
