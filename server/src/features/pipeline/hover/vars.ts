/** What gives a `((var))` of a pipeline its value. */
import { entryOf, referenceText, type TextRange, traceFlow, type VarReference } from '#concourse';
import { code } from '../../facts/spelled-out.ts';
import { holds } from '../../facts/text-ranges.ts';
import { shownValue } from '../../facts/var-values.ts';
import { everyStep, itemsOf, jobsOf, mappingsIn, textAt, textNode } from '../model.ts';
import type { PipelinePlaceRequest } from '../request.ts';
import { stepAt } from '../spots.ts';

/** Markdown paragraphs about the variable at a place; undefined where there is none. */
export function pipelineVarFacts(
  request: PipelinePlaceRequest,
): { readonly range: TextRange; readonly paragraphs: readonly string[] } | undefined {
  const { source, offset } = request;
  const use = source.vars.find(({ range }) => holds(range, offset));
  // A variable that an escape hides has the range of its whole scalar.
  if (!use?.reference || !source.text.startsWith('((', use.range.start)) return undefined;
  const title = `Variable ${code(`((${referenceText(use.reference)}))`)}`;
  return { range: use.range, paragraphs: [title, ...originOf(request, use.reference)] };
}

function originOf(request: PipelinePlaceRequest, reference: VarReference): string[] {
  if (reference.source === '.') return localOrigin(request, reference.path);
  if (reference.source !== '') return sourceOrigin(request, reference.source);
  const vars = request.vars?.();
  if (!vars) {
    return [
      'It gets its value when the pipeline is set (`fly -v`, `-l`), else from the credential manager of Concourse when it is used. The setting `tarmac.varsFiles` names no file with values.',
    ];
  }
  const files = vars.files.map((file) => code(file)).join(', ');
  const result = vars.values.lookup(reference);
  switch (result.kind) {
    case 'found': {
      const value = shownValue([reference.path, ...reference.fields], result.node);
      return [`Value: ${code(value)}`, `From ${files}${vars.files.length > 1 ? ' (the last one that has it)' : ''}.`];
    }
    case 'missing':
      return [`Has no value in ${files}: the credential manager of Concourse is asked for it when it is used.`];
    case 'error':
      return [result.message];
  }
}

function sourceOrigin({ source }: PipelinePlaceRequest, name: string): string[] {
  const node = mappingsIn(source.root, 'var_sources').find((each) => textAt(each, 'name')?.text === name);
  if (!node) return [`No var source of this pipeline is called ${code(name)}.`];
  const type = textAt(node, 'type')?.text ?? '';
  return [`From the var source ${code(name)} of this pipeline, of type ${code(type)}.`];
}

function localOrigin(request: PipelinePlaceRequest, name: string): string[] {
  const { source, offset, world } = request;
  const job = stepAt(source, offset)?.job ?? jobsOf(source).find(({ node }) => holds(node.range, offset));
  for (const step of everyStep(job?.steps ?? [])) {
    const { kind, core, node } = step;
    for (const item of itemsOf(entryOf(node, 'across')?.value)) {
      if (textAt(item, 'var')?.text === name && holds(node.written ?? node.range, offset)) return acrossOrigin(item);
    }
    if (textNode(core?.value)?.text !== name) continue;
    if (kind === 'load_var') {
      const file = textAt(node, 'file')?.text;
      return [`Set by ${code(`load_var: ${name}`)}${file === undefined ? '' : `, from the file ${code(file)}`}.`];
    }
    if (kind === 'get' || kind === 'put') {
      const type = traceFlow(source, world).resource((textAt(node, 'resource') ?? textAt(node, kind))?.text ?? '');
      const of = type === undefined || type.baseType === '' ? '' : ` (${type.baseType})`;
      return [`Version and metadata of the ${kind} ${code(name)}${of}.`];
    }
  }
  return [`No step of this job sets ${code(`.:${name}`)}.`];
}

function acrossOrigin(item: Parameters<typeof textAt>[0]): string[] {
  const values = itemsOf(entryOf(item, 'values')?.value).map((value) => (value.kind === 'scalar' ? value.text : '…'));
  return [
    `Variable of across${
      values.length > 0
        ? `: ${values
            .slice(0, 12)
            .map((value) => code(value))
            .join(', ')}`
        : ''
    }.`,
  ];
}
