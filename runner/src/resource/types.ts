/** Which image runs a resource type: the pipeline's own types, Concourse's base types, and what a person says. */
import { CORE_RESOURCE_TYPES } from '#concourse';
import { interpolateAll, type FindVar } from '../job/values/interpolate.ts';
import { isList, isMap, type ValueMap } from '../job/values/values.ts';

const BASE_TYPES: ReadonlySet<string> = new Set(CORE_RESOURCE_TYPES);

/** What runs a resource. */
export interface ResourceType {
  /** The image of a person's choice or of a base type. */
  readonly reference?: string;
  /** The image as the pipeline's `resource_types` says it, with its login. */
  readonly image?: ValueMap;
  readonly privileged: boolean;
  /** What stands in a source that does not say it. */
  readonly defaults: ValueMap;
}

/** A resource type, or why it is not known. */
export type FoundType = { readonly type: ResourceType } | { readonly unknown: string };

/** The resource types of a pipeline. */
export class ResourceTypes {
  readonly #own: ReadonlyMap<string, ValueMap>;
  readonly #images: Readonly<Record<string, string>>;
  readonly #find: FindVar;

  /**
   * @param images what a person says: the image of a type by its name
   * @param find vars of the pipeline that are still in its resource types
   */
  constructor(pipeline: ValueMap, images: Readonly<Record<string, string>>, find: FindVar) {
    const list = pipeline['resource_types'];
    const types = isList(list) ? list.filter(isMap) : [];
    this.#own = new Map(types.map((each) => [typeof each['name'] === 'string' ? each['name'] : '', each]));
    this.#images = images;
    this.#find = find;
  }

  /** The type of this name. @throws Error `undefined vars: …` when its source needs a var that nobody gives */
  find(name: string): FoundType {
    const own = this.#own.get(name);
    const privileged = own === undefined ? name === 'docker-image' : own['privileged'] === true;
    const defaults = own === undefined ? {} : this.#filled(own['defaults']);
    const chosen = Object.hasOwn(this.#images, name) ? this.#images[name] : undefined;
    if (chosen !== undefined) return { type: { reference: chosen, privileged, defaults } };
    if (own === undefined) {
      if (!BASE_TYPES.has(name)) return { unknown: `no image is known for the resource type '${name}'` };
      return { type: { reference: `docker.io/concourse/${name}-resource`, privileged, defaults } };
    }
    const type = own['type'];
    if (type !== 'registry-image' && type !== 'docker-image') {
      return { unknown: `the resource type '${name}' is an image that another resource type fetches` };
    }
    return { type: { image: { type, source: this.#filled(own['source']) }, privileged, defaults } };
  }

  /** The pipeline's own words on a type, with the vars that are in them; undefined for one that is not the pipeline's. */
  written(name: string): ValueMap | undefined {
    const own = this.#own.get(name);
    if (own === undefined) return undefined;
    const source = Object.hasOwn(this.#images, name) ? undefined : own['source'];
    return { ...(source !== undefined && { source }), defaults: own['defaults'] ?? null };
  }

  /** Why no resource of this type can run; undefined when one can. Vars that are not given count later. */
  trouble(name: string): string | undefined {
    try {
      const found = this.find(name);
      return 'unknown' in found ? found.unknown : undefined;
    } catch {
      return undefined;
    }
  }

  #filled(value: ValueMap[string] | undefined): ValueMap {
    return isMap(value) ? (interpolateAll(value, this.#find) as ValueMap) : {};
  }
}
