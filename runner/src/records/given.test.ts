import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import type { Plan } from '../model/plan.ts';
import { givenDifferences, givenDigests, noteGiven } from './given.ts';
import { recordOf, type RunRecord } from './record.ts';

const where = { context: 'c', server: 's', namespace: 'n', pod: 'p' };
const sha = (digit: string): string => `sha256:${digit.repeat(64)}`;
const param = (name: string, value: string) => ({ name, value, origin: 'user' }) as const;
const plan = aPlan({
  params: [param('TOKEN', 'sesame'), param('MODE', 'fast')],
  inputs: [{ name: 'source', path: '/w/source', source: { kind: 'directory', directory: '/src' }, volume: 'v' }],
});

function recordIn(stateDir: string, given: Plan, tree: string, image: string): RunRecord {
  const record = { ...recordOf(given, where), given: givenDigests(given, stateDir) };
  const about = { run: given.run, time: '2026-01-01T00:00:00.000Z' };
  const sizes = { files: 1, bytes: 1, sent: 1, unchanged: false };
  noteGiven(record, { ...about, type: 'input-ready', input: 'source', digest: tree, ...sizes });
  const attributes = { 'container.name': 'main', 'container.image.digest': image };
  noteGiven(record, { ...about, type: 'pod-event', name: 'container.running', attributes });
  return record;
}

describe('what two runs were given', () => {
  test('is the same, or differs by name', async () => {
    await using scene = await RunScene.create();
    const { stateDir } = scene.context;
    const first = recordIn(stateDir, plan, 'aa', sha('1'));
    expect(givenDifferences(first, recordIn(stateDir, plan, 'aa', sha('1')))).toEqual([]);
    const other = { ...plan, params: [param('TOKEN', 'other'), param('NEW', '1')] };
    const differences = givenDifferences(first, recordIn(stateDir, other, 'bb', sha('2')));
    expect(differences?.map(({ kind, name }) => `${kind} ${name}`.trim())).toEqual([
      'input source',
      'param TOKEN',
      'param MODE',
      'param NEW',
      'image',
    ]);
    expect(differences?.[0]).toEqual({ kind: 'input', name: 'source', before: 'aa', after: 'bb' });
    expect(Object.keys(differences?.[3] ?? {})).toEqual(['kind', 'name', 'after']);
  });

  test('of a record of an older version is not known', () => {
    const old = recordOf(plan, where);
    expect(givenDifferences(old, old)).toBeUndefined();
  });

  test('is kept without its values, with a key that each person has alone', async () => {
    await using one = await RunScene.create();
    await using two = await RunScene.create();
    const [mine, again, theirs] = [one, one, two].map(({ context }) => givenDigests(plan, context.stateDir));
    expect(mine).toEqual(again);
    expect(mine?.params['TOKEN']).not.toBe(theirs?.params['TOKEN']);
    expect(JSON.stringify(mine)).not.toContain('sesame');
  });
});

test('the record of a run has it', async () => {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  await scene.start().done;
  const { given, run } = await scene.record();
  expect(given?.command).toMatch(/^[0-9a-f]{32}$/u);
  const text = await readFile(join(scene.context.stateDir, 'runs', run, 'record.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ given });
});
