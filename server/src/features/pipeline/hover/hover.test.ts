/** Hover in pipelines: the texts are in hover.golden.md, one section a place. */
import { describe, expect, it } from 'vitest';
import { loadVars } from '#concourse';
import { CHECKOUT, pipelineAt } from '../testing.ts';
import { pipelineHover } from './hover.ts';

const TASK = `platform: linux
image_resource: {type: registry-image, source: {repository: golang, tag: "1.25"}}
inputs:
- name: repo
- name: tools
  optional: true
outputs:
- name: binary
params: {LEVEL: info, TOKEN: }
run: {path: repo/ci/build.sh, args: [all]}
`;
const FILES = { ...CHECKOUT, '/ws/ci/build.yml': TASK };
const PIPELINE = `resource_types:
- {name: slack, type: registry-image, source: {repository: acme/slack-resource}}
var_sources:
- {name: vault, type: vault, config: {url: https://vault.example.com, client_token: ((t))}}
resources:
- {name: app, type: git, source: {uri: https://git.example.com/acme/app.git, branch: main}}
- name: image
  type: registry-image
  source: {repository: registry.example.com/acme/app, username: ((user)), password: secret}
- {name: mirror, type: git, source: {uri: https://me:pass@git.example.com/x.git}, version: {ref: abc}}
- {name: chat, type: slack, source: {url: https://hooks.example.com/secret, channel: ((vault:chat))}}
jobs:
- name: unit
  plan:
  - in_parallel:
    - {get: code, resource: app, trigger: true}
    - get: mirror
  - load_var: tag
    file: code/VERSION
  - task: build
    file: code/ci/build.yml
    input_mapping: {repo: code}
    output_mapping: {binary: app-binary}
    params: {LEVEL: ((level))}
  - put: image
    params: {image: app-binary/image.tar, version: ((.:tag))}
    inputs: detect
    no_get: true
  - across: [{var: os, values: [linux, mac]}]
    task: check-((.:os))
    image: mirror
    file: app-binary/check.yml
- name: ship
  build_logs_to_retain: 3
  plan:
  - {get: app, passed: [unit]}
  - {put: chat, params: {text: ((.:nothing))}}
`;

/** Places: what stands before the cursor, and behind it. */
const PLACES: readonly [string, string, string][] = [
  ['a resource where it is defined', '- {name: ', 'app, type: git'],
  ['a resource with a login and a pin', '- {name: ', 'mirror'],
  ['a resource of a custom type', '- {name: ', 'chat'],
  ['a resource whose source has a password', '- name: ', 'image\n'],
  ['a core type', 'name: app, type: ', 'git'],
  ['a type of the pipeline', 'type: ', 'slack, source: {url'],
  ['a get', '- {get: ', 'code'],
  ['a get, on its key', '- {', 'get: code'],
  ['the resource of a get', 'resource: ', 'app, trigger'],
  ['a put without a get', '- put: ', 'image'],
  ['a task', '- task: ', 'build'],
  ['a task whose file nobody knows', 'task: ', 'check-'],
  ['the file of a task', 'file: ', 'code/ci/build.yml'],
  ['a file that is not here', 'file: ', 'code/VERSION'],
  ['an image that is an artifact', 'image: ', 'mirror\n'],
  ['a mapped artifact', 'input_mapping: {repo: ', 'code'],
  ['a mapping key', 'input_mapping: {', 'repo'],
  ['what a task leaves', 'output_mapping: {binary: ', 'app-binary'],
  ['a param', 'params: {', 'LEVEL'],
  ['a load_var', '- load_var: ', 'tag'],
  ['passed, the key', '{get: app, ', 'passed: [unit]'],
  ['passed, a job', 'passed: [', 'unit]'],
  ['a job', '- name: ', 'ship'],
  ['a key', 'resource: app, ', 'trigger'],
  ['a key that is newer', '    ', 'no_get'],
  ['a key out of use', '  ', 'build_logs_to_retain'],
  ['a value with a meaning', 'inputs: ', 'detect'],
  ['a key of the source of a type', 'source: {', 'repository: registry'],
  ['a key of put params', 'params: {', 'image: app-binary'],
  ['a var of a source', '((', 'vault:chat'],
  ['a local var', '((', '.:tag'],
  ['a var of across', '((', '.:os'],
  ['a local var that nothing sets', '((', '.:nothing'],
  ['a var with a value', '((', 'level'],
  ['a secret', '((', 't))'],
  ['a var without a value', '((', 'user'],
];

const VARS = loadVars({ files: [{ path: '/ws/vars.yml', text: 'level: debug\nt: {token: x}\n' }] }).vars;

function hoverText(before: string, behind: string): string {
  const at = PIPELINE.indexOf(before + behind) + before.length;
  if (at < before.length) return 'no such place';
  const request = pipelineAt(`${PIPELINE.slice(0, at)}<*>${PIPELINE.slice(at)}`, FILES);
  const hover = pipelineHover({ ...request, vars: () => ({ values: VARS, files: ['/ws/vars.yml'] }) });
  const contents = hover?.contents as { value: string } | undefined;
  return contents?.value ?? 'nothing';
}

describe('hover', () => {
  it('tells at each place what is known', async () => {
    const sections = PLACES.map(([title, before, behind]) => `# ${title}\n\n${hoverText(before, behind)}\n`);
    await expect(sections.join('\n')).toMatchFileSnapshot('hover.golden.md');
  });

  it('no password is shown', () => {
    for (const [, before, behind] of PLACES) expect(hoverText(before, behind)).not.toMatch(/secret|me:pass/u);
  });

  it('leaves what stands in a task to the task', () => {
    const text =
      'jobs:\n- name: a\n  plan:\n  - task: t\n    config:\n      plat<*>form: linux\n      run: {path: ls}\n';
    expect(pipelineHover(pipelineAt(text))).toBeUndefined();
  });

  it('of a file that does not parse tells what it can', () => {
    const text =
      'resources:\n- {name: a, type: git, source: {uri: u}}\njobs:\n- name: j\n  plan:\n  - get: <*>a\n  - [\n';
    expect(JSON.stringify(pipelineHover(pipelineAt(text)))).toContain('git resource');
  });
});
