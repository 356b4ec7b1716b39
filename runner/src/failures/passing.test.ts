import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import { StoreError, storeErrorFrom } from '../store/errors.ts';
import { isUnreached, passingOf, type Passing } from './passing.ts';

const refused = (message: string, status?: number): ExecError =>
  new ExecError(
    'REFUSED',
    `exec in ci/task-x, container main: refused: ${message}`,
    status === undefined ? {} : { status },
  );
const api = (code: number | string, message = 'no'): ApiError =>
  new ApiError({ code, message, verb: 'get', resource: 'pods' });
const lost = (code: 'LOST' | 'STALLED' | 'TIMEOUT' | 'CONNECT', cause?: unknown): ExecError =>
  new ExecError(code, code, { cause });

/** What kubelets, runtimes and API servers answer to an exec. Texts are those of their sources. */
const execs: [string, string, number | undefined, Passing | undefined][] = [
  // The kubelet, by way of the API server (pkg/kubelet/server, pkg/kubelet/kubelet_pods.go), 1.20 to 1.36.
  ['kubelet: no container', 'unable to upgrade connection: container not found ("fetch-input-0")', 500, 'absent'],
  ['kubelet: no container, as a Status', 'Internal error occurred: container not found ("main")', 500, 'absent'],
  ['kubelet: no pod', 'unable to upgrade connection: pod does not exist', 404, 'absent'],
  ['kubelet: no pod, 500 instead of 404', 'unable to upgrade connection: pod does not exist', 500, 'absent'],
  ['kubelet restarts', 'error dialing backend: dial tcp 10.0.0.7:10250: connect: connection refused', 500, 'away'],
  ['kubelet: no certificate yet', 'error dialing backend: remote error: tls: internal error', 500, 'away'],
  ['kubelet: end of file', 'error dialing backend: EOF', 502, 'away'],
  ['tunnel to the node', 'error dialing backend: No agent available', 500, 'away'],
  ['API server: no node yet', 'pod task-x does not have a host assigned', 400, 'absent'],
  ['API server: pod deleted', 'pods "task-x" not found', 404, 'absent'],
  ['API server: busy', 'Too many requests, please try again later.', 429, 'away'],
  ['API server: restarts', 'apiserver is shutting down', 503, 'away'],
  ['API server: time limit', 'request timed out', 504, 'away'],
  ['load balancer', '<html>Bad Gateway</html>', 502, 'away'],
  // containerd 1.6 (pkg/cri/server, container_execsync.go), 1.7 and 2.x (internal/cri/server).
  [
    'containerd 1.6: task ended',
    'error executing command in container: failed to exec in container: failed to load task: no running task found: task 0a1b not found: not found',
    500,
    'absent',
  ],
  [
    'containerd 1.7, 2.x: container ended',
    'error executing command in container: failed to exec in container: container is in CONTAINER_EXITED state',
    500,
    'absent',
  ],
  [
    'containerd: container removed',
    'error executing command in container: failed to find container "0a1b" in store: not found',
    500,
    'absent',
  ],
  [
    'containerd: shim gone',
    'error executing command in container: failed to exec in container: failed to create exec "1": ttrpc: closed: unknown',
    500,
    'absent',
  ],
  [
    'containerd restarts',
    'error executing command in container: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    500,
    'away',
  ],
  [
    'containerd, runc: no such program',
    'error executing command in container: failed to exec in container: failed to start exec "1f": OCI runtime exec failed: exec failed: unable to start container process: exec: "/.tarmac/bin/busybox": stat /.tarmac/bin/busybox: no such file or directory: unknown',
    500,
    'doubtful',
  ],
  [
    'runc: container stopped',
    'error executing command in container: OCI runtime exec failed: exec failed: cannot exec in a stopped container: unknown',
    500,
    'absent',
  ],
  // CRI-O (server/container_exec.go) with crun.
  ['CRI-O: ended', 'error executing command in container: container is not created or running', 500, 'absent'],
  ['CRI-O: removed', 'error executing command in container: could not find container "0a1b"', 500, 'absent'],
  [
    'CRI-O, crun: no such program',
    'executable file `/.tarmac/bin/busybox` not found: No such file or directory',
    500,
    'doubtful',
  ],
  ['dockershim: ended', 'error executing command in container: Container 0a1b is not running', 500, 'absent'],
  ['a runtime nobody knows', 'error executing command in container: flux capacitor is empty', 500, 'doubtful'],
  // Answers.
  ['forbidden', 'pods "task-x" is forbidden: User "me" cannot create resource "pods/exec"', 403, undefined],
  ['login expired', 'Unauthorized', 401, undefined],
  ['webhook', 'admission webhook "no-exec.example" denied the request: exec is not allowed', 400, undefined],
  ['wrong request', 'you must specify at least 1 of stdin, stdout, stderr', 400, undefined],
  ['no status', 'the command could not be run: no reason given', undefined, undefined],
];

