import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spanNames, type RunEvent } from '../model/events.ts';
import type { Plan } from '../model/plan.ts';
import { temporaryDirectory, writeTree } from '../snapshot/test-tree.ts';
import { RunEmitter } from './emitter.ts';
import { resolveInputs } from './start/inputs.ts';

test.skipIf(process.platform !== 'linux')('names that are no UTF-8 are told in one warning', async () => {
  using folder = temporaryDirectory();
  const [root, state] = [join(folder.path, 'root'), join(folder.path, 'state')];
  writeTree(root, { good: 'g' });
  for (let index = 0; index < 7; index++) writeFileSync(Buffer.from(`${root}/bad-${index}-\xff`, 'latin1'), 'x');
  const events: RunEvent[] = [];
  const emitter = new RunEmitter('r', [(event) => void events.push(event)]);
  const source = { kind: 'directory', directory: root };
  const plan = {
    inputs: [{ name: 'in', path: '/work/in', source }],
    command: { path: 'true', dir: '/work', args: [] },
    includeIgnored: false,
    includeGit: false,
  } as unknown as Plan;
  const resolved = await resolveInputs(
    plan,
    state,
    emitter,
    emitter.start(spanNames.run),
    new AbortController().signal,
  );
  await emitter.drained();
  expect(resolved[0]?.snapshot?.entries.map(({ path }) => path)).toEqual(['good']);
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('bad-0-\\xff, bad-1-\\xff, bad-2-\\xff, bad-3-\\xff, bad-4-\\xff and 2 more');
});
