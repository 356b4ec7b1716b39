/** VS Code's own tokenizer with its own YAML and shell grammars and ours on top, outside of a window. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';

/** A part of a line with the scopes it has, the outermost first. */
export interface ScopedText {
  readonly text: string;
  readonly scopes: readonly string[];
}

const root = resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);

interface GrammarContribution {
  readonly scopeName: string;
  readonly path: string;
}

/** Where each scope's grammar is, as the manifests of extensions say. */
async function grammarsOf(extensions: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const extension of extensions) {
    const manifest = JSON.parse(await readFile(join(extension, 'package.json'), 'utf8')) as {
      contributes: { grammars: GrammarContribution[] };
    };
    for (const { scopeName, path } of manifest.contributes.grammars) files.set(scopeName, join(extension, path));
  }
  return files;
}

/**
 * The grammar of task files.
 *
 * @param server main script of an installed VS Code
 */
export async function taskGrammar(server: string): Promise<IGrammar> {
  const builtIn = join(dirname(server), '..', 'extensions');
  const files = await grammarsOf([join(builtIn, 'yaml'), join(builtIn, 'shellscript'), root]);
  const wasm = await readFile(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => {
      const file = files.get(scope);
      return file === undefined ? null : textmate.parseRawGrammar(await readFile(file, 'utf8'), file);
    },
  });
  const grammar = await registry.loadGrammar('source.yaml.concourse-task');
  if (grammar === null) throw new Error('The manifest contributes no grammar for task files.');
  return grammar;
}

/** The parts of a text with their scopes, blanks left out. */
export function scopesOf(grammar: IGrammar, text: string): ScopedText[] {
  const parts: ScopedText[] = [];
  let state = textmate.INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const part = line.slice(startIndex, endIndex).trim();
      if (part !== '') parts.push({ text: part, scopes });
    }
  }
  return parts;
}
