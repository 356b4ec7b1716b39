/** Whether a name may become another one, in words for whoever asked. */
import { entryOf, resolveScalar, type TaskDocument } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { shellFile } from '../facts/local-file.ts';
import { inlineVariables } from './params.ts';
import { scriptVariables } from '../facts/script-variables.ts';
import { symbolsOf } from './symbols.ts';
import type { TaskSymbol } from './symbol.ts';

/** Concourse's rule for the names of artifacts (concourse docs, config basics, identifier schema; atc/validate.go). */
const IDENTIFIER = /^[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d][\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d\-_.]*$/u;

/** Why a symbol cannot get a new name; undefined when it can. */
export function objection(request: FeatureRequest, symbol: TaskSymbol, newName: string): string | undefined {
  if (newName === '') return `Type a new name for the ${symbol.title} '${symbol.name}'.`;
  switch (symbol.kind) {
    case 'anchor':
      return anchorObjection(request, symbol, newName);
    case 'param':
      return paramObjection(request, symbol, newName);
    case 'artifact':
      return identifierObjection(symbol, newName) ?? artifactClash(request.task, symbol, newName);
    case 'directory':
      return directoryObjection(request, symbol, newName);
    case 'var':
      return 'A ((var)) is defined outside of this file, so it cannot be renamed from here.';
  }
}

function anchorObjection(request: FeatureRequest, symbol: TaskSymbol, newName: string): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(newName)) {
    return `'${newName}' cannot be the name of an anchor: Concourse's YAML reader takes letters, digits, - and _ only.`;
  }
  const taken = symbolsOf(request).some(
    (other) => other.kind === 'anchor' && other !== symbol && other.name === newName,
  );
  return taken ? `There is an anchor '&${newName}' already: an alias would mean the wrong one.` : undefined;
}

function paramObjection(request: FeatureRequest, symbol: TaskSymbol, newName: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(newName)) {
    return `'${newName}' cannot be used as $${symbol.name}: a shell variable has letters, digits and _ only, and no digit first.`;
  }
  if (!isText(newName)) return notText(newName);
  const params = entryOf(request.task.root, 'params')?.value;
  if (newName !== symbol.name && params?.kind === 'map' && params.entries.some(({ name }) => name === newName)) {
    return `There is a param '${newName}' already. Choose another name.`;
  }
  const file = shellFile(request);
  const used =
    inlineVariables(request.task).has(newName) ||
    (file && scriptVariables(file.text).some(({ name }) => name === newName));
  return used === true && newName !== symbol.name
    ? `The script uses a variable '${newName}' already, which would become the param. Choose another name.`
    : undefined;
}

function identifierObjection(symbol: TaskSymbol, newName: string): string | undefined {
  if (/^\d+$/.test(newName)) return `'${newName}' cannot be the name of an ${symbol.title}: it is just a number.`;
  if (!IDENTIFIER.test(newName)) {
    return `'${newName}' cannot be the name of an ${symbol.title}: Concourse wants a lowercase letter or digit first, then lowercase letters, digits, -, _ and dots.`;
  }
  return isText(newName) ? undefined : notText(newName);
}

/** Another input, or another output, has the name. */
function artifactClash(task: TaskDocument, symbol: TaskSymbol, newName: string): string | undefined {
  if (newName === symbol.name) return undefined;
  const list = symbol.title === 'output' ? task.config.outputs : task.config.inputs;
  return list?.some(({ name }) => name === newName)
    ? `There is an ${symbol.title} '${newName}' already. Choose another name.`
    : undefined;
}

function directoryObjection(request: FeatureRequest, symbol: TaskSymbol, newName: string): string | undefined {
  if (newName === symbol.name) return undefined;
  const others = symbolsOf(request).filter((other) => other.kind === 'directory' && other !== symbol);
  const taken = others.find(({ name }) => name === newName);
  if (taken) return `The ${taken.title} '${newName}' has this directory already. Choose another name.`;
  const { task } = request;
  const named = declaresName(task, symbol);
  if (named !== undefined) {
    const own = { ...symbol, title: named };
    return identifierObjection(own, newName) ?? artifactClash(task, own, newName);
  }
  // A path of its own may have several parts, but must stay plain: it stands unquoted in YAML and in scripts.
  const parts = newName.split('/');
  const plain = /^[\p{L}\p{N}_.@+/-]+$/u.test(newName) && !newName.startsWith('-') && !newName.includes('..');
  if (!plain || parts.includes('') || parts.includes('.')) {
    return `'${newName}' cannot be the path of the ${symbol.title}: write names with / between them, without blanks, quotes or '..'.`;
  }
  return isText(newName) ? undefined : notText(newName);
}

/** Whether the directory is spelled by the name of an input or output, and of which. */
function declaresName(task: TaskDocument, symbol: TaskSymbol): 'input' | 'output' | undefined {
  const by = (list: readonly { readonly name: string; readonly path?: string }[] | undefined): boolean =>
    list?.some(({ name, path }) => path === undefined && name === symbol.name) ?? false;
  if (by(task.config.inputs)) return 'input';
  return by(task.config.outputs) ? 'output' : undefined;
}

/** Whether a word without quotes stays a text in YAML. */
function isText(word: string): boolean {
  const resolution = resolveScalar(word, '', true);
  return resolution.ok && typeof resolution.value === 'string';
}

function notText(word: string): string {
  return `YAML does not read '${word}' as a text but as a number, a truth value or null. Choose another name.`;
}
