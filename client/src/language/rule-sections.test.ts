import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ruleSection } from './rule-sections.ts';

const page = readFileSync(`${import.meta.dirname}/../../../docs/rules.md`, 'utf8');

describe('the part about a rule', () => {
  const rows = [...page.matchAll(/^### ([a-z-]+)\n\n(.+)$/gm)].map(([, id = '', first = '']) => [id, first] as const);

  test('is found for many', () => {
    expect(rows.length).toBeGreaterThan(80);
  });

  test.each(rows)('%s', (id, first) => {
    const text = ruleSection(page, id) ?? '';
    expect(text.startsWith(`# ${id}\n\n${first}\n`)).toBe(true);
    expect(text.match(/^#{1,3} .*$/gm)?.filter((heading) => !heading.startsWith('# '))).toEqual([]);
    expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
  });

  test('leads to other rules by their pages', () => {
    expect(ruleSection(page, 'duplicate-name')).toContain('[same-path](same-path.md)');
  });

  test('is not there for something else', () => {
    expect(ruleSection(page, 'no-such-rule')).toBeUndefined();
    expect(ruleSection(page, 'YAML')).toBeUndefined();
  });
});
