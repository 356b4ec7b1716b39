/** Which values of `((vars))` are secrets, as far as their names tell. */
import { parse } from 'yaml';
import { looksSecret, secretTexts } from './secret-names.ts';

/** Where variables come from, as the command line is given them. */
export interface SecretVarSources {
  /** `NAME=STRING`. */
  readonly strings: readonly string[];
  /** `NAME=YAML`. */
  readonly yaml: readonly string[];
  readonly files: readonly { readonly text: string }[];
}

/** Values of variables that are marked, or whose names look secret. What is no YAML is reported elsewhere. */
export function secretVars({ strings, yaml, files }: SecretVarSources, marked: readonly string[]): string[] {
  const isSecret = (name: string): boolean => marked.includes(name) || looksSecret(name);
  const named = (pair: string, read: (text: string) => unknown): string[] => {
    const at = pair.indexOf('=');
    return at < 0 ? [] : secretTexts(read(pair.slice(at + 1)), isSecret, isSecret(pair.slice(0, at)));
  };
  return [
    ...strings.flatMap((pair) => named(pair, (text) => text)),
    ...yaml.flatMap((pair) => named(pair, parsed)),
    ...files.flatMap(({ text }) => secretTexts(parsed(text), isSecret)),
  ];
}

function parsed(text: string): unknown {
  try {
    return parse(text, { merge: true });
  } catch {
    return undefined;
  }
}
