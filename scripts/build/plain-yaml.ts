/**
 * The `yaml` package as the bundles have it: the same code, with plain functions in place of most of its generators.
 *
 * Its lexer and parser are generators that call generators, several for each word of a text, although they stop for
 * nobody in between. That, and a look at the environment for each word, is more than half of the time from a keystroke
 * to its diagnostics. Here what they yield is put into a list instead, and the generators at the door empty it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** The package's build for browsers: the same sources as modules, without looks at the environment. */
const PACKAGE = 'node_modules/yaml/browser/dist';
/** Our lexer overrides methods of the package's: they have to be of the same kind. */
const FILES =
  /[\\/](?:yaml[\\/]browser[\\/]dist[\\/](?:parse[\\/](?:lexer|parser)|schema[\\/]yaml-1\.1[\\/]binary)\.js|concourse[\\/]src[\\/]yaml[\\/]lexer\.ts)$/;

/** Thrown when the package is not as it is known here: another version of it needs another look. */
export class UnknownYamlError extends Error {
  override name = 'UnknownYamlError';
}

/** What the doors do: how they were, and how they hand out what was found. */
const DOORS: readonly (readonly [file: RegExp, before: string, after: string])[] = [
  [/lexer\.js$/, 'this.pos = 0;\n    }', 'this.pos = 0;\n        this.found = [];\n    }'],
  [
    /lexer\.js$/,
    'next = this.parseNext(next);',
    `{
            next = this.parseNext(next);
            const found = this.found;
            if (found.length > 0) {
                this.found = [];
                yield* found;
            }
        }`,
  ],
  [/lexer\.js$/, '    lex(source, incomplete', '    *lex(source, incomplete'],
  [/parser\.js$/, 'this.stack = [];', 'this.stack = [];\n        this.found = [];'],
  [/parser\.js$/, '    parse(source, incomplete', '    *parse(source, incomplete'],
  [/parser\.js$/, '            this.next(lexeme);', '            yield* this.next(lexeme);'],
  [/parser\.js$/, '            this.end();', '            yield* this.end();'],
  [/parser\.js$/, '    next(source) {', `    next(source) {${handOut('advance(source)')}\n    advance(source) {`],
  // As in the package's build for Node: `atob` throws where `Buffer` goes on.
  [
    /binary\.js$/,
    "if (typeof atob === 'function') {",
    "if (typeof atob === 'function') {\n            return Buffer.from(src, 'base64');",
  ],
  [/parser\.js$/, '    end() {', `    end() {${handOut('finish()')}\n    finish() {`],
];

/** Most words complete nothing: the list that they hand out is the same empty one. */
function handOut(call: string): string {
  return `
        if (this.found.length > 0)
            this.found = [];
        this.${call};
        return this.found;
    }`;
}

/**
 * One file with plain functions.
 *
 * @throws {UnknownYamlError} when something in it is not as expected
 */
export function withoutGenerators(file: string, source: string): string {
  // Comments speak of what was yielded, in lines that begin with an asterisk.
  let plain = source
    .replaceAll(/^(\s+(?:override )?)\*(\w+\()/gm, '$1$2')
    .replaceAll(/Generator<\w+, (\w+)>/g, '$1')
    .replaceAll('yield* ', '')
    .replaceAll(/^(\s*)yield ([^;]+);$/gm, '$1this.found.push($2);');
  if (/^(?!\s*\*).*\byield\b/m.test(plain)) {
    throw new UnknownYamlError(`${file} yields in a way that is not known`);
  }
  for (const [where, before, after] of DOORS) {
    if (!where.test(file)) continue;
    const at = plain.indexOf(before);
    if (at < 0 || plain.includes(before, at + 1)) {
      throw new UnknownYamlError(`${file} does not have exactly one ${JSON.stringify(before)}`);
    }
    plain = plain.slice(0, at) + after + plain.slice(at + before.length);
  }
  return plain;
}

/** Puts that package in the place of `yaml`. */
export const plainYaml: Plugin = {
  name: 'plain-yaml',
  setup(build) {
    const folder = join(build.initialOptions.absWorkingDir ?? process.cwd(), PACKAGE);
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: join(folder, 'index.js'), sideEffects: false }));
    build.onLoad({ filter: FILES }, async ({ path }) => ({
      contents: withoutGenerators(path, await readFile(path, 'utf8')),
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }));
  },
};
