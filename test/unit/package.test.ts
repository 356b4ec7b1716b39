import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAll, root, type BuiltBundle } from '../../scripts/build/bundles.ts';
import { packageFolders } from '../../scripts/package/notices.ts';
import { manifestOf, pack, marketplacePage } from '../../scripts/package/pack.ts';

let folder: string;
let vsix: Buffer;
let built: BuiltBundle[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-package-'));
  const dist = join(folder, 'dist');
  built = await buildAll({ outDir: dist, minify: true });
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
      'extension/ThirdPartyNotices.txt',
      'extension/changelog.md',
      'extension/dist/cli.js',
      'extension/dist/extension.js',
      'extension/dist/language-server.js',
      'extension/dist/package.json',
      'extension/dist/program.js',
      'extension/dist/runner.js',
      'extension/dist/server.js',
      'extension/docs/rules.md',
      'extension/l10n/bundle.l10n.json',
      'extension/media/icon.png',
      'extension/media/pipeline-dark.svg',
      'extension/media/pipeline-light.svg',
      'extension/media/runs.svg',
      'extension/media/task-dark.svg',
      'extension/media/task-light.svg',
      'extension/media/walkthrough/1-sample.svg',
      'extension/media/walkthrough/2-mend.svg',
      'extension/media/walkthrough/3-cluster.svg',
      'extension/media/walkthrough/4-execute.svg',
      'extension/media/walkthrough/5-artifacts.svg',
      'extension/media/walkthrough/6-job.svg',
      'extension/package.json',
      'extension/package.nls.json',
      'extension/readme.md',
      'extension/syntaxes/concourse-task-yaml.tmLanguage.json',
      'extension/syntaxes/language-configuration.json',
      'extension/syntaxes/tarmac-output.tmLanguage.json',
    ]);
  });

  test('has the licence text of each package that is bundled', async () => {
    const notices = (await readFile(join(folder, 'staged/ThirdPartyNotices.txt'), 'utf8')).replace(/\s+/g, ' ');
    const folders = packageFolders(built.flatMap(({ inputs }) => inputs));
    expect(folders).toEqual(
      expect.arrayContaining(['ws', 'yaml', 'tar', 'commander'].map((name) => `node_modules/${name}`)),
    );
    for (const each of folders) {
      const { name, version } = JSON.parse(await readFile(join(root, each, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      expect(notices).toContain(`${name} ${version} (`);
      const file = (await readdir(join(root, each))).find((entry) => /^licen[cs]e/i.test(entry));
      // Two packages come without a file; scripts/package/notices.ts has who wrote them.
      if (file === undefined) expect(['@vscode/l10n', 'proxy-agent-negotiate']).toContain(name);
      else expect(notices).toContain((await readFile(join(root, each, file), 'utf8')).replace(/\s+/g, ' ').trim());
    }
    // tar is published with its own dependencies in one file.
    for (const name of ['minipass', 'minizlib', 'yallist', 'chownr']) expect(notices).toContain(` ${name} `);
    expect(notices).toMatch(/proxy-agent-negotiate [\d.]+ \(MIT\) Copyright \(c\) Nathan Rajlich/);
  });

  test('is smaller than 1.5 MB and has fewer than 60 files', () => {
    expect(vsix.length).toBeLessThan(1_500_000);
    expect(namesIn(vsix).length).toBeLessThan(60);
  });

  test('is the same, byte for byte, when it is built and packed again', async () => {
    const again = join(folder, 'again');
    await buildAll({ outDir: join(again, 'dist'), minify: true });
    await pack(join(again, 'dist'), join(again, 'staged'), join(again, 'tarmac.vsix'));
    expect(vsix.equals(await readFile(join(again, 'tarmac.vsix')))).toBe(true);
  }, 60_000);

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
    expect(marketplacePage(readme)).toBe(
      '# T\n\nSee the rules, [there](#there) and [VS Code](https://code.visualstudio.com).\n',
    );
    const picture = '# T\n\n![a run](images/run.png)\n\nText.\n';
    expect(marketplacePage(picture, new Map([['images/run.png', Buffer.from('PNG')]]))).toBe(
      '# T\n\n![a run](data:image/png;base64,UE5H)\n\nText.\n',
    );
  });

  test('its page has three pictures, says how to try it, and nothing that only a clone has', async () => {
    const page = await readFile(join(folder, 'staged/README.md'), 'utf8');
    expect(page.match(/^!\[[^\]]+\]\(data:image\/png;base64,[A-Za-z0-9+/=]{10000,}\)$/gm)).toHaveLength(3);
    expect(page).toContain('## Try it in 60 seconds');
    expect(page).toContain('## What it needs');
    expect(page).not.toMatch(/npm |CONTRIBUTING|Debian/);
  });
});

describe('the manifest', () => {
  test('names only files that are in the package', async () => {
    const { main, icon, contributes } = JSON.parse(await readFile(join(folder, 'staged/package.json'), 'utf8')) as {
      main: string;
      icon: string;
      contributes: {
        languages: { configuration?: string; icon?: { light: string; dark: string } }[];
        grammars: { path: string }[];
        views: Record<string, { icon: string }[]>;
        viewsContainers: Record<string, { icon: string }[]>;
        walkthroughs: { steps: { media: { svg: string } }[] }[];
      };
    };
    const named = [
      main,
      icon,
      ...contributes.languages
        .flatMap(({ configuration, icon }) => [configuration ?? [], icon?.light ?? [], icon?.dark ?? []])
        .flat(),
      ...Object.values(contributes.views).flatMap((each) => each.map((view) => view.icon)),
      ...Object.values(contributes.viewsContainers).flatMap((each) => each.map((container) => container.icon)),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
      ...contributes.grammars.map((each) => each.path),
    ];
    expect(namesIn(vsix)).toEqual(expect.arrayContaining(named.map((path) => `extension/${path.replace('./', '')}`)));
  });
});
