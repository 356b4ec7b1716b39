import { describe, expect, it } from 'vitest';
import { after, itemsAt, labelsAt } from '../testing/completed.ts';
import type { TestSurroundings } from '../testing/marked.ts';

describe('values', () => {
  it.each<[string, string, string[]]>([
    ['platform', 'platform: <*>', ['linux', 'darwin', 'windows']],
    ['platform, half typed', 'platform: li<*>\nrun:\n', ['linux', 'darwin', 'windows']],
    ['platform, right behind the colon', 'platform:<*>', ['linux', 'darwin', 'windows']],
    ['platform in the next line', 'platform:\n  <*>', ['linux', 'darwin', 'windows']],
    ['platform in quotes', 'platform: "li<*>"', ['linux', 'darwin', 'windows']],
    ['platform in a flow mapping', '{platform: <*>}', ['linux', 'darwin', 'windows']],
    ['type', 'image_resource: {type: <*>', ['registry-image', 'docker-image', 'mock']],
    ['optional', 'inputs:\n  - name: a\n    optional: <*>', ['true', 'false']],
    ['memory', 'container_limits:\n  memory: <*>', ['512MB', '1GB', '2GB', '4GB']],
    ['ttl', 'caches:\n  - path: a\n    ttl: <*>', ['1h', '24h', '168h', '720h']],
    ['a boolean of the source', 'image_resource:\n  type: mock\n  source:\n    mirror_self: <*>', ['true', 'false']],
    ['a protocol', 'sidecars: [{ports: [{protocol: <*>}]}]', ['TCP', 'UDP', 'SCTP']],
    ['a finished value', 'platform: linux <*>', []],
    ['a param', 'params:\n  A: <*>', []],
  ])('%s', (_title, text, labels) => {
    expect(labelsAt(text)).toEqual(labels);
  });

  it.each<[string, string, string, string]>([
    ['in place of the word', 'platform: lin<*>ox', 'linux', 'platform: linux'],
    ['with a blank behind the colon', 'platform:<*>', 'linux', 'platform: linux'],
    ['in quotes', "platform: 'l<*>'", 'linux', "platform: 'linux'"],
    ['in open quotes', 'platform: "l<*>\nrun:\n  path: "a"', 'linux', 'platform: "linux\nrun:\n  path: "a"'],
  ])('insert %s', (_title, text, label, expected) => {
    expect(after(text, label)).toBe(expected);
  });

  it('offers aliases', () => {
    expect(after('params:\n  A: &a x\n  B: *<*>', '*a')).toBe('params:\n  A: &a x\n  B: *a');
    expect(labelsAt('params:\n  A: *<*>\n  B: &b x')).toEqual([]);
  });

  it('offers names that the command uses', () => {
    expect(labelsAt('inputs:\n  - name: <*>\nrun:\n  path: repo/ci/test.sh\n  dir: tools/x\n')).toEqual([
      'repo',
      'tools',
    ]);
    expect(labelsAt('inputs:\n  - name: repo\n  - name: <*>\nrun:\n  path: repo/ci/test.sh\n')).toEqual([]);
  });

  it('offers the path of an input for an output', () => {
    expect(labelsAt('inputs:\n  - name: a\n  - name: b\n    path: c\noutputs:\n  - name: x\n    path: <*>')).toEqual([
      'a',
      'c',
    ]);
  });
});

describe('variables', () => {
  const VARS: TestSurroundings = { vars: { '/ws/vars.yml': 'image: busybox\ndb:\n  user: me\n  password: hunter2\n' } };
  it.each<[string, string, string, string]>([
    ['closed by the editor', 'params:\n  A: ((<*>))', 'image', 'params:\n  A: ((image))'],
    ['open', 'params:\n  A: ((im<*>', 'image', 'params:\n  A: ((image))'],
    ['half closed', 'params:\n  A: ((im<*>)', 'image', 'params:\n  A: ((image))'],
    ['a field', 'params:\n  A: ((db.<*>))', 'db.user', 'params:\n  A: ((db.user))'],
    ['inside of a text', 'params:\n  A: "x-((<*>))-y"', 'image', 'params:\n  A: "x-((image))-y"'],
    [
      'in a script',
      'run:\n  path: sh\n  args:\n    - |\n      echo ((<*>))',
      'image',
      'run:\n  path: sh\n  args:\n    - |\n      echo ((image))',
    ],
    ['as a whole value', 'params:\n  A: <*>', '((image))', 'params:\n  A: ((image))'],
    ['in a key', '((im<*>)): x', 'image', '((image)): x'],
  ])('%s', (_title, text, label, expected) => {
    expect(after(text, label, VARS)).toBe(expected);
  });

  it('never shows a secret', () => {
    const items = itemsAt('params:\n  A: ((<*>', VARS);
    expect(items.map(({ label }) => label)).toEqual(['db', 'db.password', 'db.user', 'image']);
    expect(JSON.stringify(items)).toContain('busybox');
    expect(JSON.stringify(items)).not.toContain('hunter2');
  });

  it('offers those in use without a vars file', () => {
    expect(labelsAt('params:\n  A: ((one))\n  B: ((<*>')).toEqual(['one']);
  });
});
