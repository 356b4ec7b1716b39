import { expect, test } from 'vitest';
import type { ImageResolution, InputConfig, InputFolder } from '#concourse';
import { noChoices, type Choices } from './choices.ts';
import { firstNeeded, needsAnswer, pageRows, shownPath, type PageFacts } from './rows.ts';

const image = { reference: 'busybox:musl' } as ImageResolution;
const inputs: readonly InputConfig[] = [{ name: 'source' }, { name: 'more', optional: true }];
const guesses = new Map<string, InputFolder>([
  ['source', { input: 'source', directory: '/home/me/app', reason: 'repository-root' }],
]);

function facts(changes: Partial<PageFacts> = {}, choices: Partial<Choices> = {}): PageFacts {
  return {
    cluster: { context: 'kind', namespace: 'ci', isGuess: false },
    image,
    inputs: [],
    guesses,
    params: [],
    vars: [],
    outputs: [],
    store: { kind: 'claim', claim: 'tarmac-artifacts' },
    choices: { ...noChoices, ...choices },
    cwd: '/home/me/app',
    isFolder: (path) => path.startsWith('/home/me'),
    ...changes,
  };
}

/** Rows as `kind name: text (state)`. */
function shown(changes?: Partial<PageFacts>, choices?: Partial<Choices>): string[] {
  return pageRows(facts(changes, choices)).map(({ kind, name, text, state }) => `${kind} ${name}: ${text} (${state})`);
}

test('cluster and image come first, a guess says that it is one', () => {
  expect(shown({ cluster: { context: 'kind', namespace: 'ci', isGuess: true } })).toEqual([
    'cluster Cluster: kind / ci · current context of kubectl (guess)',
    'image Image: busybox:musl · from the file (known)',
  ]);
});

test.each<readonly [string, Partial<Choices>, readonly string[]]>([
  [
    'guessed with the reason; an optional one without a guess is left out',
    {},
    ['source: app · contains the script of this task (guess)', 'more: left out (optional) (guess)'],
  ],
  [
    'chosen',
    { inputs: { source: '/home/me/app/src', more: 'run:unit-1/built' } },
    ['source: src (known)', 'more: output built of unit-1 (known)'],
  ],
  ['left out on purpose', { inputs: { more: null } }, ['more: left out (optional) (known)']],
  [
    'a folder that is gone, with a guess in its place',
    { inputs: { source: '/gone', more: '/gone' } },
    [
      'source: app · contains the script of this task (guess)',
      'more: /gone is not there any more: choose a folder (needed)',
    ],
  ],
])('inputs: %s', (_what, choices, expected) => {
  const rows = shown({ inputs }, choices).filter((row) => row.startsWith('input'));
  for (const row of expected) expect(rows).toContain(`input ${row}`);
});

test('an input without a guess needs a folder, and Enter goes there', () => {
  const rows = pageRows(facts({ inputs, guesses: new Map() }));
  expect(firstNeeded(rows)).toMatchObject({ kind: 'input', name: 'source', icon: 'warning' });
});

test('a task without an image needs one, unless a variable may be all that is missing', () => {
  const unresolved = { unresolved: 'none' };
  expect(shown({ image: unresolved })[1]).toContain('(needed)');
  const vars = [{ name: 'tag', value: undefined, isSecret: false }];
  expect(shown({ image: unresolved, vars }).slice(1)).toEqual([
    'image Image: known once the variables have values (known)',
    'var tag: enter a value (needed)',
  ]);
});

test('params: no secret is shown, one without a value does not stop the run, and is accepted once', () => {
  const params = [
    { name: 'KEY', origin: 'missing', hidden: false },
    { name: 'TOKEN', value: 'opensesame', origin: 'file', hidden: true },
    { name: 'MODE', value: 'fast', origin: 'variables', vars: ['mode'], hidden: false },
  ] as const;
  expect(shown({ params }).slice(2)).toEqual([
    'param KEY: no value: empty in the task (empty)',
    'param TOKEN: •••••• · from the file (known)',
    'param MODE: fast · from ((mode)) (known)',
  ]);
  expect(firstNeeded(pageRows(facts({ params })))).toBeUndefined();
  expect(needsAnswer(pageRows(facts({ params })))).toBe(true);
  expect(needsAnswer(pageRows(facts({ params }, { leftEmpty: ['KEY'] })))).toBe(false);
});

test('a secret whose value is gone has to be entered again', () => {
  const params = [{ name: 'TOKEN', origin: 'lost', hidden: true }] as const;
  expect(firstNeeded(pageRows(facts({ params })))).toMatchObject({ name: 'TOKEN' });
});

test.each<readonly [string, Partial<PageFacts>, Partial<Choices>, string]>([
  ['kept where there is a store', {}, {}, 'kept in the artifact store tarmac-artifacts (known)'],
  ['downloaded', {}, { outputs: { built: '/home/me/app/out' } }, 'to out (known)'],
  [
    'without a store they are never lost in silence',
    { store: { kind: 'direct' } },
    {},
    'no artifact store in this namespace: choose where it goes (needed)',
  ],
  [
    'unless somebody has said so',
    { store: { kind: 'direct' } },
    { dropOutputs: true },
    'not kept: deleted with the pod (known)',
  ],
])('outputs: %s', (_what, changes, choices, expected) => {
  expect(shown({ ...changes, outputs: ['built'] }, choices).at(-1)).toBe(`output built: ${expected}`);
});

test.each([
  ['/home/me/app', 'app'],
  ['/home/me/app/a/b', 'a/b'],
  ['/home/me/other', '~/other'],
  ['/srv/x', '/srv/x'],
  ['/home/me/application', '~/application'],
])('%s is shown as %s', (path, expected) => {
  expect(shownPath(path, '/home/me/app', '/home/me')).toBe(expected);
});
