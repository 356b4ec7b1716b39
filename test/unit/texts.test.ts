import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../eslint.config.ts';

// The repository's own configuration, without the rules that need types: the files of these tables do not exist.
const eslint = new ESLint({
  cwd: resolve(import.meta.dirname, '../..'),
  overrideConfigFile: true,
  overrideConfig: [...config, tseslint.configs.disableTypeChecked],
});

/** How often the lint refuses a text in this code of the client. */
async function refusals(code: string, filePath = 'client/src/example.ts'): Promise<number> {
  const results = await eslint.lintText(code, { filePath });
  const messages = results.flatMap((each) => each.messages);
  expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
  return messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
}

// The first call loads the parser.
beforeAll(async () => {
  await refusals('');
}, 60_000);

describe('a text that could not be translated fails the lint', () => {
  test.each([
    "void window.showInformationMessage('Done.');",
    'void window.showErrorMessage(`The task ${name} cannot run.`);',
    "void window.showQuickPick(items, { placeHolder: 'Which?' });",
    "void window.showWarningMessage(l10n.t('Sure?'), { modal: true, detail: `It holds ${n} entries.` });",
    "const item = { label: '$(play) Go On' };",
    "item.tooltip = 'Shows the output';",
    // What is not written there is not collected.
    'l10n.t(message);',
    'l10n.t(`Run ${id} is gone.`);',
    "l10n.t('Run ' + id);",
  ])('%s', async (code) => {
    expect(await refusals(code)).toBe(1);
  });
});

describe('what is no text, or can be translated, does not', () => {
  test.each([
    "void window.showInformationMessage(l10n.t('Run {0} is gone.', id));",
    'void window.showErrorMessage(`Tarmac: ${error.message}`);',
    'void window.showErrorMessage(`${task}: ${failure.title}. ${failure.nextStep}`);',
    'const item = { label: `$(sync~spin) ${run.task}`, description: `${run.id} · ${state}` };',
    "const mode = { label: 'ReadWriteMany', description: l10n.t('several nodes at once') };",
    "item.name = 'Tarmac';",
    "l10n.t({ message: 'Tarmac Shell: {0}', args: [task], comment: 'Ends with the task.' });",
    "log.warn('A line for developers.');",
  ])('%s', async (code) => {
    expect(await refusals(code)).toBe(0);
  });

  test('other rooms speak English', async () => {
    expect(await refusals("item.detail = 'The image was not found.';", 'runner/src/example.ts')).toBe(0);
  });
});
