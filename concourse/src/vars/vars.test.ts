import { describe, expect, test } from 'vitest';
import { decodeTask } from '../task/document.ts';
import { loadVars } from './load-vars.ts';
import { parseReference, referenceText, varNames } from './vars.ts';

test.each([
  ['((a))', ['a']],
  ['x((a))y((b.c))', ['a', 'b.c']],
  ['(( a ))', []],
  ['((a b))', []],
  ['(((a)))', ['a']],
  ['(("x.y".z))', ['"x.y".z']],
  ['((s:p.f))', ['s:p.f']],
  ['((é))', ['é']],
  ['((a', []],
])('%s holds %j', (text, names) => {
  expect(varNames(text)).toEqual(names);
});

describe('references', () => {
  test.each([
    ['a', { source: '', path: 'a', fields: [] }],
    ['a.b.c', { source: '', path: 'a', fields: ['b', 'c'] }],
    ['s:a.b', { source: 's', path: 'a', fields: ['b'] }],
    ['.:a', { source: '.', path: 'a', fields: [] }],
    ['"github.com".key', { source: '', path: 'github.com', fields: ['key'] }],
    ['vault:"my.secret"."f:1"', { source: 'vault', path: 'my.secret', fields: ['f:1'] }],
  ])('%s', (name, reference) => {
    expect(parseReference(name)).toEqual({ ok: true, reference });
  });

  test.each([
    ['a..b', "invalid var 'a..b': empty field"],
    ['x:', "invalid var 'x:': empty field"],
    ['"s":a', `invalid var '"s":a': source must not be quoted`],
    ['"a', `invalid var '"a': contains unclosed quotes`],
  ])('%s is none', (name, message) => {
    expect(parseReference(name)).toEqual({ ok: false, message });
  });

  test('print with quotes where they need them', () => {
    expect(referenceText({ source: 's', path: 'a.b', fields: ['c'] })).toBe('s:"a.b".c');
  });
});

/** The param A after putting variables in, or the message of the first error. */
function param(value: string, inputs: Parameters<typeof loadVars>[0]): string | undefined {
  const document = decodeTask(`platform: linux\nparams: {A: ${value}}\n`, { vars: loadVars(inputs).vars });
  return document.problems.find(({ severity }) => severity === 'error')?.message ?? document.config.params?.['A'];
}

describe('values', () => {
  test.each([
    ['-v is verbatim', '((a))', { strings: ['a=[1]=2'] }, '[1]=2'],
    ['-y is YAML', '((a))', { yaml: ['a=[1, yes]'] }, '[1,true]'],
    ['-y keeps integers exact', '((a))', { yaml: ['a=9223372036854775807'] }, '9223372036854775807'],
    ['-y makes a float64 of what is no int64', '((a))', { yaml: ['a=18446744073709551615'] }, '18446744073709552000'],
    [
      'which keeps its digits inside of a text',
      'x((a))',
      { yaml: ['a=18446744073709551615'] },
      'x18446744073709551615',
    ],
    ['a float of -y inside of text', 'x((a))', { yaml: ['a=1.50'] }, 'x1.5'],
    ['-y wins over -v', '((a))', { strings: ['a=v'], yaml: ['a=w'] }, 'w'],
    ['later -v wins', '((a))', { strings: ['a=1', 'a=2'] }, '2'],
    ['flags win over files', '((a))', { strings: ['a=v'], files: [{ path: 'f', text: 'a: f' }] }, 'v'],
    [
      'later files win',
      '((a))',
      {
        files: [
          { path: 'f', text: 'a: 1' },
          { path: 'g', text: 'a: 2' },
        ],
      },
      '2',
    ],
    ['dotted names build maps', '((a.b))', { strings: ['a.b=1', 'a.c=2'] }, '1'],
    ['a value inside of text', 'x((a))', { yaml: ['a=5'] }, 'x5'],
    ['values are not read again', '((a))', { strings: ['a=((b))', 'b=1'] }, '((b))'],
    ['a source is never found', '((s:a))', { strings: ['a=1'] }, '((s:a))'],
  ])('%s', (_name, value, inputs, expected) => {
    expect(param(value, inputs)).toBe(expected);
  });

  test.each([
    ['x((a))', 'a=true', 'cannot interpolate non-primitive value (bool) from var: a'],
    ['x((a))', 'a=~', 'cannot interpolate non-primitive value (<nil>) from var: a'],
    ['((a.z))', 'a={b: 1}', "missing field 'z' in var: a.z"],
    ['((a.k))', 'a=text', "cannot access field 'k' of non-map value ('string') from var: a.k"],
  ])('%s with %s', (value, pair, message) => {
    expect(param(value, { yaml: [pair] })).toContain(message);
  });

  test('keys are interpolated too', () => {
    const { vars } = loadVars({ strings: ['k=NAME'] });
    expect(decodeTask('platform: linux\nparams: {((k)): x}\n', { vars }).config.params).toEqual({ NAME: 'x' });
  });
});

test.each([
  [{ strings: ['secret'] }, ['invalid variable pair (must be name=value)']],
  [{ strings: ['a..b=1'] }, ["invalid var 'a..b': empty field"]],
  [
    { files: [{ path: 'v.yml', text: '- a' }] },
    ['could not unmarshal template variables (v.yml): the file must be a YAML mapping of names to values'],
  ],
  [{ files: [{ path: 'v.yml', text: '' }] }, []],
])('loadVars(%j) says %j', (inputs, errors) => {
  expect(loadVars(inputs).errors).toEqual(errors);
});
