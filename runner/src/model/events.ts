/**
 * What a run tells while it goes on. Panels, trees, progress bars, the command line, the run record and the tests are
 * all consumers of these events; none of them asks Kubernetes itself.
 */
import type { RunFailure } from './failure.ts';

/**
 * Names of the spans of a run. Those beginning with `k8s.` mean what they mean in JetBridge's traces
 * (`atc/worker/jetbridge`, span names), so that both can be compared.
 */
export const spanNames = {
  run: 'k8s.container.run',
  check: 'task.check',
  snapshot: 'task.snapshot',
  create: 'k8s.container.create',
  wait: 'k8s.exec-process.wait-for-running',
  schedule: 'pod.schedule',
  pull: 'image.pull',
  fetchInputs: 'init.fetch-inputs',
  streamIn: 'k8s.volume.stream-in',
  exec: 'k8s.exec-process.exec',
  streamOut: 'k8s.volume.stream-out',
  download: 'task.download',
  cleanUp: 'k8s.reaper.run',
} as const;

export type SpanName = (typeof spanNames)[keyof typeof spanNames];

/** How a run ended, in fly's words. */
export type RunStatus = 'succeeded' | 'failed' | 'errored' | 'aborted';

export type SpanOutcome = 'ok' | 'failed' | 'aborted';

/** Attributes of a span or pod event: plain values, never a secret. */
export type EventAttributes = Readonly<Record<string, string | number | boolean>>;

/** The body of an event; `RunEvent` adds the run and the time. */
export type RunEventBody =
  | {
      readonly type: 'run-created';
      readonly task: string;
      readonly taskFile: string;
      readonly namespace: string;
      readonly context: string;
    }
  | { readonly type: 'pod-created'; readonly pod: string; readonly namespace: string; readonly uid: string }
  | {
      readonly type: 'span-started';
      readonly span: number;
      readonly parent?: number;
      readonly name: SpanName;
      readonly label: string;
    }
  | {
      readonly type: 'span-ended';
      readonly span: number;
      readonly name: SpanName;
      readonly label: string;
      readonly durationMs: number;
      readonly outcome: SpanOutcome;
      readonly attributes: EventAttributes;
    }
  /** `pod.scheduled`, `image.pulling`, `init.container.completed` … each once (JetBridge's event names). */
  | { readonly type: 'pod-event'; readonly name: string; readonly attributes: EventAttributes }
  /** The run waits for something it does not control (cluster capacity, an image, a volume). */
  | { readonly type: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly type: 'snapshot-progress'; readonly input: string; readonly files: number; readonly bytes: number }
  | { readonly type: 'upload-progress'; readonly input: string; readonly bytes: number; readonly total: number }
  | {
      readonly type: 'input-ready';
      readonly input: string;
      readonly digest: string;
      readonly files: number;
      /** Size of the tree in bytes. */
      readonly bytes: number;
      /** Payload bytes sent; 0 when the store had the tree. */
      readonly sent: number;
      readonly unchanged: boolean;
    }
  | { readonly type: 'command-started'; readonly command: readonly string[] }
  /** A piece of the command's output; `offset` counts the bytes of its stream before it. */
  | {
      readonly type: 'output';
      readonly stream: 'stdout' | 'stderr';
      readonly offset: number;
      readonly data: Uint8Array;
    }
  /** A piece of a sidecar's log. */
  | { readonly type: 'sidecar-output'; readonly sidecar: string; readonly data: Uint8Array }
  | { readonly type: 'reconnecting'; readonly attempt: number; readonly reason: string }
  | { readonly type: 'command-ended'; readonly exitCode: number; readonly durationMs: number; readonly hint?: string }
  | {
      readonly type: 'output-saved';
      readonly output: string;
      readonly bytes: number;
      readonly files: number;
      readonly kept: boolean;
    }
  | { readonly type: 'download-progress'; readonly output: string; readonly bytes: number }
  | {
      readonly type: 'output-downloaded';
      readonly output: string;
      readonly target: string;
      readonly files: number;
      readonly bytes: number;
      readonly notes: readonly string[];
    }
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'aborting'; readonly stage: 'terminate' | 'kill' | 'delete'; readonly graceMs?: number }
  | { readonly type: 'failure'; readonly failure: RunFailure }
  | { readonly type: 'pod-kept'; readonly pod: string; readonly until: string }
  | { readonly type: 'finished'; readonly status: RunStatus; readonly exitCode?: number; readonly durationMs: number };

export type RunEvent = RunEventBody & {
  /** Id of the run, e.g. `unit-1f6d20aa`. */
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly time: string;
};

/** A consumer of events. It must not throw; a slow one may return a promise to hold back output. */
export type RunEventSink = (event: RunEvent) => void | Promise<void>;

/** An event as one JSON line: bytes become text where they are UTF-8, else base64. */
export function eventToJson(event: RunEvent): string {
  return JSON.stringify(event, function (this: Readonly<Record<string, unknown>>, key: string, value: unknown) {
    // A Buffer has turned itself into an object before we are asked; its holder still has the bytes.
    const bytes = this[key];
    return bytes instanceof Uint8Array ? encodeBytes(bytes) : value;
  });
}

const strict = new TextDecoder('utf-8', { fatal: true });

function encodeBytes(bytes: Uint8Array): string | { base64: string } {
  try {
    return strict.decode(bytes);
  } catch {
    // A piece may be cut inside a character, or hold binary: base64 keeps it exact.
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
