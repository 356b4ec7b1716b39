import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureKinds } from '#runner/model';
import { failureAdvice, failureGroups } from '../../scripts/generate/failure-guide.ts';
import { GENERATED } from '../../scripts/generate/files.ts';
import { withTexts, type ManifestTexts } from '../../scripts/generate/manifest-texts.ts';

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')].sort();
const read = async (file: string): Promise<string> => readFile(file, 'utf8');

/** Text of a page without its code blocks. */
async function prose(file: string): Promise<string> {
  return (await read(file)).replaceAll(/^```[^]*?^```$/gmu, '');
}

/** As GitHub makes anchors of headings. */
async function anchors(file: string): Promise<string[]> {
  return [...(await prose(file)).matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(pages)('%s: links lead to files and headings that there are', async (page) => {
  const links = [...(await prose(page)).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, link = '']) => link);
  const broken: string[] = [];
  for (const link of links.filter((each) => !each.startsWith('https:'))) {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(file)) broken.push(link);
    else if (anchor !== undefined && file.endsWith('.md') && !(await anchors(file)).includes(anchor)) broken.push(link);
  }
  expect(broken).toEqual([]);
});

test('every page of the guide is listed on its first page', async () => {
  const first = await read('docs/guide/README.md');
  const others = globSync('*.md', { cwd: 'docs/guide' }).filter((file) => file !== 'README.md');
  expect(others.filter((file) => !first.includes(`](${file})`))).toEqual([]);
});

test('settings and commands that pages name are those of the manifest', async () => {
  const texts = JSON.parse(await read('package.nls.json')) as ManifestTexts;
  const manifest = withTexts(
    JSON.parse(await read('package.json')) as {
      contributes: { configuration: { properties: object }[]; commands: { title: string }[] };
    },
    texts,
  );
  const settings = manifest.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
  const titles = manifest.contributes.commands.map(({ title }) => title);
  for (const page of pages.filter((each) => each.startsWith('docs/guide') || each === 'README.md')) {
    const text = await read(page);
    const named = [...text.matchAll(/`(tarmac\.[a-z][\w.]*)`/gu)].map(([, name = '']) => name);
    const called = [...text.matchAll(/\*\*Tarmac: ([^*]+)\*\*/gu)].map(([, title = '']) => title);
    expect(named.filter((name) => !settings.includes(name))).toEqual([]);
    expect(called.filter((title) => !titles.includes(title))).toEqual([]);
  }
});

describe('troubleshooting', () => {
  test('each kind of failure has its place and its words, once', () => {
    expect(failureGroups.flatMap(([, kinds]) => kinds).sort()).toEqual([...failureKinds].sort());
    expect(Object.keys(failureAdvice).sort()).toEqual([...failureKinds].sort());
  });
});

test.each(Object.keys(GENERATED).filter((file) => file.startsWith('docs/guide')))(
  '%s is current (npm run generate)',
  async (file) => {
    const present = await read(file);
    expect(await GENERATED[file]?.(present)).toBe(present);
  },
);
