import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('the types that other extensions copy need nothing of ours', async () => {
  const text = await readFile(new URL('tarmac-api.ts', import.meta.url), 'utf8');
  const imports = text.split('\n').filter((line) => /\bimport\b|\bfrom\b '/u.test(line));
  expect(imports).toEqual(["import type { Event, Uri } from 'vscode';"]);
});
