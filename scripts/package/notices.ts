/** The licences of the packages whose code is in the bundles: they ask that their texts go along with it. */
import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The name of the file in `dist/` and in the package. */
export const NOTICES = 'ThirdPartyNotices.txt';

/** Files that hold a licence or what a licence asks to pass on. */
const LEGAL = /^(?:licen[cs]e|copying|notice|copyright|third-?party-?notices)/i;

/** Who holds the copyright of packages that come without a licence file, as their package.json says it. */
const WITHOUT_FILE: Readonly<Record<string, string>> = {
  '@vscode/l10n': 'Microsoft Corporation',
  'proxy-agent-negotiate': 'Nathan Rajlich <nathan@tootallnate.net>',
};

/** The MIT License, as opensource.org has it. */
const mit = (holder: string): string => `Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** The texts of its legal files. */
  readonly texts: readonly string[];
}

/** Thrown for a package whose licence is not known; the message names it and what to do. */
export class UnknownLicenceError extends Error {
  override name = 'UnknownLicenceError';
}

/** The folders of the packages that files belong to, relative as the files are. */
export function packageFolders(files: Iterable<string>): string[] {
  const folders = Array.from(files, (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
  return [...new Set(folders.flat())].sort();
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function manifestIn(root: string, folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

/** Where Node finds a dependency of the package in `folder`: in its own node_modules or in one above. */
function folderOf(root: string, folder: string, dependency: string): string | undefined {
  for (let at = folder; ; at = at.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const candidate = join(at, 'node_modules', dependency);
    if (existsSync(join(root, candidate, 'package.json'))) return candidate;
    if (at === '') return undefined;
  }
}

async function read(root: string, folder: string): Promise<BundledPackage> {
  const { name, version, license = 'unknown' } = await manifestIn(root, folder);
  const files = (await readdir(join(root, folder))).filter((file) => LEGAL.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
  const holder = WITHOUT_FILE[name];
  if (texts.length === 0 && license === 'MIT' && holder !== undefined) texts.push(mit(holder));
  if (texts.length === 0) {
    throw new UnknownLicenceError(
      `The package ${name} ${version} (${license}) is bundled and has no licence file in ${folder}. ` +
        'Add who holds its copyright to scripts/package/notices.ts.',
    );
  }
  return { name, version, licence: license, texts: texts.map((text) => text.replaceAll('\r\n', '\n').trim()) };
}

/**
 * The packages that files of bundles belong to, and all that these depend on: a package may be published with the code
 * of its dependencies in its own files.
 *
 * @param root the folder that `files` are relative to
 * @throws UnknownLicenceError when a package has no licence text
 */
export async function bundledPackages(root: string, files: Iterable<string>): Promise<BundledPackage[]> {
  const folders = new Set(packageFolders(files));
  for (const folder of folders) {
    const { dependencies = {} } = await manifestIn(root, folder);
    for (const name of Object.keys(dependencies)) {
      const found = folderOf(root, folder, name);
      if (found !== undefined) folders.add(found);
    }
  }
  const packages = await Promise.all(Array.from(folders, (folder) => read(root, folder)));
  const unique = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  return [...unique.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** The text of {@link NOTICES}. */
export function noticesText(packages: readonly BundledPackage[]): string {
  const line = '-'.repeat(80);
  const parts = packages.map(
    ({ name, version, licence, texts }) => `${line}\n${name} ${version} (${licence})\n\n${texts.join('\n\n')}\n`,
  );
  return `Tarmac contains code of these packages, under their own licences.\n\n${parts.join('\n')}`;
}
