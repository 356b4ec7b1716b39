import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAll } from '../../scripts/build/bundles.ts';
import { manifestOf, pack, readmeOf } from '../../scripts/package/pack.ts';

let folder: string;
let vsix: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-package-'));
  const dist = join(folder, 'dist');
  await buildAll({ outDir: dist, minify: true });
  await pack(dist, join(folder, 'staged'), join(folder, 'tarmac.vsix'));
  vsix = await readFile(join(folder, 'tarmac.vsix'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The names in a ZIP file's central directory (APPNOTE.TXT 4.3.12). */
function namesIn(zip: Buffer): string[] {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  while (at < end) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names.sort();
}

describe('the package', () => {
  test('holds the bundles, what the manifest names, and nothing else', () => {
    expect(namesIn(vsix)).toEqual([
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/LICENSE.txt',
      'extension/changelog.md',
      'extension/dist/cli.js',
      'extension/dist/extension.js',
      'extension/dist/package.json',
      'extension/dist/runner.js',
      'extension/dist/server.js',
      'extension/media/icon.png',
      'extension/package.json',
      'extension/readme.md',
      'extension/syntaxes/concourse-task-yaml.tmLanguage.json',
      'extension/syntaxes/language-configuration.json',
    ]);
  });

  test('is smaller than 1.5 MB', () => {
    expect(vsix.length).toBeLessThan(1_500_000);
  });

  test('its manifest has what VS Code reads and nothing of npm', () => {
    const manifest = manifestOf({
      name: 'tarmac',
      main: './dist/extension.js',
      engines: { vscode: '^1.101.0', node: '>=20' },
      scripts: { test: 'x' },
      devDependencies: { x: '1' },
      type: 'module',
    });
    expect(manifest).toEqual({
      name: 'tarmac',
      main: './dist/extension.js',
      engines: { vscode: '^1.101.0' },
      files: ['**'],
    });
  });

  test('its README has no picture and no link that only the repository can resolve', () => {
    const readme =
      '# T\n\n![a run](docs/images/run.svg)\n\nSee [the rules](docs/rules.md), [there](#there) and [VS Code](https://code.visualstudio.com).\n';
    expect(readmeOf(readme)).toBe(
      '# T\n\nSee the rules, [there](#there) and [VS Code](https://code.visualstudio.com).\n',
    );
  });
});

describe('the manifest', () => {
  test('names only files that are in the package', async () => {
    const { main, icon, contributes } = JSON.parse(await readFile(join(folder, 'staged/package.json'), 'utf8')) as {
      main: string;
      icon: string;
      contributes: { languages: { configuration: string }[]; grammars: { path: string }[] };
    };
    const named = [
      main,
      icon,
      ...contributes.languages.map((each) => each.configuration),
      ...contributes.grammars.map((each) => each.path),
    ];
    expect(namesIn(vsix)).toEqual(expect.arrayContaining(named.map((path) => `extension/${path.replace('./', '')}`)));
  });
});
