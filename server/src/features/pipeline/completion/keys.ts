/** Keys of a pipeline, and of its mappings whose keys a task or a pipeline file declares. */
import { CompletionItemKind } from 'vscode-languageserver';
import { type Field, isKnownTo, type ObjectType, readPipeline } from '#concourse';
import { scalarText, snippetText, type Proposal } from '../../completion/context.ts';
import { fieldProposals } from '../../completion/keys.ts';
import type { Opening } from '../../completion/place.ts';
import { keyDocumentation } from '../../facts/key-documentation.ts';
import { pageOf, type PipelinePlace } from '../schema-at.ts';
import type { PipelineContext, StepView } from './context.ts';

/** Keys in the order in which people write them: of some 3,000 steps, jobs and resources of public pipelines. */
const USUAL_ORDER: Readonly<Record<string, readonly string[]>> = {
  pipeline: ['resource_types', 'resources', 'jobs', 'groups', 'var_sources', 'display'],
  job: ['name', 'plan', 'serial', 'serial_groups', 'public', 'on_failure', 'build_log_retention', 'old_name'],
  resource: ['name', 'type', 'icon', 'source', 'check_every'],
  step: ['get', 'task', 'put', 'in_parallel', 'do', 'try', 'set_pipeline', 'load_var', 'run'],
  'get step': ['get', 'resource', 'trigger', 'passed', 'params', 'version'],
  'put step': ['put', 'resource', 'params', 'get_params', 'no_get', 'inputs'],
  'task step': [
    'task',
    'file',
    'image',
    'input_mapping',
    'output_mapping',
    'params',
    'vars',
    'config',
    'privileged',
    'attempts',
    'timeout',
    'tags',
  ],
  'set_pipeline step': ['set_pipeline', 'file', 'vars', 'var_files', 'instance_vars', 'team'],
};

/** The keys that the mapping at a place may have and has not yet. */
export function keyProposals(context: PipelineContext, opening: Opening, schema: PipelinePlace): Proposal[] {
  const type = schema.mapping;
  if (!type) return [];
  const holder = { ...schema, holder: type.name };
  const { target } = context.source;
  const existing = new Set([...opening.existing, ...context.mergedKeys(opening.path)]);
  const isStep = schema.step?.path === opening.path && schema.field === undefined;
  const fields = ordered(type).filter(
    (field) =>
      !field.extension &&
      isKnownTo(field, target) &&
      // Concourse takes this key of a step beside the other one only.
      (!isStep || field.key !== 'fail_fast' || existing.has('across')),
  );
  return fieldProposals(
    context,
    { ...opening, existing },
    { ...type, fields },
    {
      documentation: (field) => keyDocumentation(field, pageOf(holder, field)),
      rank: ({ deprecated }) => (deprecated === undefined ? '1' : '3'),
    },
  );
}

function ordered(type: ObjectType): Field[] {
  const order = USUAL_ORDER[type.name] ?? [];
  const rank = ({ key }: Field): number => {
    const found = order.indexOf(key);
    return found < 0 ? order.length : found;
  };
  return type.fields.toSorted((a, b) => rank(a) - rank(b));
}

/** A key that something else declares. */
interface Declared {
  readonly name: string;
  readonly detail: string;
  /** It must be given. */
  readonly needed?: boolean;
}

/** Keys of mappings and params of a step: what its task or its pipeline file declares. */
export function mappingKeys(context: PipelineContext, opening: Opening, schema: PipelinePlace): Proposal[] {
  const { field, holder, below, step } = schema;
  if (!field || below.length > 0 || !step) return [];
  const declared = declaredFor(context, `${holder}.${field.key}`, () => context.viewOf(step));
  const { colon, quote } = context.place.word;
  const bare = colon || quote !== '';
  return declared
    .filter(({ name }) => !opening.existing.has(name))
    .map(({ name, detail, needed }, index) => {
      const key = scalarText(name, context.place);
      const lead = opening.blank ? ' ' : '';
      const text = bare ? key : `${key}: `;
      const snippet = context.snippets && !bare;
      return {
        label: name,
        kind: CompletionItemKind.Field,
        text: `${lead}${snippet ? `${snippetText(text)}$0` : text}`,
        snippet,
        sort: `${needed ? '0' : '1'}${String(index).padStart(3, '0')}`,
        detail,
        ...(needed ? { note: 'needed' } : {}),
      };
    });
}

function declaredFor(context: PipelineContext, key: string, view: () => StepView | undefined): Declared[] {
  switch (key) {
    case 'task step.input_mapping':
      return (view()?.task.inputs ?? []).map(({ name, optional }) => ({
        name,
        detail: optional ? 'optional input of the task' : 'input of the task',
        needed: !optional && view()?.finds?.artifacts.has(name) === false,
      }));
    case 'task step.output_mapping':
      return (view()?.task.outputs ?? []).map(({ name }) => ({ name, detail: 'output of the task' }));
    case 'task step.params':
      return [...(view()?.task.params ?? [])].map(([name, needed]) => ({
        name,
        detail: needed ? 'param of the task, without a value' : 'param of the task',
        needed,
      }));
    case 'task step.vars':
      return varsOf(view()?.task.document?.vars).map((name) => ({ name, detail: 'variable of the task file' }));
    case 'set_pipeline step.vars':
    case 'set_pipeline step.instance_vars':
      return childVars(context, view()).map((name) => ({ name, detail: 'variable of the pipeline file' }));
    default:
      return [];
  }
}

/** Names of variables that are given from outside, without their fields. */
function varsOf(
  vars: readonly { readonly reference?: { readonly source: string; readonly path: string } | undefined }[] = [],
): string[] {
  return [...new Set(vars.flatMap(({ reference }) => (reference?.source === '' ? [reference.path] : [])))];
}

function childVars({ request }: PipelineContext, view: StepView | undefined): string[] {
  const { files } = request.world;
  const file = view && fileOf(view);
  const text = file === undefined ? undefined : files?.read(file);
  return text === undefined ? [] : varsOf(readPipeline(text, { templated: true }).vars);
}

/** The file of the checkout that a step names. */
function fileOf({ trace, node }: StepView): string | undefined {
  const path = node.kind === 'map' ? node.entries.find(({ name }) => name === 'file')?.value : undefined;
  const file = path?.kind === 'scalar' ? trace.file(node, path.text) : undefined;
  return file?.kind === 'file' ? file.path : undefined;
}
