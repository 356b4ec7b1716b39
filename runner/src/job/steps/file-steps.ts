/** load_var and set_pipeline steps (atc/exec/load_var_step.go, set_pipeline_step.go). */
import { yamlAsJson } from '#concourse';
import { interpolateAll } from '../values/interpolate.ts';
import { handleOf, splitPath, type LeafOutcome, type LeafSession } from './leaf-session.ts';
import type { FileRequest } from './leaves.ts';
import { FAILED, asError } from './outcome.ts';
import type { LoadVarNode, SetPipelineNode } from '../plan/plan.ts';
import { textField } from '../plan/plan-step.ts';
import { unknownArtifact } from './task-config.ts';
import { goType, isList, parseJson, trimSpace, type Value, type ValueMap } from '../values/values.ts';

const FORMATS = ['raw', 'trim', 'yml', 'yaml', 'json'];

/** Reads a file of an artifact. @throws Error with upstream's text when it is not there */
async function readFile(
  session: LeafSession,
  file: string,
  purpose: FileRequest['purpose'],
  noPath: string,
): Promise<string> {
  const place = splitPath(file);
  if (place === undefined) throw new Error(noPath);
  const artifact = session.scope.artifact(place.name);
  if (artifact === undefined) throw new Error(unknownArtifact(place.name, place.path));
  let text: string | undefined;
  try {
    text = await session.leaves.readFile({ artifact, path: place.path, purpose }, handleOf(session));
  } catch (error) {
    throw session.context.error ?? error;
  }
  if (text === undefined) throw new Error(`file '${place.path}' not found within artifact '${place.name}'`);
  return text;
}

/** Runs a load_var: it succeeds or errors, it never fails. */
export async function runLoadVar(session: LeafSession, node: LoadVarNode): Promise<LeafOutcome> {
  const { emit, run, scope } = session;
  emit({ type: 'initialize', step: run });
  const filled = filledFields(session, { file: node.file, format: node.format ?? '' }, ['file', 'format']);
  const file = textField(filled, 'file') ?? '';
  const given = textField(filled, 'format') ?? '';
  emit({ type: 'start', step: run });
  const noPath = `file '${file}' does not specify where the file lives`;
  if (splitPath(file) === undefined) throw new Error(noPath);
  const format = formatOf(file, given);
  const text = await readFile(session, file, 'load_var', noPath);
  const value = parseAs(format, text, file);
  emit({ type: 'log', step: run, text: `var ${node.name} fetched.\n` });
  scope.setVar(node.name, value, node.reveal !== true);
  emit({ type: 'log', step: run, text: `added var ${node.name} to build.\n` });
  emit({ type: 'finish', step: run, payload: true });
  return { ok: true };
}

/**
 * Fields of a step with all vars in them at once.
 *
 * @param texts those that must be texts, or lists of texts, when a var stood for the whole
 */
function filledFields(session: LeafSession, fields: ValueMap, texts: readonly string[]): ValueMap {
  const filled = interpolateAll(fields, session.find) as ValueMap;
  for (const key of texts) {
    const value = filled[key] ?? null;
    const wrong = (isList(value) ? value : [value]).find((item) => item !== null && typeof item !== 'string');
    if (wrong !== undefined) {
      throw new Error(
        `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goType(wrong)} into field ${key}, which is a string`,
      );
    }
  }
  return filled;
}

function formatOf(file: string, given: string): string {
  if (FORMATS.includes(given)) return given;
  if (given !== '') throw new Error(`invalid format ${given}`);
  const base = file.slice(file.lastIndexOf('/') + 1);
  const ending = base.includes('.') ? base.slice(base.lastIndexOf('.') + 1) : '';
  return FORMATS.includes(ending) ? ending : 'trim';
}

function parseAs(format: string, text: string, file: string): Value {
  if (format === 'raw') return text;
  if (format === 'trim') return trimSpace(text);
  try {
    return parseJson(format === 'json' ? text : yamlAsJson(text));
  } catch (error) {
    const name = format === 'json' ? 'json' : 'yaml';
    throw new Error(`failed to parse ${file} in format ${name}: ${asError(error).message}`, { cause: error });
  }
}

/**
 * Runs a set_pipeline. A name, a pipeline or a file of vars that is wrong fails it, everything else that is wrong is an
 * error: a file of vars that is not there fails it, the pipeline's own is an error.
 */
export async function runSetPipeline(session: LeafSession, node: SetPipelineNode): Promise<LeafOutcome> {
  const { context, emit, run } = session;
  const failed = (text: string): LeafOutcome => {
    emit({ type: 'log', step: run, text: `${text}\n` });
    emit({ type: 'finish', step: run, payload: false });
    return FAILED;
  };
  emit({ type: 'initialize', step: run });
  const { name, kind, address, ...fields } = node;
  const values = filledFields(session, fields, ['file', 'team', 'var_files']);
  const filled = {
    name,
    kind,
    address,
    ...values,
    file: textField(values, 'file') ?? '',
  } as SetPipelineNode;
  if (name.includes('/')) return failed("ERROR: pipeline name cannot contain '/'");
  // `self` is of the team that the pipeline is of.
  if (name !== 'self' && filled.team?.includes('/') === true) return failed("ERROR: team name cannot contain '/'");
  if (filled.file === '') throw new Error('file is not specified');
  const noPath = (file: string): string => `config path '${file}' does not specify where the file lives`;
  const config = await readFile(session, filled.file, 'set_pipeline', noPath(filled.file));
  emit({ type: 'start', step: run });
  const varFiles: string[] = [];
  try {
    for (const file of filled.var_files ?? []) varFiles.push(await readFile(session, file, 'var file', noPath(file)));
  } catch (error) {
    if (context.error !== undefined) throw error;
    return failed(`error parsing pipeline:\n${asError(error).message}`);
  }
  let ok: boolean;
  try {
    ok = await session.leaves.setPipeline({ node: filled, config, varFiles }, handleOf(session));
  } catch (error) {
    throw context.error ?? error;
  }
  emit({ type: 'finish', step: run, payload: ok });
  return { ok };
}
