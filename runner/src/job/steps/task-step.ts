/** A task step: its configuration, image and inputs, its process, its outputs (atc/exec/task_step.go). */
import { effectivePath, type TaskConfig } from '#concourse';
import { afterProcess, runProcess, type LeafOutcome, type LeafSession } from './leaf-session.ts';
import type { TaskEnd } from './leaves.ts';
import type { TaskNode } from '../plan/plan.ts';
import type { StepArtifact } from './scope.ts';
import { taskConfigOf } from './task-config.ts';
import { textsIn, type ValueMap } from '../values/values.ts';

/** Runs a task step. */
export async function runTask(session: LeafSession, node: TaskNode): Promise<LeafOutcome> {
  const { emit, run, scope } = session;
  const config = await taskConfigOf(session, node);
  emit({ type: 'initialize', step: run });
  if (config.params !== undefined) emit({ type: 'step-inputs', step: run, params: config.params });
  const image = imageOf(session, node);
  const inputs = inputsOf(session, node, config);
  let end: TaskEnd | undefined;
  try {
    end = await runProcess(session, node.timeout, async (handle) => {
      emit({ type: 'step-inputs', step: run, inputs });
      // What the leaf leaves is registered however it ended.
      end = await session.leaves.task({ config, node, inputs, image, secrets: textsIn(scope.secrets()) }, handle);
      if (end.error !== undefined) throw end.error;
      return end;
    });
  } catch (error) {
    registerOutputs(end, node, run.id, scope);
    return afterProcess(session, error);
  }
  registerOutputs(end, node, run.id, scope);
  const exit = end.exit ?? 0;
  emit({ type: 'finish', step: run, payload: exit });
  return { ok: exit === 0, exit };
}

function mapped(mapping: ValueMap | undefined, name: string): string {
  const other = mapping !== undefined && Object.hasOwn(mapping, name) ? mapping[name] : undefined;
  return typeof other === 'string' ? other : name;
}

/** A path inside the container as upstream cleans it, without the working directory. */
export function insidePath(path: string): string {
  return effectivePath(path, '/').slice(1) || '.';
}

function imageOf({ scope }: LeafSession, { image }: TaskNode): StepArtifact | undefined {
  if (image === undefined) return undefined;
  const artifact = scope.artifact(image);
  if (artifact !== undefined) return artifact;
  throw new Error(
    `missing image artifact source: ${image}\n\nmake sure there's a corresponding 'get' step, or a task that produces it as an output`,
  );
}

function inputsOf({ scope }: LeafSession, node: TaskNode, config: TaskConfig): Map<string, StepArtifact> {
  const inputs = new Map<string, StepArtifact>();
  const missing: string[] = [];
  for (const { name, path, optional } of config.inputs ?? []) {
    const source = mapped(node.input_mapping, name);
    const artifact = scope.artifact(source);
    if (artifact !== undefined) inputs.set(insidePath(path ?? name), artifact);
    else if (optional !== true) missing.push(source);
  }
  if (missing.length > 0) throw new Error(`missing inputs: ${missing.join(', ')}`);
  return inputs;
}

function registerOutputs(end: TaskEnd | undefined, node: TaskNode, id: string, scope: LeafSession['scope']): void {
  for (const [name, handle] of end?.outputs ?? []) {
    scope.registerArtifact(mapped(node.output_mapping, name), { maker: `${id}/${name}`, handle });
  }
}
