import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ConfigurationTarget, extensions, workspace, type WorkspaceConfiguration } from 'vscode';
import { eventually } from './support/eventually.ts';
import { expectProblems, open, problems, replaceText } from './support/workspace.ts';

describe('language', () => {
  for (const [path, language, why] of [
    ['ci/tasks/build.yml', 'concourse-task-yaml', 'in a folder tasks below ci'],
    ['ci/unit-task.yaml', 'concourse-task-yaml', 'by its name, in ci'],
    ['elsewhere/marked', 'concourse-task-yaml', 'by its first line'],
    ['elsewhere/marked-pipeline', 'concourse-pipeline-yaml', 'by its first line'],
    ['elsewhere/plain.yml', 'yaml', 'not a task'],
  ] as const) {
    it(`${path} is ${language}: ${why}`, async () => {
      const { document } = await open(path);
      assert.equal(document.languageId, language);
    });
  }

  it('is what the user says, remembered, and what it was before when nothing is said', async () => {
    const { document } = await open('elsewhere/plain.yml');
    const kinds = (): WorkspaceConfiguration => workspace.getConfiguration('tarmac', document.uri);
    const say = (kind: string | undefined): Thenable<void> =>
      kinds().update('fileKinds', kind && { 'elsewhere/plain.yml': kind }, ConfigurationTarget.Workspace);
    try {
      for (const [kind, language] of [
        ['task', 'concourse-task-yaml'],
        ['pipeline', 'concourse-pipeline-yaml'],
        ['none', 'yaml'],
        ['task', 'concourse-task-yaml'],
        [undefined, 'yaml'],
      ] as const) {
        await say(kind);
        await eventually(() => assert.equal(document.languageId, language, kind));
      }
    } finally {
      await say(undefined);
    }
  });

  it('a task file activates the extension', async () => {
    await open('ci/tasks/build.yml');
    assert.equal(extensions.getExtension('tarmac.tarmac')?.isActive, true);
  });
});

describe('problems', () => {
  it('appear, and go when the text is mended', async () => {
    const editor = await open('ci/tasks/mistake.yml');
    await expectProblems(editor.document.uri, ['9:1 unknown-key']);
    await replaceText(editor, editor.document.getText().replace('input:', 'inputs:'));
    await expectProblems(editor.document.uri, []);
  });

  it('a sound file has none', async () => {
    const { document } = await open('ci/tasks/build.yml');
    assert.deepEqual(problems(document.uri), []);
  });
});
