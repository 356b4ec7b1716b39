import { expect, test, vi } from 'vitest';
import { PacedText } from './paced-text.ts';

test('pieces are written together; a character that is cut in two comes whole', () => {
  const written: string[] = [];
  using text = new PacedText({ write: (piece) => written.push(piece) });
  const bytes = Buffer.from('grün');
  expect(text.add(bytes.subarray(0, 3))).toBeUndefined();
  expect(text.add(bytes.subarray(3))).toBeUndefined();
  expect(written).toEqual([]);
  text.flush();
  expect(written).toEqual(['grün']);
});

test('who brings too much waits for the next bundle, and no longer than that', async () => {
  const written: string[] = [];
  using text = new PacedText({ write: (piece) => written.push(piece), bundle: 4 });
  const wait = text.add(Buffer.from('12345'));
  expect(wait).toBeInstanceOf(Promise);
  await wait;
  expect(written).toEqual(['12345']);
});

test('nobody waits for a terminal that was closed', async () => {
  const write = vi.fn();
  const text = new PacedText({ write, bundle: 1 });
  const wait = text.add(Buffer.from('x'));
  text[Symbol.dispose]();
  await wait;
  expect(write).not.toHaveBeenCalled();
});
