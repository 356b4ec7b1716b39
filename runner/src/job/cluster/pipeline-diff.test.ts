import { expect, test } from 'vitest';
import { pipelineDiff } from './pipeline-diff.ts';

const job = (path: string) => ({ name: 'unit', plan: [{ task: 'a', file: path }] });
const repo = { name: 'repo', type: 'git', source: { uri: 'https://g.example.com/a', private_key: 'SECRETKEY1' } };

test('the same pipeline makes no difference', () => {
  expect(pipelineDiff({ jobs: [job('a.yml')] }, { jobs: [job('a.yml')] })).toEqual([]);
});

test('what is added, removed and changed is told by name, with the lines that differ', () => {
  const before = { resources: [repo], jobs: [job('a.yml'), { name: 'old', plan: [] }] };
  const after = { resources: [repo], jobs: [job('b.yml'), { name: 'new', plan: [] }] };
  expect(pipelineDiff(before, after)).toEqual([
    'job unit would be changed:',
    '  -     file: a.yml',
    '  +     file: b.yml',
    'job old would be removed:',
    '  - name: old',
    '  - plan: []',
    'job new would be added:',
    '  + name: new',
    '  + plan: []',
  ]);
});

test('a new pipeline is all new, and no secret of a source is shown', () => {
  const lines = pipelineDiff(undefined, { resources: [repo] });
  expect(lines[0]).toBe('resource repo would be added:');
  expect(lines.join('\n')).toContain('private_key: ((redacted))');
  expect(lines.join('\n')).not.toContain('SECRETKEY1');
});
