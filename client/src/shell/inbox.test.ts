import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';

test('what was put in before and while somebody reads comes in order, until the end', async () => {
  const inbox = new Inbox<string>();
  inbox.put('before');
  const read: string[] = [];
  const reading = (async () => {
    for await (const item of inbox) {
      read.push(item);
      if (item === 'before') inbox.put('while');
      if (item === 'late') inbox.end();
    }
  })();
  await Promise.resolve();
  inbox.put('late');
  await reading;
  inbox.put('too late');
  expect(read).toEqual(['before', 'late', 'while']);
});

test('what waits at the end is read still', async () => {
  const inbox = new Inbox<number>();
  inbox.put(1);
  inbox.put(2);
  inbox.end();
  const read: number[] = [];
  for await (const item of inbox) read.push(item);
  expect(read).toEqual([1, 2]);
});
