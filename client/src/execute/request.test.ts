import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { noChoices, type Choices } from '../choices/choices.ts';
import { shownParams } from '../choices/params.ts';
import { runRequest, type RequestParts } from './request.ts';
import { looksSecret } from '../choices/secrets.ts';

const { decodeTask, localFiles, nodeAt, plan } = await import('#runner');

const document = decodeTask(`platform: linux
image_resource: {type: registry-image, source: {repository: busybox}}
inputs: [{name: src}, {name: extra, optional: true}]
outputs: [{name: bin}]
params: {MODE: fast, TOKEN: , EMPTY: ""}
run: {path: sh}
`);

function request(choices: Partial<Choices>, rest: Partial<RequestParts> = {}) {
  return runRequest({
    document,
    taskFile: '/repo/ci/unit.yml',
    cwd: '/repo',
    choices: { ...noChoices, ...choices },
    secrets: { params: {}, vars: {} },
    environment: {},
    settings: {
      pullSecrets: [],
      profile: 'auto',
      pod: { serviceAccountName: 'builder' },
      includeIgnored: false,
      includeGit: false,
      pty: false,
    },
    ...rest,
  });
}

describe('the request of a run', () => {
  it('has what was chosen, without what the file has no more', () => {
    const { inputs, outputs } = request({
      inputs: { src: '/src', extra: null, old: '/old' },
      outputs: { bin: '/out', old: '/old' },
    });
    expect(inputs).toEqual({ src: '/src' });
    expect(outputs).toEqual({ bin: '/out' });
  });

  it('has secrets for the params that are secret, and for no others', () => {
    const secrets = { params: { TOKEN: 'opensesame', OTHER: 'x' }, vars: {} };
    expect(request({ params: { MODE: 'slow' }, secretParams: ['TOKEN'] }, { secrets }).params).toEqual({
      MODE: 'slow',
      TOKEN: 'opensesame',
    });
  });

  it('takes no folder for an input that was left out, though its name would do', () => {
    expect(request({ inputs: { extra: null } }, { cwd: '/home/extra' }).cwd).toBe('/home');
    expect(request({ inputs: { extra: null } }, { cwd: '/home/other' }).cwd).toBe('/home/other');
  });

  it('is a plan when everything is there', () => {
    const state = mkdtempSync(join(tmpdir(), 'tarmac-state-'));
    onTestFinished(() => rmSync(state, { recursive: true }));
    const asked = request({ inputs: { src: import.meta.dirname } }, { cwd: import.meta.dirname });
    const result = plan(asked, localFiles(state));
    expect(result).toMatchObject({
      plan: {
        inputs: [{ name: 'src', source: { kind: 'directory', directory: import.meta.dirname } }],
        outputs: [{ name: 'bin' }],
      },
    });
  });

  it('says nothing of times that are not set', () => {
    expect(request({}).keepMs).toBeUndefined();
    expect(request({}).cwd).toBe('/repo');
  });
});

describe('params before a run', () => {
  const reader = { nodeAt };
  const names = (choices: Partial<Choices>, secrets = {}, environment = {}) =>
    shownParams(document, reader, { choices: { ...noChoices, ...choices }, secrets, environment }).map(
      ({ name, value, origin }) => `${name} ${origin}${value === undefined ? '' : ` '${value}'`}`,
    );

  it.each([
    ['those without a value first', {}, {}, {}, ['TOKEN missing', "MODE file 'fast'", "EMPTY file ''"]],
    ['from the environment', {}, {}, { MODE: 'slow' }, ['TOKEN missing', "MODE environment 'slow'", "EMPTY file ''"]],
    [
      'remembered',
      { params: { TOKEN: 't', X: '1' } },
      {},
      {},
      ["MODE file 'fast'", "TOKEN remembered 't'", "EMPTY file ''", "X remembered '1'"],
    ],
    [
      'secret, without its value',
      { secretParams: ['TOKEN'] },
      { TOKEN: 't' },
      {},
      ["MODE file 'fast'", 'TOKEN secret', "EMPTY file ''"],
    ],
    [
      'a secret whose value is gone',
      { secretParams: ['TOKEN'] },
      {},
      {},
      ['TOKEN lost', "MODE file 'fast'", "EMPTY file ''"],
    ],
  ])('%s', (_what, choices, secrets, environment, expected) => {
    expect(names(choices, secrets, environment)).toEqual(expected);
  });

  it.each([
    ['TOKEN', true],
    ['GITHUB_TOKEN', true],
    ['DB_PASSWORD', true],
    ['dbPassword', true],
    ['AWS_SECRET_ACCESS_KEY', true],
    ['API_KEY', true],
    ['apikey', true],
    ['SSH_PRIVATE_KEY', true],
    ['NPM_AUTH', true],
    ['CREDENTIALS', true],
    ['KEYBOARD', false],
    ['MONKEY', false],
    ['AUTHOR', false],
    ['PATH', false],
    ['PASSES', false],
    ['MODE', false],
  ])('%s is a secret: %s', (name, expected) => {
    expect(looksSecret(name)).toBe(expected);
  });
});
