import { describe, expect, it } from 'vitest';
import { hover } from './hover.ts';
import { marked, type TestSurroundings } from '../testing/marked.ts';

/** The Markdown of a hover and the text that it marks. */
function hoverAt(text: string, surroundings?: TestSurroundings): { markdown: string; over: string } {
  const request = marked(text, surroundings);
  const found = hover(request);
  if (!found?.range || typeof found.contents === 'string' || !('value' in found.contents)) {
    return { markdown: '', over: '' };
  }
  const lines = request.task.text.split('\n');
  const { start, end } = found.range;
  const over =
    start.line === end.line
      ? (lines[start.line]?.slice(start.character, end.character) ?? '')
      : [
          lines[start.line]?.slice(start.character),
          ...lines.slice(start.line + 1, end.line),
          lines[end.line]?.slice(0, end.character),
        ].join('\n');
  return { markdown: found.contents.value, over };
}

const IMAGE = 'image_resource:\n  type: registry-image\n  source:\n';

describe('keys', () => {
  it.each<[string, string, string, string[]]>([
    [
      'required',
      'plat<*>form: linux',
      'platform',
      ['**platform** (text, required)', 'Only `linux` can run', 'concourse-ci.org/docs/tasks'],
    ],
    ['newer', 'caches:\n  - path: a\n    t<*>tl: 24h', 'ttl', ['Since Concourse 8.2.', '1 day after the last use']],
    [
      'deprecated',
      'roo<*>tfs_uri: docker:///busybox',
      'rootfs_uri',
      ['**Deprecated.**', 'docker.io/library/busybox:latest'],
    ],
    ['Tarmac’s', 'side<*>cars: []', 'sidecars', ['Tarmac’s extension', 'Concourse rejects']],
    [
      'of a source',
      `${IMAGE}    repo<*>sitory: busybox`,
      'repository',
      ['without tag', 'concourse/registry-image-resource', 'A run pulls `docker.io/library/busybox:latest`.'],
    ],
    ['in another case', 'run: {pa<*>th: sh}', 'path', ['**path** (text)']],
    ['in quotes', '"plat<*>form": linux', '"platform"', ['**platform**']],
    ['at its end', 'platform<*>: linux', 'platform', ['**platform**']],
  ])('%s', (_title, text, over, parts) => {
    const found = hoverAt(text);
    expect(found.over).toBe(over);
    for (const part of parts) expect(found.markdown).toContain(part);
  });

  it.each<[string, string]>([
    ['unknown', 'fo<*>o: 1'],
    ['a comment', 'platform: linux # plat<*>form'],
    ['nothing', 'platform: linux\n\n<*>\n'],
    ['an unknown value', 'foo: ba<*>r'],
    ['an empty file', '<*>'],
  ])('nothing for %s', (_title, text) => {
    expect(hoverAt(text).markdown).toBe('');
  });
});

