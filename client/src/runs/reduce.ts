/** How each event of a run changes what the views know of it. */
import type { RunEvent } from '#runner';
import { omit } from '../ui/omit.ts';
import { isOver, type RunActivity, type RunInput, type RunModel, type RunOutput } from './run-model.ts';

/** The run after the event; the same object when nothing that a view shows has changed. */
export function reduce(run: RunModel, event: RunEvent): RunModel {
  switch (event.type) {
    case 'run-created':
      // A run that is followed anew is told from its beginning; one that is over is only read again.
      return {
        ...without(run, 'reconnecting', 'waiting', 'activity'),
        following: true,
        spans: isOver(run.state) ? run.spans : [],
        outputBytes: { stdout: 0, stderr: 0 },
      };
    case 'pod-created':
      return { ...run, pod: event.pod, podUid: event.uid };
    case 'span-started': {
      const { span: id, parent, label, time } = event;
      const span = { id, label, startedAt: Date.parse(time), ...(parent === undefined ? {} : { parent }) };
      return { ...without(run, 'activity'), spans: [...run.spans, span] };
    }
    case 'span-ended': {
      const { durationMs, outcome, attributes } = event;
      const end = { durationMs, outcome, attributes };
      return {
        ...without(run, 'activity'),
        spans: run.spans.map((span) => (span.id === event.span ? { ...span, ...end } : span)),
      };
    }
    case 'waiting':
      return run.waiting === event.message ? run : { ...run, waiting: event.message };
    case 'snapshot-progress': {
      const { input: name, bytes, files } = event;
      return { ...run, activity: moving(run, event, { kind: 'scan', name, bytes, files }) };
    }
    case 'upload-progress': {
      const { input: name, bytes, total } = event;
      return { ...run, activity: moving(run, event, { kind: 'upload', name, bytes, total }) };
    }
    case 'download-progress': {
      const { output: name, bytes } = event;
      return { ...run, activity: moving(run, event, { kind: 'download', name, bytes }) };
    }
    case 'input-ready': {
      const { input: name, digest, files, bytes, sent } = event;
      return { ...without(run, 'activity'), inputs: put(run.inputs, { name, digest, files, bytes, sent }) };
    }
    case 'command-started':
      return { ...without(run, 'waiting', 'activity'), state: 'running', command: event.command };
    case 'output': {
      const end = event.offset + event.data.length;
      const outputBytes = { ...run.outputBytes, [event.stream]: Math.max(run.outputBytes[event.stream], end) };
      return { ...without(run, 'reconnecting'), outputBytes };
    }
    case 'reconnecting':
      return { ...run, reconnecting: event.reason };
    case 'command-ended': {
      const { exitCode, hint } = event;
      return { ...without(run, 'reconnecting'), exitCode, ...(hint === undefined ? {} : { hint }) };
    }
    case 'output-saved': {
      const { output: name, files, bytes, kept } = event;
      return { ...run, outputs: put(run.outputs, { name, files, bytes, kept }) };
    }
    case 'output-downloaded': {
      const { output: name, target, files, bytes } = event;
      const outputs = put(run.outputs, { name, target, files, bytes, downloaded: true });
      return { ...without(run, 'activity'), outputs };
    }
    case 'aborting':
      return { ...run, aborting: event.stage };
    case 'failure':
      // The last one told is the one that the run is about.
      return { ...run, failure: event.failure };
    case 'pod-kept':
      return { ...run, podKeptUntil: Date.parse(event.until) };
    case 'finished':
      return finished(run, event);
    case 'note':
    case 'warning':
    case 'pod-event':
    case 'sidecar-output':
      return run;
  }
}

/** What moves, with its rate since it was first heard of. */
function moving(run: RunModel, { time }: RunEvent, now: Omit<RunActivity, 'since' | 'rate'>): RunActivity {
  const { activity } = run;
  const at = Date.parse(time);
  const same = activity?.kind === now.kind && activity.name === now.name;
  const since = same ? activity.since : at;
  return at > since ? { ...now, since, rate: (now.bytes * 1000) / (at - since) } : { ...now, since };
}

function finished(run: RunModel, event: RunEvent & { type: 'finished' }): RunModel {
  const { status, exitCode, durationMs } = event;
  const rest = without(run, 'activity', 'waiting', 'reconnecting', 'aborting');
  const { pod, ...gone } = rest;
  return {
    ...gone,
    following: false,
    state: status,
    durationMs,
    ...(exitCode === undefined ? {} : { exitCode }),
    // A pod goes with its run, unless it is kept.
    ...(pod !== undefined && run.podKeptUntil !== undefined ? { pod } : {}),
  };
}

type Optional = 'activity' | 'waiting' | 'reconnecting' | 'aborting';

/** The same object when there is nothing to leave out. */
function without(run: RunModel, ...keys: readonly Optional[]): RunModel {
  return keys.every((key) => run[key] === undefined) ? run : omit(run, ...keys);
}

/** The list with what is newly known of one entry; an entry that is not there yet is added. */
function put<T extends RunInput | RunOutput>(list: readonly T[], entry: T): readonly T[] {
  const known = list.some(({ name }) => name === entry.name);
  return known ? list.map((each) => (each.name === entry.name ? { ...each, ...entry } : each)) : [...list, entry];
}
