import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../../runner/src/events.ts';
import { redactEvents } from './redact-events.ts';
import { needlesOf, Redactor, redactText } from './redact.ts';

/** What is shown of a stream that comes in these pieces, and how much of it has been taken. */
function shown(secrets: readonly string[], pieces: readonly string[]): string {
  const redactor = new Redactor(needlesOf(secrets));
  const results = [...pieces.map((piece) => redactor.add(Buffer.from(piece))), redactor.end()];
  const consumed = results.reduce((sum, each) => sum + each.consumed, 0);
  expect(consumed).toBe(Buffer.byteLength(pieces.join('')));
  return results.map(({ data }) => Buffer.from(data).toString()).join('');
}

describe('secrets in output', () => {
  it.each([
    ['none', [], ['plain'], 'plain'],
    ['one', ['sesame'], ['open sesame!'], 'open ((redacted))!'],
    ['twice', ['ab'], ['ab ab'], '((redacted)) ((redacted))'],
    ['cut in two', ['sesame'], ['open ses', 'ame!'], 'open ((redacted))!'],
    ['byte by byte', ['sesame'], 'a sesame b'.split(/(?:)/u), 'a ((redacted)) b'],
    ['begun and not ended', ['sesame'], ['ses', 'sesam'], 'sessesam'],
    ['a second beginning within the first', ['aab'], ['aa', 'ab'], 'a((redacted))'],
    ['the longer of two', ['key', 'keyring'], ['keyring key'], '((redacted)) ((redacted))'],
    ['each line of a private key', ['BEGIN\nline1\nEND'], ['got line1'], 'got ((redacted))'],
    ['a character that is no secret', ['x'], ['x y'], 'x y'],
    ['not ASCII', ['schlüssel'], ['der schl', 'üssel'], 'der ((redacted))'],
  ])('%s', (_what, secrets, pieces, expected) => {
    expect(shown(secrets, pieces)).toBe(expected);
  });

  it('are taken out of our own lines, too', () => {
    expect(redactText('running sh -c curl?key=sesame', needlesOf(['sesame']))).toBe(
      'running sh -c curl?key=((redacted))',
    );
  });
});

describe('secrets in events', () => {
  const event = (body: RunEventBody): RunEvent => ({ ...body, run: 'unit-1', time: '2026-01-01T00:00:00.000Z' });
  /** As a view gets them, bytes as text. */
  const shownEvents = (...bodies: readonly RunEventBody[]): string => {
    const redact = redactEvents(['sesame']);
    const events = bodies.flatMap((body) => redact(event(body)));
    return JSON.stringify(
      events.map((each) => ('data' in each ? { ...each, data: Buffer.from(each.data).toString() } : each)),
    );
  };
  const failure = {
    kind: 'container-start-error',
    title: 'exec sesame failed',
    evidence: ['no such file: sesame'],
    nextStep: 'Look for sesame.',
    detail: { message: 'sesame', nested: [{ text: 'sesame' }] },
    retryable: false,
  } as const;

  it.each<RunEventBody>([
    { type: 'command-started', command: ['curl', 'key=sesame'] },
    { type: 'failure', failure },
    { type: 'note', message: 'sesame' },
    { type: 'warning', message: 'sesame' },
    { type: 'waiting', reason: 'Unschedulable', message: 'sesame' },
    { type: 'reconnecting', attempt: 1, reason: 'sesame' },
    { type: 'command-ended', exitCode: 1, durationMs: 1, hint: 'sesame' },
    { type: 'pod-event', name: 'pod.scheduled', attributes: { message: 'sesame' } },
    { type: 'output-downloaded', output: 'out', target: '/out', files: 1, bytes: 1, notes: ['sesame'] },
  ])('$type', (body) => {
    expect(JSON.stringify(body)).toContain('sesame');
    expect(shownEvents(body)).toContain('((redacted))');
    expect(shownEvents(body)).not.toContain('sesame');
  });

  it('are taken out of the logs of sidecars, also where they come in pieces', () => {
    const sidecar = (text: string): RunEventBody => ({
      type: 'sidecar-output',
      sidecar: 'db',
      data: Buffer.from(text),
    });
    const finished = { type: 'finished', status: 'succeeded', durationMs: 1 } as const;
    const shown = shownEvents(sidecar('key ses'), sidecar('ame, begun ses'), finished);
    expect(shown).not.toContain('sesame');
    expect([...shown.matchAll(/"data":"([^"]*)"/gu)].map(([, data]) => data).join('')).toBe(
      'key ((redacted)), begun ses',
    );
  });
});