describe('values', () => {
  it.each<[string, string, string, string[]]>([
    ['platform', 'platform: lin<*>ux', 'linux', ['Linux containers.']],
    ['memory', 'container_limits:\n  memory: 1<*>GB', '1GB', ['1,073,741,824 bytes (1 GiB)']],
    ['memory as a number', 'container_limits:\n  memory: 15<*>00000', '1500000', ['1,500,000 bytes (about 1.43 MiB)']],
    ['unlimited', 'container_limits:\n  memory: <*>0', '0', ['0 means unlimited']],
    ['cpu', 'container_limits:\n  cpu: 15<*>00', '1500', ['`1500m`: 1.5 CPUs', '1500 shares']],
    ['ttl', 'caches:\n  - path: a\n    ttl: 26h<*>30m', '26h30m', ['1 day 2 hours 30 minutes after']],
    [
      'a tag that YAML changes',
      `${IMAGE}    repository: golang\n    tag: 3.1<*>0`,
      '3.10',
      ['docker.io/library/golang:3.1`'],
    ],
    [
      'a quoted tag',
      `${IMAGE}    repository: golang\n    tag: "3.1<*>0"`,
      '"3.10"',
      ['docker.io/library/golang:3.10`'],
    ],
    [
      'a pinned digest',
      `${IMAGE}    repository: me/tool\n  version:\n    digest: sha256:<*>${'a'.repeat(64)}`,
      `sha256:${'a'.repeat(64)}`,
      [`docker.io/me/tool@sha256:${'a'.repeat(64)}`],
    ],
    [
      'an image that a cluster cannot find',
      `${IMAGE}    repository: b<*>usybox\n    semver_constraint: 1.x`,
      'busybox',
      ['needs the list of all tags'],
    ],
    [
      'the image type',
      'image_resource:\n  type: mo<*>ck\n  source: {mirror_self: true}',
      'mock',
      ['Test resource', 'concourse/mock-resource:latest'],
    ],
    [
      'an input',
      'inputs:\n  - name: re<*>po',
      'repo',
      ['`/tmp/build/b1dda4c3/repo`', 'No local folder fits: a run asks'],
    ],
    ['an input with a path', 'inputs:\n  - name: repo\n    path: ../<*>src', '../src', ['`/tmp/build/b1dda4c3/src`']],
    [
      'an output',
      'inputs: [{name: a}]\noutputs:\n  - name: x\n    path: <*>a',
      'a',
      ['`/tmp/build/b1dda4c3/a`', 'contents of the input `a`'],
    ],
    ['an empty output', 'outputs:\n  - name: <*>x', 'x', ['Starts empty.']],
    ['a cache', 'caches:\n  - path: .ca<*>che', '.cache', ['`/tmp/build/b1dda4c3/.cache`']],
    ['dir', 'run:\n  dir: re<*>po', 'repo', ['starts in `/tmp/build/b1dda4c3/repo`']],
    ['a program', 'run:\n  path: s<*>h', 'sh', ['`$PATH` of the image']],
    [
      'a relative program',
      'inputs: [{name: repo}]\nrun:\n  dir: repo\n  path: ./ci/<*>x',
      './ci/x',
      ['`/tmp/build/b1dda4c3/repo/ci/x`, of the input `repo`'],
    ],
    ['a user id', 'run: {path: sh, user: "10<*>00"}', '"1000"', ['numeric user id']],
    ['an alias', 'params:\n  A: &a x\n  B: *<*>a', '*a', ['anchor `&a` in line 2', 'Value: `x`']],
    ['an anchor', 'params:\n  A: &<*>a x', '&a', ['`*a`']],
    ['a merge key', 'inputs:\n  - &a {name: a}\n  - <*><<: *a', '<<', ['Merge key']],
  ])('%s', (_title, text, over, parts) => {
    const found = hoverAt(text);
    expect(found.over).toBe(over);
    for (const part of parts) expect(found.markdown).toContain(part);
  });

  it('tells which local folder a run sends and why', () => {
    const text = 'inputs:\n  - name: re<*>po';
    expect(hoverAt(text, { folders: { repo: '/ws' } }).markdown).toContain(
      'A run sends `/ws` (a folder with that name).',
    );
    expect(hoverAt(text, { folders: { repo: ['/ws', 'repository-root'] } }).markdown).toContain(
      'the root of the repository',
    );
    expect(hoverAt('inputs:\n  - name: re<*>po\n    optional: true').markdown).toContain(
      'leaves this optional input out',
    );
  });

  it('tells which local file the command is', () => {
    const surroundings: TestSurroundings = {
      folders: { repo: '/ws' },
      files: { '/ws/ci/a.sh': { text: '#!/bin/sh\n', executable: true }, '/ws/ci/b.sh': '#!/bin/sh\n' },
    };
    const at = (path: string): string =>
      hoverAt(`inputs: [{name: repo}]\nrun:\n  path: <*>${path}`, surroundings).markdown;
    expect(at('repo/ci/a.sh')).toMatch(/Local: `\/ws\/ci\/a\.sh`$/);
    expect(at('repo/ci/b.sh')).toContain('`/ws/ci/b.sh` (not executable)');
    expect(at('repo/ci/c.sh')).toContain('`/ws/ci/c.sh` (no such file)');
    const argument = hoverAt('inputs: [{name: repo}]\nrun:\n  path: cat\n  args: [<*>repo/ci/b.sh]', surroundings);
    expect(argument.markdown).toMatch(/Local: `\/ws\/ci\/b\.sh`$/);
  });
});

