/**
 * Go to definition: an input, output or param to its declaration, an alias to its anchor, a `((var))` to the files that
 * define it, a path below an input to the local file.
 */
import type { LocationLink } from 'vscode-languageserver';
import { type ConfiguredVars, decodeTask, type TextRange, type VarReference } from '#concourse';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { commandFile, localFiles } from '../facts/local-file.ts';
import { pathUses } from '../facts/path-uses.ts';
import { FILE_START, fileUri, rangesIn } from '../facts/places.ts';
import { symbolAt } from './symbols.ts';
import { pathSteps } from '../facts/task-paths.ts';
import { holds, trimmed } from '../facts/text-ranges.ts';
import { entryNamed } from '../facts/vars-file.ts';

/** Where the thing at a place is defined; empty when nothing is known about it. */
export function definition(request: PlaceRequest): LocationLink[] {
  const { task, uri, offset, environment } = request;
  const variable = task.vars.find(({ range }) => holds(range, offset));
  if (variable?.reference) {
    const origin = lspRange(task, variable.range);
    return varDefinitions(environment.vars, variable.reference, request).map((link) => ({
      ...link,
      originSelectionRange: origin,
    }));
  }
  const file = fileAt(request);
  const at = symbolAt(request, offset);
  // On `repo` of `repo/ci/unit.sh` the input is meant, on the rest of the path the file.
  if (at === undefined || (file && at.occurrence.role !== 'declaration' && !holds(at.occurrence.range, offset))) {
    return file ? [fileLink(request, file)] : [];
  }
  const { symbol, occurrence } = at;
  const declarations = symbol.occurrences.filter(({ role }) => role === 'declaration');
  return declarations.map(({ range }) => ({
    originSelectionRange: lspRange(task, occurrence.range),
    targetUri: uri,
    targetRange: lspRange(task, symbol.declarations.get(range.start) ?? range),
    targetSelectionRange: lspRange(task, range),
  }));
}

/** A path in the task and the local file that it leads to. */
interface FileAt {
  readonly origin: TextRange;
  readonly path: string;
}

/** The local file that the path at the offset names. */
function fileAt(request: PlaceRequest): FileAt | undefined {
  const { task, offset } = request;
  const localFile = localFiles(request);
  for (const { use, reader } of pathUses(task)) {
    const origin = use.rangeOf({ start: 0, end: use.text.length });
    if (!holds(origin, offset)) continue;
    const whole = pathSteps(use.text, use.base, reader).at(-1);
    const path = whole && localFile(whole.path);
    if (path !== undefined) return { origin, path };
  }
  // A file given to a shell without a slash: `sh unit.sh` in the directory of an input.
  const command = commandFile(request);
  const named = command && task.rangeOf(command.named);
  return command && named && holds(named, offset) ? { origin: named, path: command.local } : undefined;
}

function fileLink({ task }: PlaceRequest, { origin, path }: FileAt): LocationLink {
  return {
    originSelectionRange: lspRange(task, origin),
    targetUri: fileUri(path),
    targetRange: FILE_START,
    targetSelectionRange: FILE_START,
  };
}

/** Where the configured files give a value to a variable: the file that counts first. */
function varDefinitions(
  vars: ConfiguredVars | undefined,
  reference: VarReference,
  { environment }: PlaceRequest,
): LocationLink[] {
  // Files hold static variables only; `((vault:x))` is the server's.
  if (reference.source !== '') return [];
  return [...(vars?.files ?? [])].reverse().flatMap((path) => {
    const text = environment.files?.read(path);
    const entry = text === undefined ? undefined : entryNamed(decodeTask(text).root, reference);
    if (text === undefined || !entry) return [];
    const toRange = rangesIn(text);
    const start = entry.key.range.start;
    return [
      {
        targetUri: fileUri(path),
        targetRange: toRange(trimmed(text, { start, end: Math.max(entry.key.range.end, entry.value.range.end) })),
        targetSelectionRange: toRange(entry.key.range),
      },
    ];
  });
}
