/** Hover: what a key is for, and what a value means for a run. */
import type { Hover } from 'vscode-languageserver';
import { embeddedScripts, referenceText, type TextRange } from '#concourse';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { paramFacts, valueFacts } from './values.ts';
import { keyDetail, keyDocumentation, pageOfTask } from '../facts/key-documentation.ts';
import { locate, type Located } from '../facts/locate.ts';
import { schemaAt, type SchemaPlace } from '../facts/schema-at.ts';
import { scriptVariables } from '../facts/script-variables.ts';
import { code } from '../facts/spelled-out.ts';
import { shownValue } from '../facts/var-values.ts';
import { yamlTokens } from '../facts/yaml-tokens.ts';

/** What is known about a place, as Markdown; null when there is nothing to tell. */
export function hover(request: PlaceRequest): Hover | null {
  const found = varHover(request) ?? scriptHover(request) ?? aliasHover(request) ?? taskHover(request);
  if (!found || found.paragraphs.length === 0) return null;
  return {
    contents: { kind: 'markdown', value: found.paragraphs.join('\n\n') },
    range: lspRange(request.task, found.range),
  };
}

/** Markdown about a part of the text. */
interface Explanation {
  readonly range: TextRange;
  readonly paragraphs: readonly string[];
}

/** `((var))`. */
function varHover({ task, environment, offset }: PlaceRequest): Explanation | undefined {
  const use = task.vars.find(({ range }) => range.start <= offset && offset <= range.end);
  // A variable that an escape hides has the range of its whole scalar.
  if (!use?.reference || !task.text.startsWith('((', use.range.start)) return undefined;
  const { reference, range } = use;
  const title = `Variable ${code(`((${referenceText(reference)}))`)}`;
  if (task.place === 'pipeline') {
    return { range, paragraphs: [title, 'Concourse gives it a value when the pipeline is set or the step runs.'] };
  }
  if (reference.source !== '') {
    return {
      range,
      paragraphs: [title, `Comes from the var source ${code(reference.source)}, which only Concourse asks.`],
    };
  }
  const { vars } = environment;
  if (!vars) return { range, paragraphs: [title, 'No vars file is configured: a run asks for its value.'] };
  const result = vars.values.lookup(reference);
  const files = vars.files.map((file) => code(file)).join(', ');
  switch (result.kind) {
    case 'missing':
      return { range, paragraphs: [title, `Has no value in ${files}: a run asks for it.`] };
    case 'error':
      return { range, paragraphs: [title, result.message] };
    case 'found': {
      const value = shownValue([reference.path, ...reference.fields], result.node);
      return {
        range,
        paragraphs: [
          title,
          `Value: ${code(value)}`,
          `From ${files}${vars.files.length > 1 ? ' (the last one that has it)' : ''}.`,
        ],
      };
    }
  }
}

/** `$NAME` of a param in an inline script. */
function scriptHover({ task, offset }: PlaceRequest): Explanation | undefined {
  for (const script of embeddedScripts(task)) {
    if (offset < script.range.start || offset > script.range.end) continue;
    const at = script.toScriptOffset(offset);
    if (at === undefined) continue;
    const variable = scriptVariables(script.text).find(({ range }) => range.start <= at && at <= range.end);
    if (!variable || task.config.params?.[variable.name] === undefined) continue;
    return { range: script.toFileRange(variable.range), paragraphs: paramFacts(task, variable.name) };
  }
  return undefined;
}

/** `*alias` and `<<`. */
function aliasHover({ task, offset }: PlaceRequest): Explanation | undefined {
  const tokens = yamlTokens(task);
  const token = tokens.find(
    ({ kind, range }) => range.end >= offset && (kind === 'alias' || kind === 'anchor' || kind === 'scalar'),
  );
  if (!token || token.range.start > offset) return undefined;
  const { range, kind } = token;
  const source = task.text.slice(range.start, range.end);
  if (kind === 'scalar') {
    if (source !== '<<') return undefined;
    return {
      range,
      paragraphs: [
        'Merge key: the mapping takes over the keys of the mapping behind it, except those that come later here.',
      ],
    };
  }
  if (kind === 'anchor') {
    return { range, paragraphs: [`Anchor: the value can be used again as ${code(`*${source.slice(1)}`)}.`] };
  }
  const anchor = tokens.findLast(
    (other) =>
      other.kind === 'anchor' &&
      other.range.start < range.start &&
      task.text.slice(other.range.start + 1, other.range.end) === source.slice(1),
  );
  if (!anchor) return { range, paragraphs: [`No anchor ${code(`&${source.slice(1)}`)} comes before this alias.`] };
  const { line } = task.positionAt(anchor.range.start);
  const located = locate(task.root, offset)?.value;
  const value = located?.kind === 'scalar' ? [`Value: ${code(located.text)}`] : [];
  return {
    range,
    paragraphs: [`The value of the anchor ${code(`&${source.slice(1)}`)} in line ${line + 1}.`, ...value],
  };
}

/** Keys and values of the task. */
function taskHover(request: PlaceRequest): Explanation | undefined {
  const { task, offset } = request;
  const found = locate(task.root, offset);
  if (!found) return undefined;
  const schema = schemaAt(found.path, task.config.image_resource?.type);
  if (found.part === 'key') return { range: found.range, paragraphs: keyHover(request, found, schema) };
  return { range: found.range, paragraphs: valueFacts(request, found, schema) };
}

function keyHover(request: PlaceRequest, found: Located, schema: SchemaPlace | undefined): string[] {
  const { task } = request;
  const { path } = found;
  if (path.length === 2 && path[0] === 'params') return paramFacts(task, String(path[1]), found);
  if (!schema?.field) return [];
  const inSource = path[0] === 'image_resource' && path[1] === 'source' && path.length > 2;
  const page = pageOfTask(inSource ? task.config.image_resource?.type : undefined);
  const documentation = keyDocumentation(schema.field, page);
  const detail = keyDetail({ type: schema.type, field: schema.field });
  return [`**${schema.field.key}** (${detail})`, documentation, ...valueFacts(request, found, schema)];
}
