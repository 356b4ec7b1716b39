/** docs/comparison.md claims nothing without a test. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const folder = `${import.meta.dirname}/../../docs`;
const page = readFileSync(`${folder}/comparison.md`, 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\|.*\|$/.test(line) && !/^\| *(?:-|Feature|Short)/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  .filter((cells) => cells.length >= 5);

test('the tables are read', () => {
  expect(rows.length).toBeGreaterThan(50);
});

describe.each(rows)('%s', (_feature, ...cells) => {
  const own = cells.at(-1) ?? '';

  test('is claimed only with a test', () => {
    expect(own).toMatch(/^(?:\[(?:yes|part)\]\(\.\.\/|no\b)/);
  });

  test.each([...own.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? ''))('%s is a test', (link) => {
    const path = `${folder}/${link}`;
    expect(existsSync(path), link).toBe(true);
    // Golden cases of a rule are a folder, which rules.test.ts and fixes.test.ts go through.
    if (statSync(path).isDirectory()) expect(link).toMatch(/^\.\.\/test\/golden\/rules\/[\w-]+$/);
    else expect(readFileSync(path, 'utf8')).toMatch(/\b(?:test|it)(?:\.each)?\(/);
  });
});
