import { expect, test } from 'vitest';
import { eventually, TestEditor } from './connection.ts';

const uri = 'file:///ci/unit-task.yml';
const valid = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox, tag: '1'}}
run:
  path: make
`;

test('a client that does not pull is sent diagnostics with their version, and none after closing', async () => {
  await using editor = await TestEditor.start({ capabilities: {} });
  expect(editor.initialized.capabilities.diagnosticProvider).toBeUndefined();
  await editor.open(uri, `${valid}ouputs: []\n`);
  await eventually(() => expect(editor.published).toHaveLength(1));
  expect(editor.published[0]).toMatchObject({ uri, version: 1, diagnostics: [{ code: 'unknown-key' }] });
  await editor.replace(uri, valid);
  await eventually(() => expect(editor.published.at(-1)).toMatchObject({ uri, version: 2, diagnostics: [] }));
  await editor.replace(uri, 'platform: [\n');
  await eventually(() => expect(editor.published.at(-1)?.diagnostics).not.toEqual([]));
  await editor.close(uri);
  await eventually(() => expect(editor.published.at(-1)).toEqual({ uri, diagnostics: [] }));
});

test('of a burst of changes the last text is what is said last, and older ones are passed over', async () => {
  await using editor = await TestEditor.start({ capabilities: {} });
  await editor.open(uri, valid);
  await Promise.all(Array.from({ length: 50 }, (_each, index) => editor.replace(uri, `${valid}x${index}: 1\n`)));
  await eventually(() => expect(editor.published.at(-1)?.version).toBe(editor.version));
  expect(editor.published.at(-1)?.diagnostics[0]?.message).toContain("'x49'");
  expect(editor.published.length).toBeLessThan(50);
});

test('settings that are sent along count', async () => {
  await using editor = await TestEditor.start({
    capabilities: {},
    initializationOptions: { settings: { rules: { 'unknown-key': 'hint' } } },
  });
  await editor.open(uri, `${valid}ouputs: []\n`);
  await eventually(() => expect(editor.published.at(-1)?.diagnostics[0]).toMatchObject({ severity: 4 }));
  await editor.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { tarmac: { rules: { 'unknown-key': 'warning' } } },
  });
  await eventually(() => expect(editor.published.at(-1)?.diagnostics[0]).toMatchObject({ severity: 2 }));
});
