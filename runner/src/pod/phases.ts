/** The steps of a pod's start, told once each, read off its status and its events. Names are JetBridge's. */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '../cluster/types.ts';
import type { EventAttributes } from '../model/events.ts';

export type PodPhaseName =
  | 'pod.scheduled'
  | 'pod.initialized'
  | 'image.pulling'
  | 'image.pulled'
  | 'init.container.started'
  | 'init.container.completed'
  | 'init.container.failed'
  | 'container.running';

/**
 * One step. `attributes` have `node.name`, `container.name`, `container.image`, `container.image.digest`, `exit.code`, `reason`
 * where they apply.
 */
export interface PodPhase {
  readonly name: PodPhaseName;
  /** ISO 8601: the cluster's time where it tells one (whole seconds), else ours. */
  readonly time: string;
  readonly attributes: EventAttributes;
}

/** Remembers what was told. Feed it every state of one pod, and its events when they were read. */
export class PhaseTeller {
  readonly #tell: (phase: PodPhase) => void;
  readonly #now: () => number;
  readonly #told = new Set<string>();

  /** `now` is milliseconds since the epoch, for steps whose time the cluster does not tell. */
  constructor(tell: (phase: PodPhase) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  /** Tells the steps that this state shows and earlier ones did not. */
  state(pod: V1Pod): void {
    const node = pod.spec?.nodeName;
    const conditions = pod.status?.conditions ?? [];
    if (node !== undefined && node !== '') {
      const scheduled = conditions.find((each) => each.type === 'PodScheduled');
      this.#once('pod.scheduled', '', scheduled?.lastTransitionTime, { 'node.name': node });
    }
    for (const status of pod.status?.initContainerStatuses ?? []) this.#init(status);
    const initialized = conditions.find((each) => each.type === 'Initialized' && each.status === 'True');
    if (initialized !== undefined && (pod.status?.initContainerStatuses ?? []).length > 0) {
      this.#once('pod.initialized', '', initialized.lastTransitionTime, {});
    }
    for (const status of pod.status?.containerStatuses ?? []) {
      const started = status.state?.running?.startedAt ?? status.state?.terminated?.startedAt;
      if (started === undefined && status.state?.running === undefined) continue;
      this.#once('container.running', status.name, started, {
        'container.name': status.name,
        'container.image': status.image,
        ...digestOf(status.imageID),
      });
    }
  }

  /** Tells the image pulls that the pod's events show. */
  events(events: readonly CoreV1Event[]): void {
    for (const event of events) {
      if (event.reason !== 'Pulling' && event.reason !== 'Pulled') continue;
      const container = /\{(.+)\}/.exec(event.involvedObject.fieldPath ?? '')?.[1] ?? '';
      const image = /image "([^"]+)"/.exec(event.message ?? '')?.[1] ?? '';
      const present = /already present on machine/.test(event.message ?? '');
      const time = event.firstTimestamp ?? event.eventTime ?? event.lastTimestamp;
      this.#once(event.reason === 'Pulling' ? 'image.pulling' : 'image.pulled', container, time, {
        'container.name': container,
        'container.image': image,
        ...(present ? { present: true } : {}),
      });
    }
  }

  #init(status: V1ContainerStatus): void {
    const ended = status.state?.terminated;
    const attributes = { 'container.name': status.name, 'container.image': status.image };
    const started = status.state?.running?.startedAt ?? ended?.startedAt;
    if (status.state?.running !== undefined || ended !== undefined) {
      this.#once('init.container.started', status.name, started, attributes);
    }
    if (ended === undefined) return;
    const failed = ended.exitCode !== 0;
    this.#once(failed ? 'init.container.failed' : 'init.container.completed', status.name, ended.finishedAt, {
      ...attributes,
      'exit.code': ended.exitCode,
      ...(failed && ended.reason !== undefined ? { reason: ended.reason } : {}),
    });
  }

  #once(name: PodPhaseName, subject: string, time: unknown, attributes: EventAttributes): void {
    const key = `${name} ${subject}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#tell({ name, time: isoTime(time) ?? new Date(this.#now()).toISOString(), attributes });
  }
}

/** `docker.io/library/busybox@sha256:…`, `sha256:…`, `docker-pullable://…`: what a runtime says of the image that runs. */
function digestOf(imageId: string | undefined): EventAttributes {
  const digest = /sha256:[0-9a-f]{64}$/u.exec(imageId ?? '')?.[0];
  return digest === undefined ? {} : { 'container.image.digest': digest };
}

/** A time as the API tells it: text as it was sent, or a `Date` where a client has decoded it. */
function isoTime(time: unknown): string | undefined {
  if (!(time instanceof Date) && typeof time !== 'string') return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
