import { expect, test } from 'vitest';
import { eventually, TestEditor } from './connection.ts';
import { Folder } from './folder.ts';

const TEMPLATE = `#@ load("@ytt:data", "data")
resources:
- name: app
  type: git
jobs:
- name: #@ data.values.name
  plan:
  - get: aap
`;
/** A small program in place of a template engine. */
const ENGINE = `import { readFileSync } from 'node:fs';
const text = readFileSync(process.argv[2], 'utf8');
if (text.includes('FAIL')) { console.error('no value for FAIL'); process.exit(1); }
process.stdout.write(text.split('\\n').slice(1).join('\\n').replace('#@ data.values.name', 'unit'));
`;

function settings(folder: Folder, text = false): Readonly<Record<string, unknown>> {
  const words = [process.execPath, `${folder.path}/engine.mjs`, '${file}'];
  return { '': { pipelines: { render: { 'ci/*.yml': text ? words.join(' ') : words } } } };
}

test('what a command prints is checked in place of the template, in a trusted workspace', async () => {
  await using folder = await Folder.with({ 'ci/pipeline.yml': TEMPLATE, 'engine.mjs': ENGINE });
  await using editor = await TestEditor.start({
    folders: [folder.uri],
    settings: settings(folder),
    initializationOptions: { trusted: true },
  });
  const uri = folder.uriOf('ci/pipeline.yml');
  await editor.open(uri, TEMPLATE, 'yaml');
  await eventually(async () => expect(await editor.codes(uri)).toContain('unknown-resource'));
  const found = (await editor.diagnostics(uri)).find(({ code }) => code === 'unknown-resource');
  expect(found).toMatchObject({
    range: { start: { line: 7, character: 2 }, end: { line: 7, character: 12 } },
    relatedInformation: [{ location: { range: { start: { line: 6 } } }, message: 'In the rendered pipeline' }],
  });
  expect(found?.relatedInformation?.[0]?.location.uri).toMatch(/^tarmac-rendered:.*\/ci\/pipeline\.yml$/u);
  const text = await editor.connection.sendRequest('tarmac/rendered', { path: `${folder.path}/ci/pipeline.yml` });
  expect(text).toContain('- name: unit\n');
});

test('a command that fails is told with what it says', async () => {
  const template = `${TEMPLATE}# FAIL\n`;
  await using folder = await Folder.with({ 'ci/pipeline.yml': template, 'engine.mjs': ENGINE });
  await using editor = await TestEditor.start({
    folders: [folder.uri],
    settings: settings(folder),
    initializationOptions: { trusted: true },
  });
  const uri = folder.uriOf('ci/pipeline.yml');
  await editor.open(uri, template, 'yaml');
  await eventually(async () => {
    const [first] = await editor.diagnostics(uri);
    expect(first?.message).toMatch(/exit code 1: no value for FAIL/u);
  });
});

test('nothing is run before the workspace is trusted', async () => {
  await using folder = await Folder.with({ 'ci/pipeline.yml': TEMPLATE, 'engine.mjs': ENGINE });
  await using editor = await TestEditor.start({ folders: [folder.uri], settings: settings(folder) });
  const uri = folder.uriOf('ci/pipeline.yml');
  await editor.open(uri, TEMPLATE, 'yaml');
  expect(await editor.codes(uri)).toEqual(['template']);
  await editor.connection.sendNotification('tarmac/trusted');
  await eventually(async () => expect(await editor.codes(uri)).toContain('unknown-resource'));
});
