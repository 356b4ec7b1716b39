/** Makes the VSIX: its manifest, its pages and the files in it. */
import { createVSIX } from '@vscode/vsce';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RULES_PAGE } from '#concourse';
import { bundles, root } from '../build/bundles.ts';
import { NOTICES } from './notices.ts';

/** The keys of package.json that VS Code and its marketplace read; npm's own (scripts, dependencies, …) stay behind. */
const manifestKeys = [
  'name',
  'displayName',
  'description',
  'version',
  'publisher',
  'license',
  'qna',
  'repository',
  'bugs',
  'icon',
  'categories',
  'keywords',
  'galleryBanner',
  'main',
  'l10n',
  'activationEvents',
  'extensionKind',
  'capabilities',
  'contributes',
];

/** The manifest of the packaged extension. */
export function manifestOf(packageJson: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { vscode } = packageJson['engines'] as { vscode: string };
  const kept = manifestKeys.filter((key) => key in packageJson).map((key) => [key, packageJson[key]] as const);
  // `files`: the folder holds nothing else.
  return { ...Object.fromEntries(kept), engines: { vscode }, files: ['**'] };
}

/** The page that the extension shows of itself; the README of the repository is for those who build it. */
const EXTENSION_PAGE = 'docs/marketplace.md';

/**
 * A page as VS Code shows it. It knows no repository to resolve relative links by: pictures are put into the page, as far as
 * `pictures` has them, and links into the repository become their text.
 *
 * @param pictures PNG by the path that the page names
 */
export function marketplacePage(page: string, pictures: ReadonlyMap<string, Uint8Array> = new Map()): string {
  return page
    .replace(/^!\[([^\]]*)\]\((?!https:)([^)]*)\)\n\n?/gm, (_whole, alt: string, path: string) => {
      const picture = pictures.get(path);
      return picture ? `![${alt}](data:image/png;base64,${Buffer.from(picture).toString('base64')})\n\n` : '';
    })
    .replace(/\[([^\]]*)\]\((?!https:|#|data:)[^)]*\)/g, '$1');
}

/** The pictures that a page names, which lie beside it. */
async function picturesOf(page: string, folder: string): Promise<Map<string, Uint8Array>> {
  const paths = [...page.matchAll(/^!\[[^\]]*\]\((images\/[\w-]+\.png)\)$/gm)].map(([, path = '']) => path);
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** Lays out in `folder`, which is made anew, exactly what belongs into the package. */
export async function stage(dist: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'dist'), { recursive: true });
  const packageJson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifestOf(packageJson), undefined, 2)}\n`);
  const page = await readFile(join(root, EXTENSION_PAGE), 'utf8');
  const pictures = await picturesOf(page, join(root, dirname(EXTENSION_PAGE)));
  await writeFile(join(folder, 'README.md'), marketplacePage(page, pictures));
  await writeFile(join(folder, 'CHANGELOG.md'), marketplacePage(await readFile(join(root, 'CHANGELOG.md'), 'utf8')));
  for (const file of ['package.json', ...bundles.map((bundle) => bundle.file)]) {
    await copyFile(join(dist, file), join(folder, 'dist', file));
  }
  await copyFile(join(dist, NOTICES), join(folder, NOTICES));
  // A translation is a file beside the English one: package.nls.de.json, l10n/bundle.l10n.de.json.
  const texts = (await readdir(root)).filter((name) => /^package\.nls(?:\.[\w-]+)?\.json$/.test(name));
  for (const file of ['LICENSE', ...texts]) await copyFile(join(root, file), join(folder, file));
  await mkdir(join(folder, dirname(RULES_PAGE)));
  await copyFile(join(root, RULES_PAGE), join(folder, RULES_PAGE));
  for (const part of ['l10n', 'syntaxes', 'media']) await cp(join(root, part), join(folder, part), { recursive: true });
  // A clone's modes follow its owner's umask; the same sources are to give the same package.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o644);
  }
}

/** The time of every file in the package, in seconds since 1970, unless the environment says another: the first a ZIP knows. */
const packagedAt = Date.UTC(1980, 0, 2) / 1000;

/** Packs the bundles in `dist` and what belongs to them as `packagePath`; lays it out in `folder` before. */
export async function pack(dist: string, folder: string, packagePath: string): Promise<void> {
  await stage(dist, folder);
  await mkdir(dirname(packagePath), { recursive: true });
  // With it vsce sorts the files and gives them this time (reproducible-builds.org/specs/source-date-epoch).
  process.env['SOURCE_DATE_EPOCH'] ??= String(packagedAt);
  // Everything is in the bundles: no node_modules. There is no public repository to link to, so pictures are in the page itself.
  const unlisted = { allowMissingRepository: true, rewriteRelativeLinks: false };
  await createVSIX({ cwd: folder, packagePath, dependencies: false, ...unlisted });
}
