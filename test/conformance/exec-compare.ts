/** Compares a run with its recording: what the recordings' README says must be equal. */
import { isMap, jsonText, throughYaml, type Value, type ValueMap } from '#internal/runner/src/job/values/values.ts';

const EQUAL = ['hook', 'result', 'inputs', 'artifacts', 'vars', 'params', 'start', 'end', 'exit', 'version'] as const;

/** A result with only what must be equal in it. */
export function comparable(written: ValueMap): ValueMap {
  // Of one number there may be several texts: 1.50 is 1.5.
  const result = throughYaml(written) as ValueMap;
  const executions = (result['executions'] as readonly ValueMap[]).map((execution) => {
    const fields = [...EQUAL, 'build_status', 'attempt', 'across'].map((key) => [key, execution[key] ?? null] as const);
    return [execution['id'] as string, { ...Object.fromEntries(fields), error: errorOf(execution['error']) }] as const;
  });
  const errors = (result['errors'] as readonly ValueMap[]).map((error) =>
    jsonText([error['t'] ?? null, error['leaf'] ?? null]),
  );
  return {
    status: result['status'] ?? null,
    duration: result['duration'] ?? null,
    max_running: result['max_running'] ?? null,
    executions: Object.fromEntries(executions.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    errors: errors.toSorted(),
    never_ran: (result['never_ran'] as readonly string[]).toSorted(),
    artifacts: result['artifacts'] ?? null,
    vars: result['vars'] ?? null,
    events: (result['events'] as readonly ValueMap[])
      .map(eventText)
      .filter((text) => text !== undefined)
      .toSorted(),
  };
}

/** The texts of Go's decoders are free. */
function errorOf(error: Value | undefined): string | null {
  if (typeof error !== 'string') return null;
  return /^(failed to parse|error unmarshaling)|json:/.test(error) ? 'an error of a decoder' : error;
}

/** An event with its time; what a set_pipeline writes and the texts of errors are not compared. */
function eventText(event: ValueMap): string | undefined {
  const { t, event: type, leaf, payload } = event;
  const own = typeof leaf === 'string' && leaf.startsWith('set_pipeline:');
  if (own && (type === 'log' || type === 'set-pipeline-changed')) return undefined;
  const shown = type === 'error' ? null : (payload ?? null);
  return JSON.stringify([t ?? null, own ? 'an event' : (type ?? null), leaf ?? null, isMap(shown) ? null : shown]);
}
