/**
 * `doctor`: one real call for each thing that a run needs, in the order in which a run needs them, with the fix for
 * each that fails. What a failed check makes meaningless is skipped, not guessed.
 */
import type { AccessQuestion, Cluster } from '../cluster/types.ts';
import type { PodShape } from '../pod/shape.ts';
import { formatBytes } from '../model/format.ts';
import { openStorePod } from '../pod/store-pod.ts';
import { withoutComments } from '../supervisor/sh.ts';
import { asFailure } from './as-failure.ts';
import { initStore } from '../artifacts/store-admin.ts';
import type { DoctorCheck } from '../model/run.ts';
import helperTools from './helper-tools.sh' with { type: 'text' };

/** Exactly what deploy/role.yaml grants, but for creating claims, which only `store init` needs. */
export const neededAccess: readonly (AccessQuestion & { readonly why: string })[] = [
  ...['create', 'get', 'list', 'watch', 'delete'].map((verb) => ({ verb, resource: 'pods', why: 'tasks run as pods' })),
  // The upgrade to a stream is a GET; from Kubernetes 1.35 on `create` is checked as well (kubernetes/kubernetes#134577).
  ...['create', 'get'].map((verb) => ({ verb, resource: 'pods/exec', why: 'the command is run by exec' })),
  { verb: 'get', resource: 'pods/log', why: 'to show why a container did not start' },
  { verb: 'list', resource: 'events', why: 'to show why a pod does not start' },
  ...['get', 'list'].map((verb) => ({
    verb,
    resource: 'persistentvolumeclaims',
    why: 'the artifact store is a claim',
  })),
];

/** What deploy/image-credentials.yaml grants: only tasks with the password of a registry need it. */
export const optionalAccess: readonly AccessQuestion[] = ['create', 'delete'].map((verb) => ({
  verb,
  resource: 'secrets',
}));

export interface DoctorOptions {
  readonly open: () => Promise<Cluster>;
  /** Name of the context, for what is said about it. */
  readonly context?: string | undefined;
  /** Name of the claim, `false` for none. */
  readonly claim: string | false;
  readonly helperImage: string;
  readonly pullSecrets?: readonly string[] | undefined;
  readonly pod?: PodShape | undefined;
  readonly signal?: AbortSignal | undefined;
}

type CheckOutcome = Pick<DoctorCheck, 'outcome' | 'detail' | 'fix' | 'missing' | 'failure' | 'claimMissing'>;

async function check(
  name: string,
  work: () => Promise<CheckOutcome>,
  { signal, context }: Pick<DoctorOptions, 'signal' | 'context'>,
): Promise<DoctorCheck> {
  const started = performance.now();
  const done = (outcome: CheckOutcome): DoctorCheck => ({
    name,
    ...outcome,
    durationMs: Math.round(performance.now() - started),
  });
  try {
    return done(await work());
  } catch (error) {
    // Whoever gives up has found nothing wrong.
    signal?.throwIfAborted();
    const failure = asFailure(error, undefined, context === undefined ? {} : { context });
    const detail = [failure.title, ...failure.evidence].join('; ');
    return done({ outcome: 'failed', detail, fix: failure.nextStep, failure });
  }
}

/** Yields each check as soon as it is done. Throws the reason of the signal when that is aborted. */
export async function* doctor(options: DoctorOptions): AsyncGenerator<DoctorCheck, void, undefined> {
  const { signal } = options;
  const run = (name: string, work: () => Promise<CheckOutcome>): Promise<DoctorCheck> => check(name, work, options);
  let cluster: Cluster | undefined;
  yield await run('kubeconfig', async () => {
    cluster = await options.open();
    const { context, server, namespace } = cluster.target;
    return { outcome: 'ok', detail: `context ${context}, ${server}, namespace ${namespace}` };
  });
  if (!cluster) return;
  await using opened = cluster;
  const connect = await run('connect', async () => ({
    outcome: 'ok',
    detail: `Kubernetes ${await opened.version(signal)}`,
  }));
  yield connect;
  if (connect.outcome === 'failed') return;
  const access = await run('permissions', () => checkAccess(opened, signal));
  yield access;
  const claim = await run('claim', () => checkClaim(opened, options.claim, signal));
  yield claim;
  const usable = options.claim !== false && claim.outcome !== 'failed' ? options.claim : undefined;
  yield await run('helper', () => checkHelper(opened, usable, options));
}