describe('what may pass', () => {
  test.each(execs)('%s', (_, message, status, passing) => {
    expect(passingOf(refused(message, status))).toBe(passing);
  });

  test.each<[string, unknown, Passing | undefined]>([
    ['a stream that was cut', lost('LOST'), 'away'],
    ['a stream that fell silent', lost('STALLED'), 'away'],
    ['no answer', lost('TIMEOUT'), 'away'],
    ['no connection', lost('CONNECT', Object.assign(new Error('reset'), { code: 'ECONNRESET' })), 'away'],
    [
      'the end of the connection in the TLS handshake (OpenSSL 3)',
      lost(
        'CONNECT',
        Object.assign(new Error('unexpected eof while reading'), { code: 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING' }),
      ),
      'away',
    ],
    [
      'a certificate',
      lost('CONNECT', Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })),
      undefined,
    ],
    ['the abort of the caller', new ExecError('ABORTED', 'aborted'), undefined],
    ['another pod of the same name', new ExecError('OTHER_POD', 'it came to another pod'), 'absent'],
    ['API: reset', api('ECONNRESET'), 'away'],
    ['API: end of file in TLS', api('EPROTO', 'write EPROTO: unexpected eof while reading'), 'away'],
    ['API: a server that speaks no TLS', api('EPROTO', 'wrong version number'), undefined],
    ['API: a certificate', api('CERT_HAS_EXPIRED'), undefined],
    ['API: not JSON', api('EBADBODY'), 'doubtful'],
    ['API: proxy without a login', api('EPROXY', 'The proxy refused the connection to x (HTTP 407).'), undefined],
    ['API: proxy that cannot reach it', api('EPROXY', 'The proxy refused the connection to x (HTTP 503).'), 'away'],
    ['API: 500', api(500, 'etcdserver: leader changed'), 'away'],
    ['API: 504', api(504), 'away'],
    ['API: 429', api(429), 'away'],
    ['API: 401', api(401), undefined],
    ['API: 403', api(403), undefined],
    ['API: quota', api(403, 'exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'), undefined],
    ['API: webhook', api(500, 'admission webhook "w" denied the request: no'), undefined],
    ['API: 422', api(422), undefined],
    ['damaged on its way', new StoreError('DAMAGED', 'cut'), 'doubtful'],
    ['a script that was killed without a word', storeErrorFrom(137, ''), 'doubtful'],
    ['a script that says what is wrong', storeErrorFrom(46, 'tarmac-store: full'), undefined],
    ['a fault of our own', new TypeError('x is undefined'), undefined],
  ])('%s', (_, error, passing) => {
    expect(passingOf(error)).toBe(passing);
  });

  test('nothing listens there: before the first answer that is no loss', () => {
    expect([isUnreached(api('ECONNREFUSED')), isUnreached(api('ENOTFOUND')), isUnreached(api('ECONNRESET'))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
