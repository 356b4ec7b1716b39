import { describe, expect, it } from 'vitest';
import { attemptOf, dnsPart, labelValue, newRunId, podLabels, podName } from './names.ts';

describe('run ids and pod names', () => {
  it.each([
    ['unit', 'unit-0a1b2c3d'],
    ['My Task_File.v2', 'my-task-file-v2-0a1b2c3d'],
    ['Ünïcode', 'unicode-0a1b2c3d'],
    ['--x--', 'x-0a1b2c3d'],
    ['日本', 'task-0a1b2c3d'],
    ['', 'task-0a1b2c3d'],
  ])('%j gives %s', (task, id) => {
    expect(newRunId(task, '0a1b2c3d')).toBe(id);
  });

  it('stay legal when the task name is long or would be cut at a hyphen', () => {
    for (const task of ['x'.repeat(300), `${'x'.repeat(48)}-y`, 'ab-'.repeat(40)]) {
      const name = podName(newRunId(task));
      expect(name.length).toBeLessThanOrEqual(63);
      expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    }
  });

  it('differ from attempt to attempt, stay legal, and tell the attempt', () => {
    const old = `${'x'.repeat(49)}-0a1b2c3d`;
    for (const run of [newRunId('unit'), newRunId('x'.repeat(300)), old]) {
      for (const attempt of [1, 2, 10, 99]) {
        const name = podName(run, attempt);
        expect(name).toMatch(/^task-[a-z0-9]([a-z0-9-]{0,56}[a-z0-9])?$/);
        expect([attemptOf(run, name), attemptOf('other-0a1b2c3d', name)]).toEqual([attempt, undefined]);
      }
    }
    expect([podName('unit-0a1b2c3d'), podName('unit-0a1b2c3d', 2)]).toEqual([
      'task-unit-0a1b2c3d',
      'task-unit-0a1b2c3d-2',
    ]);
    expect(podName(old, 2)).toBe(`task-${'x'.repeat(47)}-0a1b2c3d-2`);
    expect(attemptOf('unit-0a1b2c3d', undefined)).toBeUndefined();
  });

  it('differ from run to run', () => {
    expect(newRunId('unit')).not.toBe(newRunId('unit'));
  });
});

describe('labels', () => {
  it.each([
    ['a b/c', 'a-b-c'],
    ['-x.', 'x'],
    [`${'a'.repeat(62)}--`, 'a'.repeat(62)],
    ['日本', ''],
    ['Build.Image_1', 'Build.Image_1'],
  ])('%j becomes %j', (text, value) => {
    expect(labelValue(text)).toBe(value);
  });

  it('are left out when nothing legal remains', () => {
    expect(podLabels('task-1', '日本', 'task')).not.toHaveProperty(['app.kubernetes.io/name']);
  });

  it('keep only what a DNS name may hold', () => {
    expect(dnsPart('A..b__C', 20)).toBe('a-b-c');
  });
});
