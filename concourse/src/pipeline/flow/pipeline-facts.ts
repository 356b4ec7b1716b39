/** What the flow of every job needs to know of its pipeline. */
import type { TaskNode } from '../../yaml/nodes.ts';
import type { PipelineTarget } from '../config.ts';
import { isCheckout } from './checkout.ts';
import { entryIn, itemsIn, rootOf, textAt, type Located } from './place.ts';
import type { Resource } from './scope.ts';
import type { TaskShape } from './task-shape.ts';
import { LocalFiles, type PipelineWorld } from './world.ts';

/** Resources, types and files of a pipeline. */
export class PipelineFacts {
  readonly root: Located;
  readonly target: PipelineTarget;
  readonly resources: ReadonlyMap<string, Resource>;
  /** Types that the pipeline defines itself. */
  readonly customTypes: ReadonlySet<string>;
  readonly local: LocalFiles;
  /** All that a job may know of the rest of the pipeline: equal for pipelines in which a job means the same. */
  readonly digest: string;
  readonly #shapes = new WeakMap<ReadonlySet<string>, Map<TaskNode, TaskShape>>();

  constructor(root: TaskNode, world: PipelineWorld) {
    this.root = rootOf(root);
    this.target = world.target ?? 'current';
    this.local = new LocalFiles(world);
    this.customTypes = new Set(this.list('resource_types').flatMap((type) => textAt(type, 'name')?.text ?? []));
    this.resources = new Map(
      this.list('resources').flatMap((resource): [string, Resource][] => {
        const name = textAt(resource, 'name')?.text;
        const type = textAt(resource, 'type')?.text ?? '';
        if (name === undefined) return [];
        const baseType = this.customTypes.has(type) || type.includes('((') ? '' : type;
        const local = baseType === 'git' && isCheckout(resource, this.local.checkout);
        return [[name, { name, baseType, local }]];
      }),
    );
    this.digest = JSON.stringify([
      this.target,
      this.local.checkout?.root,
      [...this.customTypes],
      this.list('resource_types').length > 0,
      [...this.resources.values()],
    ]);
  }

  /** The items of a list at the top. */
  list(key: string): readonly Located[] {
    return itemsIn(entryIn(this.root, key));
  }

  /** Tasks of steps that are known, by what names the gets of the checkout have in the job. */
  shapesOf(local: ReadonlySet<string>): Map<TaskNode, TaskShape> {
    let shapes = this.#shapes.get(local);
    if (shapes === undefined) this.#shapes.set(local, (shapes = new Map<TaskNode, TaskShape>()));
    return shapes;
  }

  /** The steps of a job. */
  plan(job: Located): readonly Located[] {
    return itemsIn(entryIn(job, 'plan'));
  }
}
