/** `((vars))` of a pipeline: local ones, those of var sources, of vars files, and those that it uses already. */
import { entryOf } from '#concourse';
import type { Proposal } from '../../completion/context.ts';
import { namedAt, type KnownVar } from '../../completion/vars.ts';
import { namedVars, shownValue } from '../../facts/var-values.ts';
import { mappingsIn, textAt } from '../model.ts';
import type { PipelineContext } from './context.ts';

/** Names for the variable that begins at `start`. */
export function pipelineVarProposals(context: PipelineContext, start: number): Proposal[] {
  return namedAt(context, start, knownVars(context));
}

function knownVars(context: PipelineContext): KnownVar[] {
  const { source, place, request } = context;
  const known = new Map<string, KnownVar>();
  const add = (variable: KnownVar): void => {
    if (!known.has(variable.name)) known.set(variable.name, variable);
  };
  for (const { name, detail } of localVars(context)) add({ name: `.:${name}`, detail });
  for (const { name, parts, value } of namedVars(request.vars?.()?.values.entries?.() ?? [])) {
    add({ name, detail: 'vars file', documentation: `\`${shownValue(parts, value).replaceAll('`', "'")}\`` });
  }
  for (const variable of sourceVars(context)) add(variable);
  for (const { name, range, reference } of source.vars) {
    const here = range.start <= place.offset && range.end >= place.offset;
    // A local variable is there or not: that another job uses it says nothing.
    if (!here && reference?.source !== '.') add({ name, rank: '1', detail: 'used in this pipeline' });
  }
  return [...known.values()];
}

/** Variables of the build: from load_var, from gets and puts, from the across around the step. */
function localVars(context: PipelineContext): { readonly name: string; readonly detail: string }[] {
  const path = context.place.openings[0] && context.schemaOf(context.place.openings[0])?.step?.path;
  if (!path) return [];
  const found: { name: string; detail: string }[] = [];
  for (let length = path.length; length > 0; length--) {
    for (let index = 0; ; index++) {
      const name = context.textAt([...path.slice(0, length), 'across', index, 'var']);
      if (name === undefined) break;
      found.push({ name, detail: 'variable of across' });
    }
  }
  const view = context.viewOf({ path, kind: undefined });
  for (const name of view?.finds?.vars ?? []) {
    const artifact = view?.finds?.artifacts.has(name) === true;
    found.push({ name, detail: artifact ? 'version and metadata of a step' : 'variable of this build' });
  }
  return found;
}

/** `source:`, and the names that a source for tests holds. */
function sourceVars({ source }: PipelineContext): KnownVar[] {
  return mappingsIn(source.root, 'var_sources').flatMap((node): KnownVar[] => {
    const name = textAt(node, 'name')?.text;
    if (name === undefined) return [];
    const type = textAt(node, 'type')?.text ?? '';
    const config = entryOf(node, 'config')?.value;
    const vars = config && entryOf(config, 'vars')?.value;
    const names = vars?.kind === 'map' && type === 'dummy' ? vars.entries.map((entry) => entry.name) : [];
    const used = source.vars.flatMap(({ reference, name: whole }) => (reference?.source === name ? [whole] : []));
    const all = [...names.map((each) => `${name}:${each}`), ...used];
    return (all.length > 0 ? all : [`${name}:name`]).map((each) => ({
      name: each,
      rank: '1',
      detail: `var source ${type}`,
    }));
  });
}
