/** The installed extension with translations, as a translator would add them: a file for its manifest, one for its code. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type Texts = Readonly<Record<string, string | { readonly message: string }>>;

/**
 * Copies the installed extensions and gives ours a translation in which each text stands in guillemets, so that what is
 * not translated is seen.
 *
 * @param language a tag such as `de`
 * @param from absolute path of the folder of installed extensions
 * @param to absolute path of the copy
 */
export async function translatedExtensions(language: string, from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  const name = (await readdir(to)).find((each) => each.startsWith('tarmac.'));
  if (name === undefined) throw new Error(`The extension is not installed in ${from}.`);
  for (const file of ['package.nls', 'l10n/bundle.l10n']) {
    const texts = JSON.parse(await readFile(join(to, name, `${file}.json`), 'utf8')) as Texts;
    const translated = Object.entries(texts).map(([key, text]) => [
      key,
      `«${typeof text === 'string' ? text : text.message}»`,
    ]);
    await writeFile(join(to, name, `${file}.${language}.json`), JSON.stringify(Object.fromEntries(translated)));
  }
}
