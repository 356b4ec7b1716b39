/** What each step of a pipeline finds: the walk of the flow, kept for those who ask about one step. */
import type { TaskNode } from '../../yaml/nodes.ts';
import { type Bindings, filled } from './bindings.ts';
import type { PipelineFacts } from './pipeline-facts.ts';
import { entryIn, rootOf, textAt } from './place.ts';
import type { Artifact, Resource, Scope } from './scope.ts';
import { splitPath } from './steps.ts';
import { shapeOfConfig, shapeOfDocument, type TaskShape, UNKNOWN_TASK } from './task-shape.ts';
import type { LocalFile } from './world.ts';

/** What was there before each step. */
export type StepsBefore = Map<TaskNode, { readonly scope: Scope; readonly bindings: Bindings }>;

/** What a step finds. */
export interface StepFinds {
  readonly artifacts: ReadonlyMap<string, Artifact>;
  /** Names of the local variables that are set. */
  readonly vars: readonly string[];
  /** There may be artifacts of other names. */
  readonly open: boolean;
}

/** The flow of a pipeline, step by step. */
export class FlowTrace {
  readonly #facts: PipelineFacts;
  readonly #before: StepsBefore;

  constructor(facts: PipelineFacts, before: StepsBefore) {
    this.#facts = facts;
    this.#before = before;
  }

  /** What a step finds; undefined for a node that is no step of a job. */
  at(step: TaskNode): StepFinds | undefined {
    const scope = this.#before.get(step)?.scope;
    return scope && { artifacts: scope.artifacts, vars: [...scope.vars.keys()], open: scope.open };
  }

  /** A resource of the pipeline, by its name. */
  resource(name: string): Resource | undefined {
    return this.#facts.resources.get(name);
  }

  /** The file of the checkout that `ARTIFACT/path` means in a step; undefined when its artifact is not there or has no path. */
  file(step: TaskNode, path: string): LocalFile | undefined {
    const before = this.#before.get(step);
    const parts = before && splitPath(filled(path, before.bindings) ?? '');
    const artifact = parts && before.scope.artifacts.get(parts.artifact);
    if (!artifact) return undefined;
    return artifact.local ? this.#facts.local.at(parts.path) : { kind: 'unknown' };
  }

  /** The files of the checkout in the folder of an artifact: name and whether it is a folder. */
  list(step: TaskNode, folder: string): readonly { readonly name: string; readonly folder: boolean }[] {
    const found = this.file(step, folder.includes('/') ? folder : `${folder}/`);
    return found?.kind === 'directory' ? this.#facts.local.list(found.path) : [];
  }

  /** The task of a task step, from its `config` or its file, as far as it is known. */
  task(step: TaskNode): TaskShape {
    const config = entryIn(rootOf(step), 'config');
    if (config?.node.kind === 'map') return shapeOfConfig(config);
    const path = textAt(rootOf(step), 'file')?.text;
    const file = path === undefined ? undefined : this.file(step, path);
    const task = file?.kind === 'file' ? this.#facts.local.task(file.path) : undefined;
    return task?.isTask ? shapeOfDocument(task.document) : UNKNOWN_TASK;
  }
}
