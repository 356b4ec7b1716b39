import { describe, expect, it } from 'vitest';
import { remediesFor } from './remedies.ts';
import { roleManifest } from './role.ts';

const { failureKinds, neededAccess } = await import('#runner');

const run = { hasRun: true, hasPod: false, isHelper: false };

describe('what mends a failure', () => {
  it.each(failureKinds)('%s: something does, of a run', (kind) => {
    const actions = remediesFor(kind, run);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.length).toBeLessThanOrEqual(3);
  });

  it('without a run nothing is offered that needs one', () => {
    expect(remediesFor('unreachable', { ...run, hasRun: false })).toEqual(['choose-cluster']);
  });

  it('a shell is offered only while the pod is there', () => {
    expect(remediesFor('out-of-memory', run)).not.toContain('open-shell');
    expect(remediesFor('out-of-memory', { ...run, hasPod: true })).toContain('open-shell');
  });

  it("the helper's image is not mended in the task file", () => {
    expect(remediesFor('image-not-found', { ...run, isHelper: true })).toEqual(['set-helper-image']);
  });

  it('the Role has every verb once, by resource', () => {
    const role = JSON.parse(roleManifest(neededAccess, 'ci')) as { metadata: unknown; rules: unknown[] };
    expect(role.metadata).toEqual({ name: 'tarmac', namespace: 'ci' });
    expect(role.rules).toContainEqual({ apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] });
  });
});
