/** The events of a run without its secrets, for everything that is not the log. */
import type { RunEvent, RunFailure } from '../../../runner/src/index.ts';
import { needlesOf, Redactor, redactText } from './redact.ts';

/** Makes a function that is given each event of one run, in order, and says which events to show in its place. */
export function redactEvents(secrets: readonly string[]): (event: RunEvent) => readonly RunEvent[] {
  const needles = needlesOf(secrets);
  if (needles.length === 0) return (event) => [event];
  const redactors = { stdout: new Redactor(needles), stderr: new Redactor(needles) };
  const sidecars = new Map<string, Redactor>();
  return (event) => {
    const { run, time } = event;
    switch (event.type) {
      case 'output':
        return [{ ...event, data: redactors[event.stream].add(event.data).data }];
      case 'sidecar-output': {
        const redactor = sidecars.get(event.sidecar) ?? new Redactor(needles);
        sidecars.set(event.sidecar, redactor);
        return [{ ...event, data: redactor.add(event.data).data }];
      }
      // Nothing comes any more that could end what looked like the beginning of a secret.
      case 'command-ended': {
        const rest = (['stdout', 'stderr'] as const).map((stream): RunEvent & { readonly data: Uint8Array } => {
          return { run, time, type: 'output', stream, offset: 0, data: redactors[stream].end().data };
        });
        return [...rest.filter(({ data }) => data.length > 0), withoutSecrets(event, needles)];
      }
      case 'finished': {
        const rest = [...sidecars].map(([sidecar, redactor]): RunEvent & { readonly data: Uint8Array } => {
          return { run, time, type: 'sidecar-output', sidecar, data: redactor.end().data };
        });
        return [...rest.filter(({ data }) => data.length > 0), event];
      }
      default:
        return [withoutSecrets(event, needles)];
    }
  };
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
