/** Texts that have broken servers like this one. */
import type { Random } from './random.ts';

const WORDS = [
  'platform',
  'linux',
  'run',
  'path',
  'args',
  'inputs',
  'name',
  'params',
  'image_resource',
  'source',
  'repository',
  'tag',
  'caches',
  'ttl',
  'jobs',
  'plan',
  'task',
  'config',
  '((',
  '))',
  '((a.b:c))',
  '<<',
  '*a',
  '&a',
  '!!binary',
  '!x',
  '|',
  '>-',
  '---',
  '...',
  '%YAML 1.2',
  '# tarmac: disable=',
  '"',
  "'",
  '\\u',
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '? ',
  ',',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\n  ',
  '\n    ',
  '\ufeff',
  '\u2028',
  '\0',
  '\ud800',
  '😀',
  '$NAME',
  '${NAME:-',
  '`',
  '../',
  '/',
  '0777',
  '1e400',
  '.inf',
  '~',
];

/** Words of tasks, of YAML and of shells in no order. */
export function randomWords(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.pick(WORDS)).join('');
}

/** Any bytes, read as an editor reads a file that is none. */
export function randomBytes(random: Random, count: number): string {
  return new TextDecoder().decode(Uint8Array.from({ length: count }, () => random.integer(256)));
}

/** A text with a few places changed: something removed, doubled or put in. */
export function mutated(random: Random, text: string): string {
  let result = text;
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const at = random.integer(result.length + 1);
    const length = random.integer(20);
    const middle = random.pick(['', random.pick(WORDS), result.slice(at, at + length).repeat(2)]);
    result = result.slice(0, at) + middle + result.slice(at + random.integer(length + 1));
  }
  return result;
}

const HEAD = 'platform: linux\nrun:\n  path: make\n';

/** Texts whose size is given; each must take time that grows with the size only. */
export const GROWING: Readonly<Record<string, (size: number) => string>> = {
  'params with many keys': (size) =>
    `${HEAD}params:\n${Array.from({ length: size / 10 }, (_each, index) => `  K${index}: v\n`).join('')}`,
  'unknown keys at the top': (size) =>
    HEAD + Array.from({ length: size / 8 }, (_each, index) => `k${index}: v\n`).join(''),
  'equal keys': (size) => `${HEAD}params:\n${'  A: 1\n'.repeat(size / 7)}`,
  'many inputs': (size) =>
    `${HEAD}inputs:\n${Array.from({ length: size / 16 }, (_each, index) => `- name: in${index}\n`).join('')}`,
  'many args': (size) => `${HEAD}  args:\n${'  - --flag\n'.repeat(size / 11)}`,
  'one long line': (size) => `platform: ${'x'.repeat(size)}`,
  'one long line of words': (size) => `platform: ${'x '.repeat(size / 2)}`,
  'one long quoted line': (size) => `platform: "${'x\\n'.repeat(size / 3)}"`,
  'one long line of colons': (size) => ': '.repeat(size / 2),
  'one long flow list': (size) => `[${'a,'.repeat(size / 2)}]`,
  'one long flow map': (size) =>
    `${HEAD}params: {${Array.from({ length: size / 8 }, (_each, index) => `a${index}: 1`).join(', ')}}`,
  'a long script': (size) =>
    `platform: linux\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n${'    echo "$A" | grep b >/dev/null\n'.repeat(size / 36)}`,
  'conflict markers': (size) => `<<<<<<< HEAD\n${HEAD}=======\n${HEAD}>>>>>>> main\n`.repeat(size / 90),
  comments: (size) => HEAD + '# tarmac: disable=unknown-key\n'.repeat(size / 30),
  'blank lines': (size) => HEAD + '\n'.repeat(size),
  documents: (size) => `---\n${HEAD}`.repeat(size / 40),
  variables: (size) => `${HEAD}  user: ${'((a))'.repeat(size / 5)}`,
  'half variables': (size) => `${HEAD}  user: ${'(('.repeat(size / 2)}`,
  quotes: (size) => `${HEAD}  user: ${`"'`.repeat(size / 2)}`,
  aliases: (size) =>
    `a: &a {b: c}\nparams:\n${Array.from({ length: size / 10 }, (_each, index) => `  K${index}: *a\n`).join('')}`,
  merges: (size) => `a: &a {b: c}\nparams:\n${'  <<: *a\n'.repeat(size / 9)}`,
  tabs: (size) => '\t'.repeat(size),
  dashes: (size) => '-'.repeat(size),
  'blanks at ends': (size) => `${HEAD}params:\n${'  A: b    \n'.repeat(size / 11)}`,
};

/** Texts that multiply or nest; they must be survived at any size. */
export const BOMBS: Readonly<Record<string, string>> = {
  'a billion laughs': laughs((name) => `[${Array.from({ length: 9 }, () => `*${name}`).join(',')}]`),
  'a billion merges': laughs((name) => `{<<: [${Array.from({ length: 9 }, () => `*${name}`).join(',')}], k: 1}`),
  'an alias of itself': 'a: &a [*a]\nparams: &p {x: *p}\n',
  'a merge of itself': 'params: &p\n  <<: *p\n',
  '10,000 open brackets': '['.repeat(10_000),
  '10,000 brackets': '['.repeat(10_000) + ']'.repeat(10_000),
  '10,000 open braces': '{a: '.repeat(10_000),
  '10,000 dashes': '- '.repeat(10_000),
  '10,000 nested keys': Array.from({ length: 3_000 }, (_each, depth) => `${' '.repeat(depth)}a:\n`).join(''),
  '10,000 question marks': '? '.repeat(10_000),
  '10,000 anchors': '&a '.repeat(10_000),
  '10,000 tags': '!a '.repeat(10_000),
};

function laughs(level: (name: string) => string): string {
  const lines = ['a0: &a0 {k: lol}'];
  for (let depth = 1; depth < 12; depth++) lines.push(`a${depth}: &a${depth} ${level(`a${depth - 1}`)}`);
  return `${HEAD}${lines.join('\n')}\nparams: *a11\n`;
}
