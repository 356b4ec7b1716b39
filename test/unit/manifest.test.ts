import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { manifestText } from '../../scripts/generate/manifest.ts';
import { readSettings } from '../../server/src/settings.ts';

const text = await readFile('package.json', 'utf8');

interface Setting {
  readonly default?: unknown;
  readonly type?: string;
  readonly scope?: string;
  readonly markdownDescription?: string;
}
const manifest = JSON.parse(text) as {
  readonly contributes: { readonly configuration: { readonly properties: Record<string, Setting> }[] };
};
const settings = Object.assign({}, ...manifest.contributes.configuration.map(({ properties }) => properties)) as Record<
  string,
  Setting
>;

test('rules and globs in the manifest are those of the code (npm run generate)', async () => {
  expect(await manifestText(text)).toBe(text);
});

test.each(Object.entries(settings))('%s has a default, a scope, a type and says what it does', (_name, setting) => {
  expect(setting.default).toBeDefined();
  expect(setting.scope).toBeDefined();
  expect(setting.type).toBeDefined();
  expect(setting.markdownDescription).toMatch(/\.\)?$/);
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
