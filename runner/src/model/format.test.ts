import { describe, expect, it } from 'vitest';
import {
  alternatives,
  count,
  formatBytes,
  formatDuration,
  formatRemaining,
  formatTable,
  painter,
  printable,
} from './format.ts';
import { formatTransfer, TransferRate } from '../report/transfer-rate.ts';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_048_525, '1.0 MiB'],
  [37_119_590, '35.4 MiB'],
  [5 * 1024 ** 4, '5.0 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0, '0ms'],
  [999, '999ms'],
  [1234, '1.2s'],
  [59_949, '59.9s'],
  [59_960, '1m00s'],
  [65_000, '1m05s'],
  [7_380_000, '2h03m'],
])('%i ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

it.each([
  [-5, '0s'],
  [59_400, '59s'],
  [60_000, '1m'],
  [29.9 * 60_000, '29m'],
  [60 * 60_000, '1h00m'],
  [125 * 60_000, '2h05m'],
])('%d ms are left: %s', (milliseconds, text) => {
  expect(formatRemaining(milliseconds)).toBe(text);
});

it.each([
  [{ bytes: 512, total: undefined, rate: undefined }, '512 B'],
  [{ bytes: 0, total: 0, rate: undefined }, '0 B / 0 B'],
  [{ bytes: 512, total: 1024, rate: undefined }, '512 B / 1.0 KiB  50%'],
  [{ bytes: 512, total: 1024, rate: 256 }, '512 B / 1.0 KiB  50%  256 B/s  ETA 2.0s'],
  [{ bytes: 512, total: 1024, rate: 0 }, '512 B / 1.0 KiB  50%  0 B/s'],
  [{ bytes: 1024, total: 1024, rate: 256 }, '1.0 KiB / 1.0 KiB  100%  256 B/s'],
])('a transfer of %o', ({ bytes, total, rate }, text) => {
  expect(formatTransfer(bytes, total, rate)).toBe(text);
});

it('measures the rate over the last three seconds', () => {
  const rate = new TransferRate();
  const rates = [0, 1, 2, 3, 4, 5, 6].map((second) => rate.add(second * 1000, second < 3 ? second * 1000 : 3000));
  expect(rates).toEqual([undefined, 1000, 1000, 1000, 2000 / 3, 1000 / 3, 0]);
});

describe('words', () => {
  it.each([
    [count(1, 'file'), '1 file'],
    [count(0, 'file'), '0 files'],
    [alternatives(['a']), 'a'],
    [alternatives(['a', 'b', 'c']), 'a, b or c'],
    [painter(false)('red', 'x'), 'x'],
    [painter(true)('red', 'x'), '\u001b[31mx\u001b[39m'],
    [printable('a\tb\nc\u001b[0m\u009b'), 'a\tb\nc\\x1b[0m\\x9b'],
  ])('%s', (actual, expected) => {
    expect(actual).toBe(expected);
  });

  it('aligns the columns of a table', () => {
    expect(
      formatTable(
        [
          ['run', 'size'],
          ['unit-1', '5 B'],
          ['x', ''],
        ],
        { right: [1] },
      ),
    ).toEqual(['run     size', 'unit-1   5 B', 'x']);
  });
});
