import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { manifestText, manifestTextsText } from '../../scripts/generate/manifest.ts';
import { withTexts, type ManifestTexts } from '../../scripts/generate/manifest-texts.ts';
import { TASK_FILE_GLOBS } from '#concourse';
import { readSettings } from '#internal/server/src/protocol/settings.ts';

interface Setting {
  readonly default?: unknown;
  readonly type?: string;
  readonly scope?: string;
  readonly enum?: readonly unknown[];
  readonly enumDescriptions?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
  readonly markdownDescription?: string;
}
interface MenuItem {
  readonly command?: string;
  readonly key?: string;
  readonly win?: string;
  readonly when?: string;
  readonly group?: string;
}
interface Manifest {
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly configuration: {
      readonly id: string;
      readonly title: string;
      readonly order: number;
      readonly properties: Record<string, Setting>;
    }[];
    readonly commands: {
      readonly command: string;
      readonly title: string;
      readonly category?: string;
      readonly icon?: string;
      readonly enablement?: string;
    }[];
    readonly menus: Record<string, MenuItem[]>;
    readonly keybindings: MenuItem[];
    readonly views: Record<string, { readonly id: string; readonly icon?: string }[]>;
    readonly viewsWelcome: { readonly view: string; readonly contents: string; readonly when?: string }[];
    readonly walkthroughs: {
      readonly steps: { readonly id: string; readonly description: string; readonly completionEvents?: string[] }[];
    }[];
  };
}

const text = await readFile('package.json', 'utf8');
const texts = JSON.parse(await readFile('package.nls.json', 'utf8')) as ManifestTexts;
const manifest = withTexts(JSON.parse(text) as Manifest, texts);
const { configuration, commands, menus, keybindings, views, viewsWelcome, walkthroughs } = manifest.contributes;
const settings = Object.assign({}, ...configuration.map(({ properties }) => properties)) as Record<string, Setting>;

/** The client's code, without its tests. */
const client = (
  await Promise.all(
    globSync('client/src/**/*.ts')
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => readFile(file, 'utf8')),
  )
).join('\n');
const idsIn = (code: string, pattern: RegExp): string[] => [...code.matchAll(pattern)].map(([, id = '']) => id);

describe('what follows from the code (npm run generate)', () => {
  test('rules and globs in the manifest are current, and no text is left in it', async () => {
    expect(await manifestText(text)).toBe(text);
  });

  test('its texts are current', async () => {
    const present = await readFile('package.nls.json', 'utf8');
    expect(await manifestTextsText(present)).toBe(present);
  });
});

