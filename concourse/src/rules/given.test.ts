import { describe, expect, test } from 'vitest';
import { decodeTask } from '../task/document.ts';
import type { Environment, StepUse } from '../task/environment.ts';
import { loadVars } from '../vars/load-vars.ts';
import { checkTask } from './check.ts';

const USE: StepUse = {
  pipeline: '/ws/ci/pipeline.yml',
  line: 3,
  job: 'unit',
  step: 'test',
  params: [],
  vars: [],
  image: false,
};

/** Codes of what is said of a task that steps use. */
function codes(text: string, uses: readonly Partial<StepUse>[], vars?: string): string[] {
  const environment: Environment = {
    target: 'current',
    inputFolders: new Map(),
    uses: uses.map((use) => ({ ...USE, ...use })),
    ...(vars === undefined ? {} : { vars: { values: loadVars({ yaml: [vars] }).vars, files: [] } }),
  };
  return checkTask(decodeTask(text), environment).map(({ code }) => code);
}

const SCRIPT = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox, tag: "1"}}
run:
  path: sh
  args: [-ec, 'echo "$NAME"']
`;

describe('what a step gives its task file', () => {
  test.each([
    ['nobody gives the param', [], true],
    ['a step gives it', [{ params: ['NAME'] }], false],
    ['one of two steps gives it', [{}, { params: ['NAME'] }], false],
    ['a step gives others', [{ params: ['OTHER'] }], true],
    ['a variable stands for the params', [{ params: undefined }], false],
  ] as const)('$NAME in the script: %s', (_name, uses, told) => {
    expect(codes(SCRIPT, uses).includes('unset-variable')).toBe(told);
  });

  test.each([
    ['no step is known', [], true],
    ['each step brings one', [{ image: true }, { image: true }], false],
    ['one does not', [{ image: true }, {}], true],
  ] as const)('no image: %s', (_name, uses, told) => {
    expect(codes('platform: linux\nrun: {path: ls}\n', uses).includes('no-image')).toBe(told);
  });

  test('params without a value that a step gives', () => {
    const text = `${SCRIPT}params:\n  NAME:\n`;
    expect(codes(text, [])).toContain('param-unset');
    expect(codes(text, [{ params: ['NAME'] }])).not.toContain('param-unset');
  });

  test('vars that a step gives are not missing in the vars files', () => {
    const text = `${SCRIPT}params:\n  NAME: ((who))\n`;
    expect(codes(text, [], 'other=1')).toContain('undefined-var');
    expect(codes(text, [{ vars: ['who'] }], 'other=1')).not.toContain('undefined-var');
  });
});
