import { expect, test } from 'vitest';
import type { DoctorCheck } from '#runner';
import { checkText } from './check-text.ts';

const { doctor } = await import('#runner');
const { ApiError, CredentialError } = await import('#internal/runner/src/cluster/errors.ts');

const place = { context: 'prod-eu', namespace: 'ci' };

async function failed(error: Error): Promise<DoctorCheck> {
  const open = (): Promise<never> => Promise.reject(error);
  for await (const check of doctor({ open, context: 'prod-eu', claim: false, helperImage: 'busybox' })) return check;
  throw new Error('there is a check');
}

function api(code: number | string, message: string): Error {
  return new ApiError({ code, message, verb: 'get', resource: 'version' });
}

test('a cluster that cannot be reached is told once, with what to look at', async () => {
  const { message, detail } = checkText(
    await failed(api('ECONNREFUSED', 'Can’t reach https://a (ECONNREFUSED).')),
    place,
  );
  expect(message).toBe('Cannot reach the API server (context prod-eu).');
  expect(detail).not.toContain('ECONNREFUSED');
  expect(detail).toContain('VPN');
});

test('credentials that are refused name their context', async () => {
  const { message, detail } = checkText(await failed(api(401, 'Unauthorized')), place);
  expect(message).toBe('Your login for context prod-eu has expired or is invalid.');
  expect(detail).toMatch(/^Unauthorized\.\n\nSign in again/u);
});

test('a login program that is missing names the context and itself', async () => {
  const error = new CredentialError('PLUGIN_NOT_FOUND', 'The login program `aws` was not found.', 'Install it.');
  const { message, detail } = checkText(await failed(error), place);
  expect(message).toBe('Cannot sign in to context prod-eu.');
  expect(detail).toBe("The login program 'aws' was not found.\n\nInstall it.");
});

test('missing permissions are counted, and an administrator can be asked', () => {
  const missing = ['create pods', 'get pods'];
  const check: DoctorCheck = { name: 'permissions', outcome: 'failed', detail: '', missing, durationMs: 1 };
  expect(checkText(check, place)).toEqual({
    message: "You don't have permission to run tasks in namespace ci.",
    detail: '2 permissions are missing: create pods, get pods',
    lacksPermissions: true,
  });
});

test('a claim that is not there is named, without a command of a terminal', () => {
  const fix = "Create it with 'tarmac store init --claim x'";
  const check: DoctorCheck = { name: 'claim', outcome: 'failed', detail: '', fix, claimMissing: 'x', durationMs: 1 };
  const { message, detail } = checkText(check, place);
  expect(message).toBe("The volume claim x doesn't exist in namespace ci.");
  expect(detail).not.toContain('tarmac store');
});

test('whatever else fails begins with a capital letter', () => {
  const check: DoctorCheck = {
    name: 'claim',
    outcome: 'failed',
    detail: 'claim x is lost',
    fix: 'make it',
    durationMs: 1,
  };
  expect(checkText(check, place)).toMatchObject({
    message: 'Tasks cannot run in prod-eu/ci yet: Claim x is lost.',
    detail: 'Make it.',
  });
});
