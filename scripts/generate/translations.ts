/** The texts of the extension for translators: what its code says through `l10n.t`, in the format of VS Code's bundles. */
import { glob, readFile } from 'node:fs/promises';
import { getL10nJson } from '@vscode/l10n-dev';

/** Where texts for people come from. Those of `concourse/`, `server/` and `runner/` are English everywhere. */
const sources = 'client/src/**/*.ts';

/** The text of `l10n/bundle.l10n.json`: each English text by itself, or by itself and its comment. */
export async function translationsText(): Promise<string> {
  const files: { extension: string; contents: string }[] = [];
  for await (const path of glob(sources)) {
    const contents = await readFile(path, 'utf8');
    // The package takes its time for each file.
    if (!path.endsWith('.test.ts') && contents.includes('l10n.t(')) files.push({ extension: '.ts', contents });
  }
  const texts = Object.entries(await getL10nJson(files)).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(texts), undefined, 2)}\n`;
}