async function checkAccess(cluster: Cluster, signal: AbortSignal | undefined): Promise<CheckOutcome> {
  const answers = await cluster.accessReview([...neededAccess, ...optionalAccess], signal);
  const optional = new Set(optionalAccess.map(({ resource }) => resource));
  const denied = answers.filter(({ allowed, resource }) => !allowed && !optional.has(resource));
  if (denied.length === 0) {
    const without = answers.filter(({ allowed }) => !allowed).map(({ verb, resource }) => `${verb} ${resource}`);
    const detail = `all ${neededAccess.length} permissions granted`;
    return {
      outcome: 'ok',
      detail:
        without.length === 0
          ? detail
          : `${detail}; without ${without.join(', ')}: needed only for a registry's password in image_resource (deploy/image-credentials.yaml)`,
    };
  }
  const list = denied.map(({ verb, resource }) => {
    const why = neededAccess.find((each) => each.verb === verb && each.resource === resource)?.why ?? '';
    return `${verb} ${resource} (${why})`;
  });
  return {
    outcome: 'failed',
    detail: `Missing in namespace ${cluster.target.namespace}: ${list.join(', ')}`,
    missing: denied.map(({ verb, resource }) => `${verb} ${resource}`),
    fix: `Let an administrator apply deploy/role.yaml: kubectl -n ${cluster.target.namespace} apply -f deploy/role.yaml`,
  };
}

async function checkClaim(
  cluster: Cluster,
  name: string | false,
  signal: AbortSignal | undefined,
): Promise<CheckOutcome> {
  if (name === false) {
    return { outcome: 'skipped', detail: 'no claim: inputs are streamed into the pod, outputs are lost with it' };
  }
  const claim = await cluster.getClaim(name, signal);
  if (!claim) {
    return {
      outcome: 'failed',
      claimMissing: name,
      detail: `Claim ${name} does not exist in namespace ${cluster.target.namespace}`,
      fix: `Create it with 'tarmac store init --claim ${name}', or run without a store: --no-claim`,
    };
  }
  const phase = claim.status?.phase ?? 'unknown';
  const modes = (claim.status?.accessModes ?? claim.spec?.accessModes ?? []).join(', ');
  const detail = `claim ${name}: ${phase}, ${modes}, ${claim.status?.capacity?.storage ?? claim.spec?.resources?.requests?.storage ?? 'unknown size'}`;
  if (phase === 'Bound') return { outcome: 'ok', detail };
  if (phase === 'Lost') {
    return { outcome: 'failed', detail, fix: 'Its volume is gone: delete the claim and create it again' };
  }
  const events = claim.metadata?.uid === undefined ? [] : await cluster.listEvents(claim.metadata.uid, signal);
  const last = events.at(-1);
  // A claim of a WaitForFirstConsumer class stays Pending until the first pod: that is its normal state.
  if (last?.reason === 'WaitForFirstConsumer') return { outcome: 'ok', detail: `${detail} (bound with its first pod)` };
  return {
    outcome: 'warning',
    detail: last?.message === undefined ? detail : `${detail}: ${last.message}`,
    fix: `See 'kubectl -n ${cluster.target.namespace} describe pvc ${name}'; a claim that stays Pending needs a volume or a storage class`,
  };
}

async function checkHelper(cluster: Cluster, claim: string | undefined, options: DoctorOptions): Promise<CheckOutcome> {
  await using pod = await openStorePod(cluster, {
    helperImage: options.helperImage,
    profile: 'auto',
    impatient: true,
    claim,
    pullSecrets: options.pullSecrets,
    pod: options.pod,
    signal: options.signal,
  });
  if (claim === undefined) {
    const { exitCode } = await pod.shell.exec({
      command: ['sh', '-c', withoutComments(helperTools)],
    });
    return exitCode === 0
      ? { outcome: 'ok', detail: `${options.helperImage} starts, exec works` }
      : {
          outcome: 'failed',
          detail: `${options.helperImage} lacks tar, dd or sha256sum`,
          fix: 'Use a BusyBox image: --helper-image busybox:musl',
        };
  }
  const free = await initStore(pod.shell, options.signal);
  return {
    outcome: 'ok',
    detail: `${options.helperImage} starts, exec works, the store is writable, ${formatBytes(free)} free`,
  };
}
