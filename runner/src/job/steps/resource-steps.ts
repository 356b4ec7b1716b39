/** get and put steps (atc/exec/get_step.go, put_step.go, put_inputs.go). */
import { interpolateAll } from '../values/interpolate.ts';
import { afterProcess, runProcess, type LeafOutcome, type LeafSession } from './leaf-session.ts';
import type { GetNode, PutNode } from '../plan/plan.ts';
import type { StepArtifact } from './scope.ts';
import { isList, isMap, textsIn, type Value, type ValueMap } from '../values/values.ts';

/** Source and params with all vars in them. */
function filled(session: LeafSession, node: GetNode | PutNode) {
  const source = interpolateAll(node.source, session.find) as ValueMap;
  const params = node.params && (interpolateAll(node.params, session.find) as ValueMap);
  const secrets = textsIn(session.scope.secrets());
  const timeout = node.timeout === undefined ? {} : { timeout: node.timeout };
  return { resource: node.resource, type: node.type, source, params, secrets, ...timeout };
}

/**
 * Runs a get. Only when it succeeds is there an artifact, and a local var with the metadata, under the step's name.
 *
 * @param made the version that the put before it made
 */
export async function runGet(session: LeafSession, node: GetNode, made: Value | undefined): Promise<LeafOutcome> {
  const { emit, run, scope } = session;
  emit({ type: 'initialize', step: run });
  const request = filled(session, node);
  if (request.params !== undefined) emit({ type: 'step-inputs', step: run, params: request.params });
  let version = made ?? node.version;
  try {
    const end = await runProcess(session, node.timeout, (handle) =>
      session.leaves.get({ ...request, version, ofPut: node.of_put === true }, handle),
    );
    version = end.version ?? version;
    emit({ type: 'finish', step: run, payload: end.exit });
    const outcome = { exit: end.exit, ...(version !== undefined && { version }) };
    if (end.exit !== 0) return { ok: false, ...outcome };
    scope.registerArtifact(node.name, { maker: run.id, handle: end.handle });
    scope.setVar(node.name, { ...end.metadata }, false);
    return { ok: true, ...outcome };
  } catch (error) {
    return { ...afterProcess(session, error), ...(version !== undefined && { version }) };
  }
}

/** Runs a put that may run. It registers nothing itself: its version goes to its implicit get. */
export async function runPut(session: LeafSession, node: PutNode): Promise<LeafOutcome> {
  const { emit, run, scope } = session;
  emit({ type: 'initialize', step: run });
  const request = filled(session, node);
  if (request.params !== undefined) emit({ type: 'step-inputs', step: run, params: request.params });
  const inputs = putInputs(node, scope.artifacts());
  try {
    const end = await runProcess(session, node.timeout, (handle) => {
      emit({ type: 'step-inputs', step: run, inputs });
      return session.leaves.put({ ...request, inputs }, handle);
    });
    emit({ type: 'finish', step: run, payload: end.exit });
    const outcome = { exit: end.exit, ...(end.version !== undefined && { version: end.version }) };
    return { ok: end.exit === 0, ...outcome };
  } catch (error) {
    return afterProcess(session, error);
  }
}

/** Shows what a put that nobody named would have put. For the steps around it that is a success that did nothing. */
export function holdBack(session: LeafSession, node: PutNode): LeafOutcome {
  let params = node.params ?? {};
  let inputs: string[] = [];
  try {
    params = interpolateAll(params, session.find) as ValueMap;
    inputs = [...putInputs(node, session.scope.artifacts()).keys()];
  } catch {
    // What it needs is not there, perhaps because another put was held back: it is shown as it is written.
  }
  session.emit({ type: 'held-back', step: session.run, params, inputs });
  return { ok: true, heldBack: true };
}

/** The artifacts that a put gets. @throws Error when one that it lists is not there */
function putInputs(node: PutNode, artifacts: ReadonlyMap<string, StepArtifact>): Map<string, StepArtifact> {
  if (node.inputs === 'all') return new Map(artifacts);
  const listed = isList(node.inputs);
  const names = isList(node.inputs) ? node.inputs.map(String) : [...namesIn(node.params ?? {})];
  const inputs = new Map<string, StepArtifact>();
  for (const name of names) {
    const artifact = artifacts.get(name);
    if (artifact !== undefined) inputs.set(name, artifact);
    else if (listed) throw new Error(`input not found: ${name}`);
  }
  return inputs;
}

/** The first path segment, after `.` and `..`, of each text at any depth: before vars are put in. */
function namesIn(value: Value): Set<string> {
  if (typeof value === 'string') {
    const first = value.split('/').find((segment) => segment !== '.' && segment !== '..');
    return new Set(first === undefined ? [] : [first]);
  }
  const items = isList(value) ? value : isMap(value) ? Object.values(value) : [];
  return new Set(items.flatMap((item) => [...namesIn(item)]));
}
