import { expect, test } from 'vitest';
import { noChoices, type Choices } from './choices.ts';
import { shownParams } from './params.ts';

const { decodeTask, loadVars, nodeAt } = await import('#runner');

const text = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox}}
params:
  MODE: fast
  REGISTRY_TOKEN: ((registry.token))
  LOGIN: ((user)):((password))
  PLACE: ((region))
  KEY:
run: {path: "true"}
`;

function shown(vars: readonly string[], choices: Partial<Choices> = {}, secrets: Record<string, string> = {}) {
  const document = decodeTask(text, { vars: loadVars({ strings: vars }).vars });
  const sources = { choices: { ...noChoices, ...choices }, secrets, environment: {} };
  return Object.fromEntries(
    shownParams(document, { nodeAt }, sources).map(({ name, value, origin, vars: from, hidden }) => [
      name,
      [origin, from?.join() ?? '', hidden ? 'hidden' : (value ?? '')],
    ]),
  );
}

test('a value that comes from variables says so, and shows no secret', () => {
  const given = ['registry.token=s3cret', 'user=me', 'password=pw', 'region=eu'];
  expect(shown(given)).toEqual({
    KEY: ['missing', '', ''],
    MODE: ['file', '', 'fast'],
    REGISTRY_TOKEN: ['variables', 'registry.token', 'hidden'],
    LOGIN: ['variables', 'user,password', 'hidden'],
    PLACE: ['variables', 'region', 'eu'],
  });
});

test('a variable that the user keeps as a secret makes the value one, whatever it is called', () => {
  expect(shown(['region=eu'], { secretVars: ['region'] })['PLACE']).toEqual(['variables', 'region', 'hidden']);
});

test('without values the file is shown as it is written', () => {
  expect(shown([])['REGISTRY_TOKEN']).toEqual(['variables', 'registry.token', '((registry.token))']);
});

test('what the user gives comes before all of them', () => {
  const choices = { params: { PLACE: 'us' }, secretParams: ['KEY', 'GONE'] };
  const all = shown(['region=eu'], choices, { KEY: 'x' });
  expect([all['PLACE'], all['KEY'], all['GONE']]).toEqual([
    ['remembered', '', 'us'],
    ['secret', '', 'hidden'],
    ['lost', '', 'hidden'],
  ]);
});
