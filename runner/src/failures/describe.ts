import type { RunFailure } from './types.ts';

/**
 * A failure as lines for a terminal or an output panel: what happened, the evidence indented below it, and what to do.
 * No colours, no final line break.
 */
export function describeFailure(failure: RunFailure): string {
  const evidence = failure.evidence.flatMap((text) => text.split('\n')).map((line) => `  ${line}`.trimEnd());
  return [`${failure.title} (${failure.kind})`, ...evidence, `Next: ${failure.nextStep}`].join('\n');
}
