import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { ApiError } from '../cluster/errors.ts';
import { RunFailureError } from '../model/failure.ts';
import type { SecurityProfile } from '../model/plan.ts';
import { createAs, profileNote } from './create-as.ts';
import type { EffectiveProfile } from './security.ts';

const standard = (level: string): string =>
  `pods "x" is forbidden: violates PodSecurity "${level}:latest": hostPath volumes (volume "v")`;
/** As OpenShift 4.14 answers (openshift/apiserver-library-go, `securitycontextconstraints/sccadmission/admission.go`). */
const constraint =
  'pods "x" is forbidden: unable to validate against any security context constraint: [provider restricted-v2: ' +
  '.spec.securityContext.fsGroup: Invalid value: [1000]: 1000 is not an allowed group, provider restricted-v2: ' +
  '.containers[0].runAsUser: Invalid value: 1000: must be in the ranges: [1000650000, 1000659999]]';
const policy =
  'pods "x" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.runAsUser: Invalid value: 0: running with the root UID is forbidden]';

/** Creates against a cluster that refuses some profiles with a text; tells what was tried and what came of it. */
async function attempt(profile: SecurityProfile, refusals: Partial<Record<EffectiveProfile, string>>) {
  const tried: EffectiveProfile[] = [];
  const told: EffectiveProfile[] = [];
  const made = await createAs(
    new FakeCluster(),
    profile,
    (each) => {
      tried.push(each);
      const text = refusals[each];
      if (text !== undefined) {
        return Promise.reject(new ApiError({ code: 403, message: text, verb: 'create', resource: 'pods' }));
      }
      return Promise.resolve({ metadata: { name: each } });
    },
    (each) => told.push(each),
  ).catch((error: unknown) => error);
  return { tried, told, made };
}

describe('the profile of a pod', () => {
  test.each<[string, Partial<Record<EffectiveProfile, string>>, EffectiveProfile[]]>([
    ['nothing is refused', {}, ['baseline']],
    ['the namespace enforces restricted', { baseline: standard('restricted') }, ['baseline', 'restricted']],
    ['OpenShift', { baseline: constraint, restricted: constraint }, ['baseline', 'none']],
    ['a policy refuses root and our ids', { baseline: policy, restricted: policy }, ['baseline', 'restricted', 'none']],
  ])('auto, %s', async (_, refusals, tried) => {
    const found = await attempt('auto', refusals);
    expect(found.tried).toEqual(tried);
    expect(found.made).toMatchObject({ metadata: { name: tried.at(-1) } });
    expect(found.told).toEqual(tried.length > 1 ? [tried.at(-1)] : []);
  });

  test.each<[SecurityProfile, string, EffectiveProfile[], RegExp, RegExp | undefined]>([
    ['baseline', standard('restricted'), ['baseline'], /--security-profile restricted/, undefined],
    ['restricted', standard('restricted'), ['restricted'], /as small as Tarmac can/, /--security-profile/],
    [
      'auto',
      standard('restricted'),
      ['baseline', 'restricted', 'none'],
      /as small as Tarmac can/,
      /--security-profile/,
    ],
    ['privileged', standard('baseline'), ['privileged'], /without `privileged`/, /--security-profile/],
    [
      'restricted',
      constraint,
      ['restricted'],
      /--security-profile none`.* 1000650000 to 1000659999/,
      /profile restricted/,
    ],
    ['auto', constraint, ['baseline', 'none'], /Ask for a security context constraint/, /--security-profile/],
    ['privileged', constraint, ['privileged'], /without `privileged`/, /--security-profile/],
    ['restricted', policy, ['restricted'], /--security-profile none/, /profile restricted/],
    ['none', policy, ['none'], /Ask for a policy/, /--security-profile/],
  ])('%s, refused: %s', async (profile, text, tried, says, never) => {
    const found = await attempt(profile, { baseline: text, restricted: text, none: text, privileged: text });
    expect(found.tried).toEqual(tried);
    if (!(found.made instanceof RunFailureError)) throw new Error('it was not refused');
    const { failure } = found.made;
    expect(failure.kind).toBe('pod-security');
    expect(failure.nextStep).toMatch(says);
    if (never) expect(failure.nextStep).not.toMatch(never);
  });

  test('another error is no reason for another profile', async () => {
    const found = await attempt('auto', {
      baseline: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    });
    expect(found.tried).toEqual(['baseline']);
    expect(found.made).toBeInstanceOf(ApiError);
  });

  test('what was settled for is said', () => {
    expect(profileNote('restricted', 'ci')).toMatch(/namespace ci enforces the restricted .* without root/);
    expect(profileNote('none', 'ci')).toMatch(/no user and no group/);
  });
});
