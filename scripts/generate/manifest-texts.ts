/**
 * The texts of the manifest apart from the manifest, as VS Code translates them: package.json says `%key%`, package.nls.json
 * has the English text. Whoever adds something to package.json writes plain English there; `npm run generate` moves it.
 */

/** Text by key, as package.nls.json has it. */
export type ManifestTexts = Readonly<Record<string, string>>;

/** Properties of contributions that people read. */
const readByPeople = new Set([
  'altText',
  'contents',
  'deprecationMessage',
  'description',
  'enumDescriptions',
  'enumItemLabels',
  'errorMessage',
  'label',
  'markdownDeprecationMessage',
  'markdownDescription',
  'markdownEnumDescriptions',
  'name',
  'patternErrorMessage',
  'shortTitle',
  'title',
]);

/** Parts whose `label` or `name` is a pattern or an id, and not a text. */
const withoutTexts = new Set(['grammars', 'languages', 'resourceLabelFormatters', 'configurationDefaults', 'pattern']);

/** The product's own name stays in every language. */
const productName = 'Tarmac';

/** How an item of a list is called in a key. */
function nameOf(item: unknown, index: number): string {
  if (typeof item !== 'object' || item === null) return String(index);
  const { id, command, view } = item as Record<string, unknown>;
  if (typeof id === 'string') return id;
  if (typeof command === 'string') return command;
  return typeof view === 'string' ? `${view}.${index}` : String(index);
}

/**
 * The value with every text that people read replaced by what `replace` makes of it.
 * @param path of the value, for the key of the text
 */
function mapTexts(value: unknown, path: readonly string[], replace: (key: string, text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => mapTexts(item, [...path, nameOf(item, index)], replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]: [string, unknown]) => {
      const at = [...path, name];
      if (withoutTexts.has(name)) return [name, child];
      const texts = readByPeople.has(name);
      if (texts && typeof child === 'string') {
        return [name, child === productName ? child : replace(at.join('.'), child)];
      }
      if (texts && Array.isArray(child) && child.every((item) => typeof item === 'string')) {
        return [name, child.map((item, index) => replace([...at, index].join('.'), item))];
      }
      return [name, mapTexts(child, at, replace)];
    }),
  );
}

/** What of the manifest has texts. The `description` at its top is read by npm, too, which translates nothing. */
const translated = ['capabilities', 'contributes'] as const;

function mapManifest<T extends object>(manifest: T, replace: (key: string, text: string) => string): T {
  const parts = manifest as Readonly<Record<string, unknown>>;
  const mapped = translated.map((part) => [part, mapTexts(parts[part], part === 'contributes' ? [] : [part], replace)]);
  return { ...manifest, ...(Object.fromEntries(mapped) as object) };
}

/** The key in `%key%`; undefined for a plain text. */
function keyIn(text: string): string | undefined {
  return /^%([^%\s]+)%$/u.exec(text)?.[1];
}

/** The manifest as people read it: with its texts. @throws Error for a key that `texts` lacks */
export function withTexts<T extends object>(manifest: T, texts: ManifestTexts): T {
  return mapManifest(manifest, (_, text) => {
    const key = keyIn(text);
    if (key === undefined) return text;
    const found = texts[key];
    if (found === undefined) throw new Error(`package.nls.json lacks ${key}`);
    return found;
  });
}

/** Takes the texts out of a manifest that has them. */
export function withoutManifestTexts<T extends object>(manifest: T): { manifest: T; texts: ManifestTexts } {
  const texts: Record<string, string> = {};
  const keyed = mapManifest(manifest, (key, text) => {
    texts[key] = text;
    return `%${key}%`;
  });
  return { manifest: keyed, texts };
}
