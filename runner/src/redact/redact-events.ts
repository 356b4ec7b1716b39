/** The events of a run without its secrets: every consumer gets these, the log on disk too. */
import type { RunEvent } from '../model/events.ts';
import type { RunFailure } from '../model/failure.ts';
import { needlesOf, Redactor, redactText } from './redact.ts';

/**
 * Takes the secrets out of the events of one run, which it is given in order. The offsets of `output` then count the bytes
 * of what is told: they are the same for each client that follows the command from its first byte. Without secrets every
 * event passes as it is.
 */
export class EventRedactor {
  #needles: readonly string[] = [];
  #streams: Record<'stdout' | 'stderr', { redactor: Redactor; told: number }> = freshStreams([]);
  readonly #sidecars = new Map<string, Redactor>();

  constructor(secrets: readonly string[] = []) {
    this.hide(secrets);
  }

  /** What is a secret from now on. To be said before the command's output comes. */
  hide(secrets: readonly string[]): void {
    this.#needles = needlesOf(secrets);
    this.#streams = freshStreams(this.#needles);
    this.#sidecars.clear();
  }

  /** A failure without the secrets. */
  failure(failure: RunFailure): RunFailure {
    return this.#needles.length === 0 ? failure : redactFailure(failure, (text) => redactText(text, this.#needles));
  }

  /** The events to tell in place of this one. */
  events(event: RunEvent): readonly RunEvent[] {
    if (this.#needles.length === 0) return [event];
    switch (event.type) {
      case 'output':
        return this.#output(event, event.stream, this.#streams[event.stream].redactor.add(event.data));
      case 'sidecar-output': {
        const redactor = this.#sidecars.get(event.sidecar) ?? new Redactor(this.#needles);
        this.#sidecars.set(event.sidecar, redactor);
        const data = redactor.add(event.data);
        return data.length === 0 ? [] : [{ ...event, data }];
      }
      case 'command-ended':
      case 'finished':
        return [...this.#rest(event), withoutSecrets(event, this.#needles)];
      default:
        return [withoutSecrets(event, this.#needles)];
    }
  }

  /** What looked like the beginning of a secret is none when nothing comes after it. */
  #rest(event: RunEvent): readonly RunEvent[] {
    const output = (['stdout', 'stderr'] as const).flatMap((stream) =>
      this.#output(event, stream, this.#streams[stream].redactor.end()),
    );
    if (event.type !== 'finished') return output;
    const { run, time } = event;
    const sidecars = [...this.#sidecars].map(([sidecar, redactor]): RunEvent & { readonly data: Uint8Array } => {
      return { run, time, type: 'sidecar-output', sidecar, data: redactor.end() };
    });
    return [...output, ...sidecars.filter(({ data }) => data.length > 0)];
  }

  #output({ run, time }: RunEvent, stream: 'stdout' | 'stderr', data: Uint8Array): readonly RunEvent[] {
    if (data.length === 0) return [];
    const offset = this.#streams[stream].told;
    this.#streams[stream].told += data.length;
    return [{ run, time, type: 'output', stream, offset, data }];
  }
}

function freshStreams(needles: readonly string[]): Record<'stdout' | 'stderr', { redactor: Redactor; told: number }> {
  const fresh = (): { redactor: Redactor; told: number } => ({ redactor: new Redactor(needles), told: 0 });
  return { stdout: fresh(), stderr: fresh() };
}

/** Texts that come from the cluster or the command may say what they were given. Names and ids of ours stay as they are. */
function withoutSecrets(event: RunEvent, needles: readonly string[]): RunEvent {
  const clean = (text: string): string => redactText(text, needles);
  switch (event.type) {
    case 'command-started':
      return { ...event, command: event.command.map(clean) };
    case 'command-ended':
      return event.hint === undefined ? event : { ...event, hint: clean(event.hint) };
    case 'note':
    case 'warning':
    case 'waiting':
      return { ...event, message: clean(event.message) };
    case 'reconnecting':
      return { ...event, reason: clean(event.reason) };
    case 'output-downloaded':
      return { ...event, notes: event.notes.map(clean) };
    case 'pod-event':
    case 'span-ended':
      return { ...event, attributes: cleaned(event.attributes, clean) };
    case 'failure':
      return { ...event, failure: redactFailure(event.failure, clean) };
    default:
      return event;
  }
}

function redactFailure(failure: RunFailure, clean: (text: string) => string): RunFailure {
  const { title, evidence, nextStep, detail } = failure;
  return {
    ...failure,
    title: clean(title),
    evidence: evidence.map(clean),
    nextStep: clean(nextStep),
    ...(detail === undefined ? {} : { detail: cleaned(detail, clean) }),
  };
}

/** Plain JSON with all of its texts cleaned, but for its keys. */
function cleaned<T>(value: T, clean: (text: string) => string): T {
  if (typeof value === 'string') return clean(value) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => cleaned(each, clean)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cleaned<unknown>(each, clean)])) as T;
}
