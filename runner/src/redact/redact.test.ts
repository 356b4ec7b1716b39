import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../model/events.ts';
import { EventRedactor } from './redact-events.ts';
import { needlesOf, Redactor, redactText } from './redact.ts';
import { looksSecret, secretTexts } from './secret-names.ts';
import { secretVars } from './secret-vars.ts';

/** What is shown of a stream that comes in these pieces. */
function shown(secrets: readonly string[], pieces: readonly string[]): string {
  const redactor = new Redactor(needlesOf(secrets));
  const parts = [...pieces.map((piece) => redactor.add(Buffer.from(piece))), redactor.end()];
  return parts.map((data) => Buffer.from(data).toString()).join('');
}

describe('secrets in output', () => {
  it.each([
    ['none', [], ['plain'], 'plain'],
    ['one', ['sesame'], ['open sesame!'], 'open ((redacted))!'],
    ['twice', ['abcd'], ['abcd abcd'], '((redacted)) ((redacted))'],
    ['cut in two', ['sesame'], ['open ses', 'ame!'], 'open ((redacted))!'],
    ['byte by byte', ['sesame'], 'a sesame b'.split(/(?:)/u), 'a ((redacted)) b'],
    ['begun and not ended', ['sesame'], ['ses', 'sesam'], 'sessesam'],
    ['a second beginning within the first', ['aaab'], ['aaa', 'aab'], 'aa((redacted))'],
    ['the longer of two', ['keys', 'keysring'], ['keysring keys'], '((redacted)) ((redacted))'],
    [
      'the longer of two, cut where the shorter ends',
      ['keys', 'keysring'],
      ['keys', 'ring keys', 'rin'],
      '((redacted)) ((redacted))rin',
    ],
    ['a secret that repeats its own beginning', ['abab'], ['ab', 'abab'], '((redacted))ab'],
    ['words that outputs are full of', ['true', 'False', 'none'], ['true False none'], 'true False none'],
    ['too short to be one', ['1', 'abc'], ['1 abc'], '1 abc'],
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
    const redactor = new EventRedactor(['sesame']);
    const events = bodies.flatMap((body) => redactor.events(event(body)));
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

  it('count the bytes of what is told, the same for any pieces', () => {
    const output = (text: string, offset: number): RunEventBody => ({
      type: 'output',
      stream: 'stdout',
      offset,
      data: Buffer.from(text),
    });
    const told = (pieces: readonly string[]): unknown => {
      const redactor = new EventRedactor(['sesame']);
      let at = 0;
      const events = pieces.flatMap((piece) => {
        at += piece.length;
        return redactor.events(event(output(piece, at - piece.length)));
      });
      events.push(...redactor.events(event({ type: 'command-ended', exitCode: 0, durationMs: 1 })));
      let next = 0;
      let text = '';
      for (const each of events) {
        if (each.type !== 'output') continue;
        expect(each.offset).toBe(next);
        next += each.data.length;
        text += Buffer.from(each.data).toString();
      }
      return text;
    };
    const text = 'a sesame b sesam sesamesesame ses';
    const expected = 'a ((redacted)) b sesam ((redacted))((redacted)) ses';
    for (let size = 1; size <= text.length; size++) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      expect(told(pieces)).toBe(expected);
    }
  });

  it('are nobody: every event is the one that came', () => {
    const one = event({ type: 'output', stream: 'stdout', offset: 7, data: Buffer.from('sesame') });
    expect(new EventRedactor([]).events(one)[0]).toBe(one);
  });
});

describe('which names are secret', () => {
  it.each(['TOKEN', 'GITHUB_TOKEN', 'db.password', 'AWS_SECRET_ACCESS_KEY', 'api-key', 'SSH_PRIVATE_KEY'])(
    '%s',
    (name) => {
      expect(looksSecret(name)).toBe(true);
    },
  );
  it.each(['NAME', 'KEYBOARD', 'VERSION', 'TOKENIZER', 'PATH'])('not %s', (name) => {
    expect(looksSecret(name)).toBe(false);
  });
  it('also deep in a file of variables', () => {
    const vars = { db: { password: 'one', host: 'h' }, tokens: ['two', { x: 3 }], plain: 'p' };
    expect(secretTexts(vars, looksSecret)).toEqual(['one', 'two', '3']);
  });
  it('in variables as the command line is given them', () => {
    const sources = {
      strings: ['token=one', 'name=n', 'mine=marked', 'no pair'],
      yaml: ['db={password: two, host: h}', 'secret=[three]', 'broken_token={'],
      files: [{ text: 'api_key: four\nurl: u\n' }, { text: '{' }],
    };
    expect(secretVars(sources, ['mine'])).toEqual(['one', 'marked', 'two', 'three', 'four']);
  });
});
