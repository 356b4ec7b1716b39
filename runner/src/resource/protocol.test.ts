import { describe, expect, test } from 'vitest';
import { madeVersion, pinnedVersion, scriptInput, versionsOf } from './protocol.ts';

describe('what a script reads', () => {
  test('params and version are absent when there are none', () => {
    expect(scriptInput({ uri: 'u' })).toBe('{"source":{"uri":"u"}}');
    expect(scriptInput({}, { params: {}, version: { ref: 'a' } })).toBe('{"source":{},"version":{"ref":"a"}}');
    expect(scriptInput({}, { params: { depth: 1 } })).toBe('{"source":{},"params":{"depth":1}}');
  });

  test('a pinned version has texts only', () => {
    expect(pinnedVersion({ number: 12, ref: 'a' })).toEqual({ number: '12', ref: 'a' });
    expect([pinnedVersion('latest'), pinnedVersion('every'), pinnedVersion(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what a script answers', () => {
  test('versions, oldest first; nothing is none', () => {
    expect(versionsOf('[{"ref":"a"},{"ref":"b"}]')).toEqual([{ ref: 'a' }, { ref: 'b' }]);
    expect([versionsOf(''), versionsOf('[]'), versionsOf('null')]).toEqual([[], [], []]);
  });

  test('the first JSON value counts, also when braces stand in its texts', () => {
    const answer = '{"version":{"ref":"}{\\"]"},"metadata":[{"name":"n","value":"v"},{"name":"m"}]}\nbye {';
    expect(madeVersion(answer, 'in', '/d')).toEqual({ version: { ref: '}{"]' }, metadata: { n: 'v', m: '' } });
  });

  test.each([
    ['{}', 'resource script (/opt/resource/in /d) output a null version'],
    ['', 'resource script (/opt/resource/in /d) output a null version'],
    ['{"version":null}', 'resource script (/opt/resource/in /d) output a null version'],
    ['cloning…', 'resource script (/opt/resource/in) wrote no JSON to its standard output'],
    ['{"version":', 'resource script (/opt/resource/in) wrote no JSON to its standard output'],
    [
      '{"version":{"n":1}}',
      'resource script (/opt/resource/in) gave a version that is not a mapping of names to texts',
    ],
    ['{"version":["a"]}', 'resource script (/opt/resource/in) gave a version that is not a mapping of names to texts'],
  ])('%s is an error', (stdout, message) => {
    expect(() => madeVersion(stdout, 'in', '/d')).toThrow(message);
  });

  test('a version that would hold a secret is not used', () => {
    expect(() => versionsOf('[{"url":"https://((redacted))/x"}]')).toThrow(/whose url holds a secret of the source/);
  });

  test('check must give a list', () => {
    expect(() => versionsOf('{"ref":"a"}')).toThrow('gave no list of versions');
  });
});
