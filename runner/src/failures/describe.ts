/** Failures and waiting as text, without colours. */
import type { PodWaiting } from './pod-trouble.ts';
import type { RunFailure } from '../model/failure.ts';

/**
 * A failure as lines for a terminal or an output panel: what happened, the evidence indented below it, and what to do.
 * No colours, no final line break.
 */
export function describeFailure(failure: RunFailure): string {
  const evidence = failure.evidence.flatMap((text) => text.split('\n')).map((line) => `  ${line}`.trimEnd());
  return [`${failure.title} (${failure.kind})`, ...evidence, `Next: ${failure.nextStep}`].join('\n');
}

/** A reason longer than this does not go into a line. */
const SHORT = 60;

/**
 * What a pod waits for, in one line that is read while it waits. What a runtime says of a pull names each of its layers;
 * only the last of them is the reason, and the whole text is the failure's evidence when the pull is given up.
 */
export function describeWaiting({ message, becomes, patience }: PodWaiting): string {
  if (patience !== 'pull' || becomes === undefined) return message;
  const reason = message.slice(message.lastIndexOf(': ') + 1).trim();
  return `${becomes.title}${reason.length > SHORT ? '' : ` (${reason})`}; retrying`;
}
