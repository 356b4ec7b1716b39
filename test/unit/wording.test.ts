/**
 * The words of what users read: the manifest, the messages of the extension, the runner and the command line, the rules, the
 * guide. Phrases that made a native speaker stumble stay out, and the spelling is that of VS Code, which is American.
 */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

/** What is not to be read, and what is better. */
const avoided: readonly (readonly [RegExp, string])[] = [
  [/(?<!\bthere )\b(?:is|are|was|were|be) no (?!longer\b|more\b|other\b)/iu, "is not a …; it isn't a valid …"],
  [/\bstands?\b|\bstanding\b/iu, 'is, appears, is written'],
  [/\bof (?:its|that|this|one) name\b/iu, 'with the same name'],
  [/\bmend(?:s|ed|ing)?\b/iu, 'fix'],
  [/\b(?:go|goes|going|went) on\b/iu, 'keep running, continue'],
  [/\bwhat there is\b/iu, 'name the thing'],
  [/\btakes? part\b/iu, 'is involved'],
  [/\b(?:is|are|was|were|be|been) told\b/iu, 'is shown, is reported, notify'],
  [/\bbends?\b/iu, 'changes'],
  [
    /\bverdict counts\b|\bmost problems shown\b|\bfurther (?:arguments|task)\b|\bas far as they fit\b/iu,
    'see the guide to wording',
  ],
  [
    /\bhas not the\b|\bshown nowhere\b|\bgone with its pod\b|\bkeep no longer\b|\bunpinned\b|\bclosed lid\b/iu,
    'is not, never shown',
  ],
  [
    /\bwhose (?:output|failure|pod)\b(?! (?:does|is checked))|\bwhole output\b|\blook into the (?:artifact )?store\b|\bmake room in\b/iu,
    'which run, full log, clean up',
  ],
  [
    /\bdownload below a folder\b|\baround the task file\b|\bgo on with these\b|\bwho may mount\b/iu,
    'download to folder',
  ],
  [/\b\w*(?:colour|behaviour|honour|favour|neighbour)\w*/iu, 'American spelling: color'],
  [
    /\b(?:un)?(?:author|recogn|organ|normal|initial|summar|minim|serial|custom|optim|synchron|capital)is(?:e|es|ed|er|ing|ation)\b/iu,
    'American spelling: -ize',
  ],
  [/\bmisspelt\b|\bspelt\b|\bcancell(?:ed|ing)\b|\blabell(?:ed|ing)\b|\bwhilst\b|\bcatalogue\b/iu, 'American spelling'],
];

/** Text literals with a blank in them, which are sentences or parts of such; comments are for contributors. */
function literalsOf(code: string): string[] {
  const bare = code.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gmu, '').replaceAll(/\s\/\/\s.*$/gmu, '');
  const found = bare
    .replaceAll(/\$\{[^{}]*\}/gu, '…')
    .matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/gu);
  return [...found].map(([, a, b, c]) => a ?? b ?? c ?? '').filter((text) => text.includes(' '));
}

const sources = globSync('{client,cli,concourse,runner,server,workspace}/src/**/*.ts').filter(
  (file) => !file.endsWith('.test.ts') && !file.includes('/testing/'),
);
const pages = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...globSync('docs/*.md'),
  ...globSync('docs/guide/*.md'),
].filter((file) => !file.endsWith('architecture.md'));

/** `where: text`, of everything that users read. */
async function allTexts(): Promise<{ readonly where: string; readonly text: string }[]> {
  const texts: { readonly where: string; readonly text: string }[] = [];
  const manifest = JSON.parse(await readFile('package.nls.json', 'utf8')) as Record<string, string>;
  for (const [key, text] of Object.entries(manifest)) texts.push({ where: key, text });
  for (const file of sources) {
    for (const text of literalsOf(await readFile(file, 'utf8'))) texts.push({ where: file, text });
  }
  for (const page of pages) {
    (await readFile(page, 'utf8'))
      .split('\n')
      .forEach((text, index) =>
        texts.push({ where: `${page}:${index + 1}`, text: text.replaceAll(/\]\([^)]*\)/gu, ']') }),
      );
  }
  return texts;
}

test('what users read has none of the phrases that read oddly, and American spelling', async () => {
  const texts = await allTexts();
  expect(texts.length).toBeGreaterThan(3000);
  const found = avoided.flatMap(([pattern, better]) =>
    texts.flatMap(({ where, text }) => {
      const match = pattern.exec(text);
      return match ? [`${where}: '${match[0]}' in '${text.slice(0, 120)}' → ${better}`] : [];
    }),
  );
  expect(found).toEqual([]);
});

test.each([
  ["'x' is no key of a task.", true],
  ['There is no kubeconfig.', false],
  ['It is no longer there.', false],
  ['The key stands twice.', true],
  ['a standard output', false],
  ['An input in a directory of its name.', true],
  ['how to mend it', true],
  ['recommended', false],
  ['The run goes on.', true],
  ['a misspelt key', true],
  ['programs print colours', true],
])('%s', (text, isOdd) => expect(avoided.some(([pattern]) => pattern.test(text))).toBe(isOdd));
