import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands, languages, workspace } from 'vscode';
import { eventually } from './support/eventually.ts';
import { codeActions, codeLenses, completionLabels, formatting, hoverText, outline } from './support/provided.ts';
import { killLanguageServer } from './support/server-process.ts';
import { at, codeOf, expectProblems, open, replaceText, untitledTask } from './support/workspace.ts';

describe('a quick fix', () => {
  it('mends the name of a key, and the problem goes', async () => {
    const { document } = await untitledTask('platform: linux\ninput:\n  - name: source\nrun: {path: "true"}\n');
    await expectProblems(document.uri, ['2:1 unknown-key']);
    const problem = languages.getDiagnostics(document.uri).find((each) => codeOf(each) === 'unknown-key');
    assert.ok(problem);
    const actions = await codeActions(document.uri, problem.range, 'quickfix');
    const fix = [...actions.values()].find(({ isPreferred }) => isPreferred === true);
    assert.ok(fix?.edit, `one of ${[...actions.keys()].join(', ')} is preferred and has an edit`);
    assert.ok(await workspace.applyEdit(fix.edit));
    assert.equal(document.lineAt(1).text, 'inputs:');
    await expectProblems(document.uri, []);
  });
});

describe('completion', () => {
  it('offers the keys that a task may still have', async () => {
    const { document } = await untitledTask('platform: linux\n\nrun: {path: "true"}\n');
    const labels = await completionLabels(document.uri, at(2, 1));
    for (const key of ['inputs', 'outputs', 'params', 'caches']) assert.ok(labels.includes(key), `${key} is offered`);
    assert.ok(!labels.includes('platform'), 'platform is there already');
  });

  it('offers the folders of inputs in the script', async () => {
    const { document } = await untitledTask('platform: linux\ninputs: [{name: source}]\nrun:\n  path: \n');
    const labels = await completionLabels(document.uri, at(4, 9));
    assert.ok(
      labels.some((label) => label.startsWith('source')),
      labels.join(', '),
    );
  });
});

describe('hover', () => {
  it('tells what a key is for', async () => {
    const { document } = await open('ci/tasks/build.yml');
    assert.match(await hoverText(document.uri, at(1, 3)), /platform/);
  });
});

describe('outline', () => {
  it('lists the parts of a task', async () => {
    const { document } = await open('ci/tasks/build.yml');
    const names = await outline(document.uri);
    for (const name of ['source', 'settings', 'built', 'TOKEN']) {
      assert.ok(
        names.some((each) => each.replaceAll('.', '').startsWith(name)),
        `${name} is in ${names.join(', ')}`,
      );
    }
  });
});

describe('code lens', () => {
  it('offers to execute the task', async () => {
    const { document } = await open('ci/tasks/build.yml');
    const titles = await eventually(async () => {
      const found = await codeLenses(document.uri);
      assert.notDeepEqual(found, []);
      return found;
    });
    assert.ok(
      titles.some((title) => title.includes('Execute')),
      titles.join(', '),
    );
  });
});

describe('formatting', () => {
  it('moves white space only', async () => {
    const { document } = await untitledTask('platform:   linux\nrun: {path: "true"}\n');
    const edits = await formatting(document.uri);
    assert.ok(edits.length > 0, 'there is something to move');
    await commands.executeCommand('editor.action.formatDocument');
    assert.equal(document.lineAt(0).text, 'platform: linux');
  });
});

describe('settings', () => {
  it('a rule that is switched off is silent at once, and speaks again when it is on', async () => {
    const { document } = await untitledTask('platform: linux\ninput: []\nrun: {path: "true"}\n');
    await expectProblems(document.uri, ['2:1 unknown-key']);
    const settings = workspace.getConfiguration('tarmac');
    await settings.update('rules', { 'unknown-key': 'off' }, true);
    await expectProblems(document.uri, []);
    await settings.update('rules', undefined, true);
    await expectProblems(document.uri, ['2:1 unknown-key']);
  });
});

describe('the language server', () => {
  it('is started again after a crash, and what is typed meanwhile is checked', async () => {
    const editor = await untitledTask('platform: linux\nrun: {path: "true"}\n');
    await expectProblems(editor.document.uri, []);
    killLanguageServer();
    await replaceText(editor, 'platform: linux\ninput: []\nrun: {path: "true"}\n');
    await expectProblems(editor.document.uri, ['2:1 unknown-key']);
  });
});