describe('settings', () => {
  test.each(Object.entries(settings))('%s has a default, a scope, a type and says what it does', (_name, setting) => {
    expect(setting.default).toBeDefined();
    expect(setting.scope).toBeDefined();
    expect(setting.type).toBeDefined();
    expect(setting.markdownDescription).toMatch(/\.\)?$/);
  });

  test.each(Object.entries(settings).filter(([, setting]) => setting.enum))('%s explains each value', (_, setting) => {
    const said = setting.markdownEnumDescriptions ?? setting.enumDescriptions;
    if (_ !== 'tarmac.trace.server') expect(said).toHaveLength(setting.enum?.length ?? 0);
  });

  test('are in groups, each with an id, a title and an order of its own', () => {
    expect(configuration.map(({ order }) => order)).toEqual(configuration.map((_, index) => index + 1));
    expect(configuration.every(({ id, title }) => id !== '' && title !== '')).toBe(true);
  });

  test('link only to settings that there are', () => {
    const links = Object.values(settings).flatMap(({ markdownDescription = '' }) =>
      idsIn(markdownDescription, /`#(tarmac\.[\w.]+)#`/gu),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !(link in settings))).toEqual([]);
  });

  const read = [...client.matchAll(/\.get(?:<[^>]*>)?\('([\w.]+)', ([^()]*)\)/gu)].flatMap(
    ([, name = '', otherwise = '']) => (`tarmac.${name}` in settings ? [[`tarmac.${name}`, otherwise] as const] : []),
  );
  test.each(read)('%s has the same default in the client: %s', (name, otherwise) => {
    const value: unknown = JSON.parse(otherwise.replaceAll("'", '"'));
    expect(value).toEqual(settings[name]?.default);
  });

  test('the defaults in the manifest are those of the server', () => {
    const section: Record<string, unknown> = {};
    for (const [name, setting] of Object.entries(settings)) {
      const path = name.split('.').slice(1);
      const last = path.pop() ?? '';
      let holder = section;
      for (const part of path) holder = (holder[part] ??= {}) as Record<string, unknown>;
      holder[last] = setting.default;
    }
    expect(readSettings(section)).toEqual(readSettings(undefined));
  });

  test('are all read by the client, by the server or by the library of its protocol; what is read is a setting', () => {
    const ofServer: string[] = [];
    const recording = (path: string): object =>
      new Proxy(
        {},
        {
          get: (_, name) => {
            if (typeof name !== 'string') return undefined;
            ofServer.push(`${path}.${name}`);
            return recording(`${path}.${name}`);
          },
        },
      );
    readSettings(recording('tarmac'));
    const holders = ofServer.filter((name) => ofServer.some((other) => other.startsWith(`${name}.`)));
    const leaves = ofServer.filter((name) => !holders.includes(name));
    expect(leaves.filter((name) => !(name in settings))).toEqual([]);
    const ofClient = idsIn(client, /\b(?:all|settings|config|configuration)\.get(?:<[^>]*>)?\('([\w.]+)'/gu).map(
      (name) => `tarmac.${name}`,
    );
    expect(ofClient.filter((name) => !(name in settings))).toEqual([]);
    const known = [...leaves, ...ofClient, 'tarmac.trace.server'];
    expect(Object.keys(settings).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('those that say what runs, where and with which files are restricted, and every restricted one is a setting', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(restrictedConfigurations.filter((name) => !(name in settings))).toEqual([]);
    const cluster = configuration
      .filter(({ id }) => id === 'cluster' || id === 'runs')
      .flatMap(({ properties }) => Object.keys(properties));
    expect(restrictedConfigurations).toEqual(expect.arrayContaining([...cluster, 'tarmac.inputs', 'tarmac.varsFiles']));
  });
});

describe('commands', () => {
  const contributed = commands.map(({ command }) => command);
  /** Called by code only, such as a code lens of the server with arguments that a person cannot give. */
  const internal = ['tarmac.openScript'];
  const registered = [
    ...idsIn(client, /\b(?:registerCommand|register)\(\s*'(tarmac\.\w+)'/gu),
    ...idsIn(client, /^ +'(tarmac\.\w+)': (?:async|\(|on|refresh|\w+,$)/gmu),
  ];

  test('what is contributed is registered, and the other way round', () => {
    expect(new Set(contributed).size).toBe(contributed.length);
    expect([...new Set(registered)].sort()).toEqual([...contributed, ...internal].sort());
  });

  test.each(commands)('$command has a category and a title without it', ({ category, title }) => {
    expect(category).toBe('Tarmac');
    expect(title).not.toMatch(/^Tarmac/u);
  });

  const items = Object.entries(menus).flatMap(([menu, entries]) => entries.map((entry) => ({ menu, ...entry })));

  test('menus, keys, welcomes and the walkthrough refer to commands that there are', () => {
    const linked = [
      ...viewsWelcome.map(({ contents }) => contents),
      ...walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
    ].flatMap((content) => idsIn(content, /\(command:(tarmac\.[\w.]+)/gu));
    const named = [...items, ...keybindings].flatMap(({ command }) => (command === undefined ? [] : [command]));
    const ofViews = Object.values(views).flatMap((each) => each.map(({ id }) => `${id}.focus`));
    expect([...named, ...linked].filter((name) => ![...contributed, ...ofViews].includes(name))).toEqual([]);
  });

  test('those that a menu shows as an icon have one', () => {
    const icons = items.filter(
      ({ menu, group }) =>
        (menu.startsWith('editor/title') || menu.startsWith('view/')) && /^(?:inline|navigation)/u.test(group ?? ''),
    );
    const without = icons.filter(
      ({ command }) => commands.find((each) => each.command === command)?.icon === undefined,
    );
    expect(icons.length).toBeGreaterThan(5);
    expect(without).toEqual([]);
  });

  /** The commands of the context menu of a row. */
  const menuOf = (row: string): readonly string[] =>
    items
      .filter(({ menu, when = '' }) => {
        const [, pattern = String.raw`\b\B`] = /^viewItem =~ \/(.*)\/$/u.exec(when) ?? [];
        return menu === 'view/item/context' && new RegExp(pattern, 'u').test(row);
      })
      .flatMap(({ command }) => command ?? []);

  test.each([
    ['tarmac.output', 'tarmac.pinRun'],
    ['tarmac.output.pinned', 'tarmac.unpinRun'],
    ['tarmac.output.gone', undefined],
    ['tarmac.stored.output', 'tarmac.pinRun'],
    ['tarmac.stored.output.pinned', 'tarmac.unpinRun'],
    ['tarmac.stored.cache', undefined],
    ['tarmac.run.over', undefined],
    ['tarmac.run.active', undefined],
    ['tarmac.run.over.stored', 'tarmac.pinRun'],
    ['tarmac.run.over.pod.why.stored', 'tarmac.pinRun'],
    ['tarmac.run.over.pinned', 'tarmac.unpinRun'],
    ['tarmac.run.over.pod.why.pinned', 'tarmac.unpinRun'],
  ])('%s is kept, or kept no longer: %s', (row, command) => {
    expect(menuOf(row).filter((each) => /pinRun$/iu.test(each))).toEqual(command === undefined ? [] : [command]);
  });

  test('what is kept can be used as before', () => {
    const others = (row: string): string[] => menuOf(row).filter((each) => !/pinRun$/iu.test(each));
    for (const row of ['tarmac.output', 'tarmac.stored.output', 'tarmac.run.over.pod.why']) {
      expect(others(row).length).toBeGreaterThan(3);
      expect(others(`${row}.pinned`)).toEqual(others(row));
    }
    expect(others('tarmac.run.over.stored')).toEqual(others('tarmac.run.over'));
  });

  test('no key of Windows is one with which a layout writes a character', () => {
    // Ctrl and Alt together are AltGr: Ctrl+Alt+E writes € on most layouts of Europe.
    expect(keybindings.length).toBeGreaterThan(1);
    for (const { command, key = '', win = key } of keybindings) {
      const chords = win.split(' ').map((chord) => chord.split('+'));
      expect([command, chords.some((keys) => keys.includes('ctrl') && keys.includes('alt'))]).toEqual([command, false]);
    }
  });

  test('no row of a tree has more than two icons', () => {
    const rows = new Map<string, number>();
    for (const { menu, group, when = '' } of items) {
      if (menu === 'view/item/context' && group?.startsWith('inline') === true) {
        rows.set(when, (rows.get(when) ?? 0) + 1);
      }
    }
    expect([...rows.values()].every((count) => count <= 2)).toBe(true);
  });
});

describe('when clauses', () => {
  const clauses = [
    ...Object.values(menus).flat(),
    ...keybindings,
    ...viewsWelcome,
    ...commands.map(({ enablement }) => ({ when: enablement })),
  ].flatMap(({ when }) => (when === undefined ? [] : [when]));
  const events = walkthroughs.flatMap(({ steps }) => steps.flatMap(({ completionEvents = [] }) => completionEvents));

  test('ask for context keys that the code sets', () => {
    const asked = [...clauses, ...events.filter((event) => event.startsWith('onContext:'))].flatMap((clause) =>
      idsIn(clause, /(?<![\\.\w])(tarmac\.has\w+|tarmac\.\w+Fixed)\b/gu),
    );
    expect(new Set(asked).size).toBeGreaterThan(4);
    expect(asked.filter((key) => !client.includes(`'${key}'`))).toEqual([]);
  });

  test('every step of the walkthrough is ticked off by something that happens', () => {
    expect(walkthroughs.flatMap(({ steps }) => steps)).toHaveLength(6);
    expect(events).toHaveLength(6);
  });
});

test('nothing starts the extension but a workspace with task files, its commands and its views, and an artifact or the page of a rule that is opened', () => {
  // VS Code itself adds languages, commands, views, walkthroughs and task types that are contributed.
  expect(manifest.activationEvents).toEqual([
    'onFileSystem:tarmac-artifact',
    'onFileSystem:tarmac-rule',
    // Runs that go on are followed again, and tests are there, before a task file is opened.
    ...TASK_FILE_GLOBS.map((glob) => `workspaceContains:${glob}`),
  ]);
});
