import * as l10n from '@vscode/l10n';
import { expect, test } from 'vitest';
import { shownLanguage, speak } from './localization.ts';
import { agoText, filesText } from './views/format.ts';

const shown = (): string[] => [l10n.t('Run {0} is gone.', 'unit-1'), filesText(1_234_567), agoText(0, 7_200_000)];

test('without translations everything is English, with them everything is not', () => {
  speak({ tag: 'de', bundle: undefined });
  expect(shownLanguage()).toBe('en');
  expect(shown()).toEqual(['Run unit-1 is gone.', '1,234,567 files', '2 hours ago']);

  speak({ tag: 'de', bundle: { 'Run {0} is gone.': 'Den Lauf {0} gibt es nicht mehr.', '{0} files': '{0} Dateien' } });
  expect(shownLanguage()).toBe('de');
  expect(shown()).toEqual(['Den Lauf unit-1 gibt es nicht mehr.', '1.234.567 Dateien', 'vor 2 Stunden']);
});
