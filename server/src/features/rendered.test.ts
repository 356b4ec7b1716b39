import { expect, test } from 'vitest';
import { lineInTemplate, rangeOfLine } from './rendered.ts';

const TEMPLATE = `#@ load("@ytt:data", "data")
resources:
- name: app
  type: git #@ comment
jobs:
#@ for job in data.values.jobs:
- name: #@ job
  plan:
  - get: app
  - get: typo
#@ end
`;
const RENDERED = `resources:
- name: app
  type: git
jobs:
- name: one
  plan:
  - get: app
  - get: typo
- name: two
  plan:
  - get: app
  - get: typo
`;

test.each([
  ['a line that stands once in both', 'type: git', 2, 3],
  ['a line that a loop repeats', 'typo', 11, 9],
  ['a line that only the engine writes', 'two', 8, 0],
])('%s', (_name, part, line, expected) => {
  expect(RENDERED.split('\n')[line]).toContain(part);
  expect(lineInTemplate(TEMPLATE, RENDERED, line)).toBe(expected);
});

test('lines that read the same are told apart by their order, where there are equally many', () => {
  const template = '#!\n- a\n- b\n- a\n';
  expect(lineInTemplate(template, '- a\n- b\n- a\n', 2)).toBe(3);
});

test('what is marked is what is written in the line', () => {
  const { start, end } = rangeOfLine(TEMPLATE, 3);
  expect(TEMPLATE.slice(start, end)).toBe('type: git #@ comment');
});
