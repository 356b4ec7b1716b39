/** Lint: no imports go in a circle, those of types among them. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Rule } from 'eslint';
import ts from 'typescript';

/** Reads the modules of the house as they are on the disk. A file is read again when it has changed. */
class ImportGraph {
  readonly #root: string;
  readonly #names: ReadonlyMap<string, string>;
  readonly #known = new Map<string, { readonly changed: number; readonly imports: readonly string[] }>();

  /** @param root the folder with `package.json`, whose `imports` name the rooms */
  constructor(root: string) {
    this.#root = root;
    const { imports = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      imports?: Record<string, string>;
    };
    this.#names = new Map(Object.entries(imports));
  }

  /** The file of ours that an import means, as an absolute path; undefined for a package. */
  resolve(file: string, specifier: string): string | undefined {
    if (specifier.startsWith('.')) return resolve(dirname(file), specifier);
    const whole = this.#names.get(specifier);
    if (whole !== undefined) return join(this.#root, whole);
    for (const [name, target] of this.#names) {
      if (name.endsWith('*') && specifier.startsWith(name.slice(0, -1))) {
        return join(this.#root, target.replace('*', specifier.slice(name.length - 1)));
      }
    }
    return undefined;
  }

  /** What a file imports of ours, in any way: types too, and what is loaded later. */
  importsOf(file: string): readonly string[] {
    if (!file.endsWith('.ts')) return [];
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined) return [];
    const known = this.#known.get(file);
    if (known?.changed === changed) return known.imports;
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
    const imports = importedFiles.flatMap(({ fileName }) => this.resolve(file, fileName) ?? []);
    this.#known.set(file, { changed, imports });
    return imports;
  }

  /** The shortest way from one file to another over their imports; undefined when there is none. */
  way(from: string, to: string): readonly string[] | undefined {
    const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
    for (const file of cameFrom.keys()) {
      if (file === to) {
        const way: string[] = [];
        for (let step: string | undefined = file; step !== undefined; step = cameFrom.get(step)) way.unshift(step);
        return way;
      }
      for (const next of this.importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
    }
    return undefined;
  }
}

const graphs = new Map<string, ImportGraph>();

function graphOf(root: string): ImportGraph {
  const graph = graphs.get(root) ?? new ImportGraph(root);
  graphs.set(root, graph);
  return graph;
}

/**
 * Lint rule: no import leads back to its own file, not even one of a type: what two files need of each other lies in a
 * third. The message names the whole circle.
 */
export const circlesRule: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { circle: 'This import closes a circle: {{circle}}.' },
  },
  create(context) {
    const file = context.filename;
    const shown = (path: string): string => relative(context.cwd, path).split(sep).join('/');
    const check = (node: Rule.Node, source: unknown): void => {
      const { value } = (source ?? {}) as { value?: unknown };
      if (typeof value !== 'string') return;
      const graph = graphOf(context.cwd);
      const target = graph.resolve(file, value);
      const way = target === undefined ? undefined : graph.way(target, file);
      if (way) context.report({ node, messageId: 'circle', data: { circle: [file, ...way].map(shown).join(' → ') } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      // `import('x').T` in a type: a node of typescript-eslint's tree, unknown to ESLint's types.
      TSImportType: (node: Rule.Node) => check(node, (node as unknown as { source?: unknown }).source),
    };
  },
};
