/** What the texts of failures are made of: names of the run, its pod and its containers, and evidence from logs. */
import type { V1Container, V1Pod } from '../cluster/types.ts';
import type { FailureDetail, FailureKind, RunFailure } from '../model/failure.ts';

/** What a failure's text may name. All of it is optional: a text leaves out what is not known. */
export interface FailureContext {
  /** Name of the kubeconfig's context. */
  readonly context?: string | undefined;
  /** Base URL of the API server. */
  readonly server?: string | undefined;
  readonly namespace?: string | undefined;
  /** Name of the run's pod. */
  readonly pod?: string | undefined;
  /** Name of the claim that holds the artifact store. */
  readonly claim?: string | undefined;
  /** Name of the container that runs the task's command; `main` when not given. */
  readonly main?: string | undefined;
  /** Security profiles with which the pod was asked for, the last one being refused. */
  readonly tried?: readonly string[] | undefined;
  /** Names of the pod's own containers, where they are known: what becomes of others is no trouble. */
  readonly containers?: readonly string[] | undefined;
  /** Ends of container logs, by container name, where the caller has read them. */
  readonly logs?: Readonly<Record<string, string>> | undefined;
  /** The pod that the cluster refused to create. */
  readonly refused?: V1Pod | undefined;
}

/** Makes a failure; leaves out empty evidence. */
export function failure(
  kind: FailureKind,
  title: string,
  rest: {
    readonly evidence?: readonly (string | undefined)[];
    readonly nextStep: string;
    readonly retryable?: boolean;
    readonly detail?: FailureDetail;
  },
): RunFailure {
  const evidence = (rest.evidence ?? []).filter((line) => line !== undefined && line.trim() !== '') as string[];
  return {
    kind,
    title,
    evidence: [...new Set(evidence.map((line) => line.trim()))],
    nextStep: rest.nextStep,
    retryable: rest.retryable ?? false,
    ...(rest.detail === undefined ? {} : { detail: rest.detail }),
  };
}

/** ` in namespace ci`, or nothing. */
export function inNamespace(context: FailureContext): string {
  return context.namespace === undefined ? '' : ` in namespace ${context.namespace}`;
}

/** The `-n NAMESPACE` of a kubectl command, with a blank before it. */
export function dashN(context: FailureContext): string {
  return context.namespace === undefined ? '' : ` -n ${context.namespace}`;
}

/** The command that shows the run's pod, in backquotes; all pods where its name is not known. */
export function describePod(context: FailureContext): string {
  return context.pod === undefined
    ? `\`kubectl get pods${dashN(context)}\``
    : `\`kubectl describe pod ${context.pod}${dashN(context)}\``;
}

/** The command that shows the store's claim, in backquotes; all claims where its name is not known. */
export function describeClaim(context: FailureContext): string {
  return context.claim === undefined
    ? `\`kubectl get pvc${dashN(context)}\``
    : `\`kubectl describe pvc ${context.claim}${dashN(context)}\``;
}

/** A container of the pod's specification, init containers included. */
export function containerSpec(pod: V1Pod, name: string): V1Container | undefined {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find((each) => each.name === name);
}

/** What a container is to a reader: `the task's container`, `sidecar db`, `init container fetch-input-0`. */
export function containerRole(pod: V1Pod, name: string, context: FailureContext): string {
  if (name === (context.main ?? 'main')) return "the task's container";
  if ((pod.spec?.initContainers ?? []).some((each) => each.name === name)) return `init container ${name}`;
  return name === 'artifact-helper' ? 'the artifact-helper container' : `sidecar ${name}`;
}

/** The last lines of a log, as evidence. */
export function logTail(text: string | undefined, lines = 10): string | undefined {
  if (text === undefined) return undefined;
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
