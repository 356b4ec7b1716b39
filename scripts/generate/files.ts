/** The files that follow from the code. */
import { cliPage } from './cli-page.ts';
import { jsonSchemaText } from './json-schema.ts';
import { manifestText, manifestTextsText } from './manifest.ts';
import { rulesPage } from './rules-page.ts';
import { settingsPage } from './settings-page.ts';
import { translationsText } from './translations.ts';
import { troubleshootingPage } from './troubleshooting-page.ts';

/** Path in the repository, and how the text of the file is made from the present one. */
export const GENERATED: Readonly<Record<string, (present: string) => Promise<string>>> = {
  'package.nls.json': manifestTextsText,
  'package.json': manifestText,
  'l10n/bundle.l10n.json': translationsText,
  'schemas/concourse-task.schema.json': jsonSchemaText,
  'docs/rules.md': () => Promise.resolve(rulesPage()),
  'docs/guide/settings.md': settingsPage,
  'docs/guide/cli.md': () => Promise.resolve(cliPage()),
  'docs/guide/troubleshooting.md': () => Promise.resolve(troubleshootingPage()),
};
