import { describe, expect, test } from 'vitest';
import { formatG, isFloat, keyText, resolveScalar, type GoScalar } from './go-scalar.ts';

/** Kind and JSON-like text of a value, so that a row can be read. */
function show(value: GoScalar): string {
  if (isFloat(value)) return `float ${value.float}`;
  if (typeof value === 'bigint') return `int ${value}`;
  return typeof value === 'string' ? `string ${value}` : String(value);
}

describe('plain scalars resolve as in go-yaml v2', () => {
  test.each([
    ['', 'null'],
    ['~', 'null'],
    ['Null', 'null'],
    ['nUll', 'string nUll'],
    ['y', 'true'],
    ['On', 'true'],
    ['yEs', 'string yEs'],
    ['N', 'false'],
    ['OFF', 'false'],
    ['0777', 'int 511'],
    ['0o777', 'int 511'],
    ['0O17', 'int 15'],
    ['0xFF', 'int 255'],
    ['0b101', 'int 5'],
    ['-0b101', 'int -5'],
    ['0b-1', 'int -1'],
    ['1_000', 'int 1000'],
    ['+12', 'int 12'],
    ['00', 'int 0'],
    ['0x', 'string 0x'],
    ['08', 'float 8'],
    ['0888', 'float 888'],
    ['1.', 'float 1'],
    ['1.10', 'float 1.1'],
    ['1e3', 'float 1000'],
    ['1_0.5', 'float 10.5'],
    ['.5', 'float 0.5'],
    ['.5_0', 'float 0.5'],
    ['+.5', 'float 0.5'],
    ['1e400', 'string 1e400'],
    ['12:30', 'string 12:30'],
    ['190:20:30', 'string 190:20:30'],
    ['2024-01-01', 'string 2024-01-01'],
    ['18446744073709551615', 'int 18446744073709551615'],
    ['+18446744073709551615', 'float 18446744073709552000'],
    ['18446744073709551616', 'float 18446744073709552000'],
    ['-9223372036854775808', 'int -9223372036854775808'],
    ['.inf', 'float Infinity'],
    ['-.INF', 'float -Infinity'],
    ['.nan', 'float NaN'],
    ['<<', 'string <<'],
    ['1.5.2', 'string 1.5.2'],
    ['v1', 'string v1'],
  ])('%s is %s', (text, expected) => {
    const resolution = resolveScalar(text, '', true);
    expect(resolution.ok && show(resolution.value)).toBe(expected);
  });
});

describe('explicit tags', () => {
  test.each([
    ['!!str', '010', 'string 010'],
    ['!!int', '4', 'int 4'],
    ['!!float', '3', 'float 3'],
    ['!!bool', 'yes', 'true'],
    ['!!null', '~', 'null'],
    ['!!binary', 'aGVsbG8=', 'string hello'],
    ['!!timestamp', '2024-02-29', 'string 2024-02-29'],
    ['!foo', '12', 'string 12'],
    ['!', '12', 'string 12'],
  ])('%s %s is %s', (tag, text, expected) => {
    const resolution = resolveScalar(text, tag.replace(/^!!/, 'tag:yaml.org,2002:'), false);
    expect(resolution.ok && show(resolution.value)).toBe(expected);
  });

  test.each([
    ['!!int', 'x', 'cannot decode !!str `x` as a !!int'],
    ['!!int', '1.5', 'cannot decode !!float `1.5` as a !!int'],
    ['!!bool', '1', 'cannot decode !!int `1` as a !!bool'],
    ['!!null', 'x', 'cannot decode !!str `x` as a !!null'],
    ['!!timestamp', '2023-02-29', 'cannot decode !!str `2023-02-29` as a !!timestamp'],
    ['!!binary', '@', '!!binary value contains invalid base64 data'],
  ])('%s does not take %s', (tag, text, message) => {
    expect(resolveScalar(text, tag.replace(/^!!/, 'tag:yaml.org,2002:'), false)).toEqual({ ok: false, message });
  });
});

test.each([
  [100_000, 64, '100000'],
  [1e6, 64, '1e+06'],
  [1234567, 64, '1.234567e+06'],
  [1e21, 64, '1e+21'],
  [123456.7, 64, '123456.7'],
  [1e-4, 64, '0.0001'],
  [1e-5, 64, '1e-05'],
  [-0, 64, '-0'],
  [3.14159265358979, 64, '3.14159265358979'],
  [3.14159265358979, 32, '3.1415927'],
  [Infinity, 32, '+Inf'],
] as const)("FormatFloat(%d, 'g', -1, %d) is %s", (value, bits, text) => {
  expect(formatG(value, bits)).toBe(text);
});

test.each<[string, GoScalar, string | undefined]>([
  ['a text', 'a', 'a'],
  ['a boolean', true, 'true'],
  ['an integer', 1n, '1'],
  ['a float', { float: 1.5 }, '1.5'],
  ['infinity', { float: Infinity }, '.inf'],
  ['null', null, undefined],
  ['a uint64', 2n ** 63n, undefined],
])('%s as a key', (_what, value, text) => {
  expect(keyText(value)).toBe(text);
});
