/** Lint: who may import whom, as `docs/architecture.md` has it. */
import { dirname, relative, resolve, sep } from 'node:path';
import type { Rule } from 'eslint';

/** What one room of the house may import; `docs/architecture.md` has the table in words. */
interface Room {
  /** Faces of other rooms, by their names in `imports` of package.json. `types`: by `import type` only. `lazily`: also by `import()`, never by a plain import. */
  readonly faces: Readonly<Record<string, 'freely' | 'lazily' | 'types'>>;
  /** The only packages allowed, `node:*` among them; without it every package is, but the forbidden ones. */
  readonly onlyPackages?: readonly string[];
  readonly forbiddenPackages?: readonly string[];
}

const kubernetes = '@kubernetes/client-node';

/** The house: for each room what it may import. */
export const rooms: Readonly<Record<string, Room>> = {
  concourse: { faces: {}, onlyPackages: ['yaml'] },
  workspace: { faces: { '#concourse': 'freely' }, onlyPackages: ['picomatch', 'node:*'] },
  server: {
    faces: { '#concourse': 'freely', '#workspace': 'freely', '#workspace/compile-cache': 'freely' },
    onlyPackages: ['vscode-languageserver', 'vscode-languageserver-textdocument', 'yaml', 'node:*'],
  },
  runner: {
    faces: { '#concourse': 'freely' },
    forbiddenPackages: ['vscode', 'vscode-languageserver', 'vscode-languageclient', 'commander'],
  },
  client: {
    faces: {
      '#runner': 'lazily',
      '#runner/model': 'lazily',
      '#runner/format': 'freely',
      '#runner/earlier-output': 'freely',
      '#concourse': 'types',
    },
    forbiddenPackages: ['vscode-languageserver', 'yaml', 'commander', kubernetes],
  },
  cli: {
    faces: {
      '#runner': 'freely',
      '#runner/model': 'freely',
      '#workspace': 'freely',
      '#workspace/compile-cache': 'freely',
      '#concourse': 'freely',
    },
    forbiddenPackages: ['vscode', 'vscode-languageserver', 'vscode-languageclient', kubernetes],
  },
};

/** What tests and scripts reach a room's inner modules by: `#internal/<path from the root>`. */
const inner = '#internal/';

/** Folders of ours that no room may import from: they are built on top of the rooms. */
const above = ['test', 'scripts', 'dist', 'out', 'build'];

/** How a module is named in an import, and how it is imported. */
interface Import {
  readonly specifier: string;
  readonly how: 'statically' | 'lazily' | 'type';
}

/** Why a file of `room` may not have this import, or undefined when it may. `target` is the path of a relative import, from the root. */
function objection(room: string, { specifier, how }: Import, target: string | undefined): string | undefined {
  const allowed = rooms[room];
  if (target !== undefined) {
    const folder = target.split('/')[0] ?? '';
    if (folder === room) return undefined;
    if (allowed !== undefined && above.includes(folder)) return `does not import ${folder}/`;
    return folder in rooms ? `imports ${folder}/ by its name, never by a path` : undefined;
  }
  if (allowed === undefined) return undefined;
  if (specifier.startsWith('#')) {
    const way = allowed.faces[specifier];
    if (way === undefined) return `does not import ${specifier}`;
    if (way === 'types' && how !== 'type') return `imports only types of ${specifier} (import type)`;
    if (way === 'lazily' && how === 'statically') return `loads ${specifier} lazily (import()), or imports its types`;
    return undefined;
  }
  const matches = (name: string): boolean =>
    name.endsWith(':*')
      ? specifier.startsWith(name.slice(0, -1))
      : specifier === name || specifier.startsWith(`${name}/`);
  if (allowed.onlyPackages !== undefined && !allowed.onlyPackages.some(matches)) return `does not import ${specifier}`;
  if (allowed.forbiddenPackages?.some(matches) === true) return `does not import ${specifier}`;
  return undefined;
}

/** Whether a path from the root lies in a folder that is built on top of the rooms. */
const isAbove = (target: string): boolean => above.includes(target.split('/')[0] ?? '');

/** The literal text of a module specifier, or undefined for one that is computed. */
function literal(node: unknown): string | undefined {
  const { value } = (node ?? {}) as { value?: unknown };
  return typeof value === 'string' ? value : undefined;
}

/**
 * Lint rule: a file in `<room>/src` imports only what the table of its room allows, in whatever way it imports:
 * statically, by re-export, by `import()` or in a type. Rooms are imported by name, from everywhere. Tests and scripts may
 * import packages, and reach inner modules by `#internal/`.
 */
export const roomsRule: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { forbidden: '{{room}}/ {{why}}: see docs/architecture.md.' },
  },
  create(context) {
    const path = relative(context.cwd, context.filename).split(sep);
    const room = path[0];
    if (room === undefined || (room in rooms && path[1] !== 'src')) return {};
    const isTest = context.filename.endsWith('.test.ts');

    const check = (node: Rule.Node, source: unknown, how: Import['how']): void => {
      const specifier = literal(source);
      if (specifier === undefined) return;
      const target = specifier.startsWith('.')
        ? relative(context.cwd, resolve(dirname(context.filename), specifier))
            .split(sep)
            .join('/')
        : undefined;
      const isOfTest =
        target === undefined ? !specifier.startsWith('#') || specifier.startsWith(inner) : isAbove(target);
      if (isTest && isOfTest) return;
      const why = objection(room, { specifier, how }, target);
      if (why !== undefined) context.report({ node, messageId: 'forbidden', data: { room, why } });
    };
    const isType = (node: Rule.Node): boolean => {
      const { importKind, exportKind } = node as { importKind?: string; exportKind?: string };
      return importKind === 'type' || exportKind === 'type';
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, isType(node) ? 'type' : 'statically'),
      ExportNamedDeclaration: (node) => check(node, node.source, isType(node) ? 'type' : 'statically'),
      ExportAllDeclaration: (node) => check(node, node.source, isType(node) ? 'type' : 'statically'),
      ImportExpression: (node) => check(node, node.source, 'lazily'),
      // `import('x').T` in a type, and `import x = require('x')`: nodes of typescript-eslint's tree, unknown to ESLint's types.
      TSImportType: (node: Rule.Node) => check(node, (node as unknown as { source?: unknown }).source, 'type'),
      TSExternalModuleReference: (node: Rule.Node) =>
        check(node, (node as unknown as { expression?: unknown }).expression, 'statically'),
    };
  },
};
