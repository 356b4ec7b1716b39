/** The events of a run without its secrets, for everything that is not the log. */
import type { RunEvent } from '../../../runner/src/index.ts';
import { needlesOf, Redactor, redactText } from './redact.ts';

/** Makes a function that is given each event of one run, in order, and says which events to show in its place. */
export function redactEvents(secrets: readonly string[]): (event: RunEvent) => readonly RunEvent[] {
  const needles = needlesOf(secrets);
  if (needles.length === 0) return (event) => [event];
  const redactors = { stdout: new Redactor(needles), stderr: new Redactor(needles) };
  return (event) => {
    if (event.type === 'output') return [{ ...event, data: redactors[event.stream].add(event.data).data }];
    if (event.type === 'command-started')
      return [{ ...event, command: event.command.map((word) => redactText(word, needles)) }];
    if (event.type !== 'command-ended') return [event];
    // Nothing comes any more that could end what looked like the beginning of a secret.
    const rest = (['stdout', 'stderr'] as const).map((stream): RunEvent => {
      const { run, time } = event;
      return { run, time, type: 'output', stream, offset: 0, data: redactors[stream].end().data };
    });
    return [...rest.filter((each) => each.type === 'output' && each.data.length > 0), event];
  };
}
