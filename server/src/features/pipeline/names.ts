/** The names that a pipeline gives: read from its tree, and from its words while it does not parse. */
import { CORE_RESOURCE_TYPES, type PipelineDocument } from '#concourse';
import { valueText } from '../completion/context.ts';
import type { Slot } from '../completion/structure.ts';
import { mappingsIn, textAt } from './model.ts';

const CORE: ReadonlySet<string> = new Set(CORE_RESOURCE_TYPES);

/** Resources, types, jobs and var sources of a pipeline, each with its type, in the order of the text. */
export class PipelineNames {
  /** Types by name of the resource; '' where none is written. */
  readonly resources: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
  readonly prototypes: ReadonlyMap<string, string>;
  readonly varSources: ReadonlyMap<string, string>;
  readonly jobs: readonly string[];

  /** @param roots words of a text that does not parse */
  constructor(source: PipelineDocument, roots: readonly Slot[] = []) {
    const named = (key: string): Map<string, string> =>
      new Map([
        ...namedIn(source, roots, key),
        // Where there is a tree it knows more: what a merge brings in.
        ...mappingsIn(source.root, key).flatMap((node): [string, string][] => {
          const name = textAt(node, 'name')?.text;
          return name === undefined ? [] : [[name, textAt(node, 'type')?.text ?? '']];
        }),
      ]);
    this.resources = named('resources');
    this.types = named('resource_types');
    this.prototypes = named('prototypes');
    this.varSources = named('var_sources');
    this.jobs = [...named('jobs').keys()];
  }

  /** The type of a resource, if it is a core type that the pipeline does not define itself. */
  baseOf(resource: string | undefined): string | undefined {
    return resource === undefined ? undefined : this.coreType(this.resources.get(resource));
  }

  /** A type, if it is a core type that the pipeline does not define itself. */
  coreType(type: string | undefined): string | undefined {
    return type !== undefined && CORE.has(type) && !this.types.has(type) ? type : undefined;
  }
}

function namedIn(source: PipelineDocument, roots: readonly Slot[], key: string): [string, string][] {
  const items = roots.find(({ name }) => name === key)?.children ?? [];
  return items.flatMap(({ children }): [string, string][] => {
    const textOf = (wanted: string): string | undefined =>
      valueText(
        source,
        children.find(({ name }) => name === wanted),
      );
    const name = textOf('name');
    return name === undefined || name === '' ? [] : [[name, textOf('type') ?? '']];
  });
}