describe('params', () => {
  it.each<[string, string, string, string[]]>([
    ['a text', 'params:\n  A: he<*>llo', 'hello', ['`A=hello`']],
    ['its name', 'params:\n  A<*>: hello', 'A', ['**A** (param)', '`A=hello`']],
    ['a number that changes', 'params:\n  A: 1.1<*>0', '1.10', ['`A=1.1`']],
    ['a boolean', 'params:\n  A: ye<*>s', 'yes', ['`A=true`']],
    ['null', 'params:\n  A<*>:\n  B: x', 'A', ['meant to be set when the task runs']],
    ['a written null', 'params:\n  A: nu<*>ll', 'null', ['meant to be set when the task runs']],
    ['a mapping', 'params:\n  A<*>: {b: 1}', 'A', ['compact JSON', '`A={"b":1}`']],
    ['a name that changes', 'params:\n  N<*>: 1', 'N', ['**false** (param)', '`N` as a boolean']],
    [
      'in a script',
      'params: {A: x}\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      echo "${A<*>}"\n',
      'A',
      ['`A=x`'],
    ],
  ])('%s', (_title, text, over, parts) => {
    const found = hoverAt(text);
    expect(found.over).toBe(over);
    for (const part of parts) expect(found.markdown).toContain(part);
  });
});

describe('a value that YAML changes', () => {
  it.each([
    ['of a param', 'params:\n  VERSION: 1.2<*>0'],
    ['that is a tag', `${IMAGE}    repository: golang\n    tag: 1.2<*>0`],
  ])('%s: what the problem above says is not said again', (_title, text) => {
    const { markdown } = hoverAt(text);
    expect(markdown).toMatch(/1\.2(?!0)/u);
    expect(markdown).not.toMatch(/YAML reads|Quote/u);
  });
});

describe('variables', () => {
  const vars = { '/ws/vars.yml': 'image: busybox\ndb:\n  password: hunter2\n  user: me\nlist: [1, 2]\n' };
  it.each<[string, string, string, string[]]>([
    ['a value', 'params:\n  A: x((ima<*>ge))', '((image))', ['Value: `busybox`', '`/ws/vars.yml`']],
    ['a field', 'params:\n  A: ((db.u<*>ser))', '((db.user))', ['Value: `me`']],
    ['a secret', 'params:\n  A: ((db.pass<*>word))', '((db.password))', ['Value: `••••••`']],
    ['a mapping with a secret', 'params:\n  A: ((d<*>b))', '((db))', ['mapping with password, user']],
    ['a list', 'params:\n  A: ((li<*>st))', '((list))', ['list of 2']],
    ['a missing one', 'params:\n  A: ((no<*>pe))', '((nope))', ['Has no value in `/ws/vars.yml`']],
    ['a missing field', 'params:\n  A: ((db.no<*>pe))', '((db.nope))', ["missing field 'nope'"]],
    ['a var source', 'params:\n  A: ((vault:<*>x))', '((vault:x))', ['var source `vault`']],
    ['in the image', `${IMAGE}    repository: ((image))\n    ta<*>g: "1"`, 'tag', ['docker.io/library/busybox:1`']],
  ])('%s', (_title, text, over, parts) => {
    const found = hoverAt(text, { vars });
    expect(found.over).toBe(over);
    for (const part of parts) expect(found.markdown).toContain(part);
    expect(found.markdown).not.toContain('hunter2');
  });

  it('shows no secret as a part of the image', () => {
    const found = hoverAt(`${IMAGE}    repository: ((db.password))\n    ta<*>g: "1"`, { vars });
    expect(found.markdown).toContain('secret');
    expect(found.markdown).not.toContain('hunter2');
  });

  it('knows nothing without a vars file', () => {
    expect(hoverAt('params:\n  A: ((<*>a))').markdown).toContain('No vars file is configured');
  });
});

it('works inside of a pipeline', () => {
  const found = hoverAt('jobs:\n- name: j\n  plan:\n  - task: t\n    config:\n      plat<*>form: linux\n', {
    pipeline: true,
  });
  expect(found).toMatchObject({ over: 'platform' });
});
