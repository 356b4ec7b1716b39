/** docs/guide/settings.md: the settings of the manifest. */
import { readFile } from 'node:fs/promises';
import { withTexts, type ManifestTexts } from './manifest-texts.ts';

interface Setting {
  readonly order?: number;
  readonly scope: string;
  readonly type: string;
  readonly default: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
  readonly markdownDescription: string;
}

interface Group {
  readonly title: string;
  readonly order: number;
  readonly properties: Readonly<Record<string, Setting>>;
}

interface Manifest {
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: { readonly configuration: readonly Group[] };
}

/** Who may set it, in the words of VS Code's settings editor. */
const scopes: Readonly<Record<string, string>> = {
  resource: 'user, workspace, folder',
  window: 'user, workspace',
  'machine-overridable': 'user, workspace; not synchronized between machines',
};

const introduction = `# Settings

All of them are in VS Code's settings under *Tarmac*. The command line has flags instead, see [commands](cli.md). What a workspace says
in a setting marked *trusted* is ignored until the workspace is trusted, because the setting decides what is sent where.
`;

/** In a page a link to a setting is one to its heading, and the command that shows the rules is a link to their page. */
function linked(text: string): string {
  return text
    .replaceAll(/`#(tarmac\.[\w.]+)#`/gu, (_, name: string) => `[\`${name}\`](#${anchor(name)})`)
    .replaceAll(/`#([\w.]+)#`/gu, '`$1`')
    .replace('(command:tarmac.openRules)', '(../rules.md)');
}

/** As GitHub makes an anchor of a heading. */
function anchor(name: string): string {
  return name.toLowerCase().replaceAll('.', '');
}

function section(name: string, setting: Setting, trusted: boolean): string {
  const values = setting.enum?.map((value, index) => {
    const said = (setting.markdownEnumDescriptions ?? setting.enumDescriptions)?.[index];
    return `  - \`${value}\`${said === undefined ? '' : `: ${said}`}`;
  });
  return [
    `### ${name}`,
    '',
    linked(setting.markdownDescription),
    '',
    `- Default: \`${JSON.stringify(setting.default)}\` (${setting.type})`,
    ...(values ? ['- Values:', ...values] : []),
    `- Set by: ${scopes[setting.scope] ?? setting.scope}${trusted ? '; *trusted*' : ''}`,
    '',
  ].join('\n');
}

/** The text of the page. */
export async function settingsPage(): Promise<string> {
  const texts = JSON.parse(await readFile('package.nls.json', 'utf8')) as ManifestTexts;
  const manifest = withTexts(JSON.parse(await readFile('package.json', 'utf8')) as Manifest, texts);
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  const groups = manifest.contributes.configuration.map(({ title, properties }) =>
    [
      `## ${title}`,
      '',
      ...Object.entries(properties).map(([name, setting]) =>
        section(name, setting, restrictedConfigurations.includes(name)),
      ),
    ].join('\n'),
  );
  return [introduction, ...groups].join('\n');
}
