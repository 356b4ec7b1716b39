/** The configuration of a task step, from its file or its text to what runs (atc/exec/task_config_source.go). */
import { decodeTask, taskConfigJson, type Problem, type TaskConfig, type TaskDocument } from '#concourse';
import { fieldOf, interpolateAll, interpolateSome } from '../values/interpolate.ts';
import { handleOf, splitPath, type LeafSession } from './leaf-session.ts';
import { asError } from './outcome.ts';
import type { TaskNode } from '../plan/plan.ts';
import { isMap, jsonText, parseJson, type Value, type ValueMap } from '../values/values.ts';

/**
 * The configuration with everything in its place: the step's vars, its limits and params, then all other vars.
 *
 * @throws Error with upstream's text when the file is not there, a var is not found, or the result is no task
 */
export async function taskConfigOf(session: LeafSession, node: TaskNode): Promise<TaskConfig> {
  let config: ValueMap = node.config ?? {};
  if (node.file !== undefined) {
    config = readTask(await taskFile(session, node.file), ` ${node.file}`);
    const own = node.vars;
    if (own !== undefined && Object.keys(own).length > 0) {
      const step = interpolating(() =>
        interpolateSome(
          config,
          (reference) => {
            const value =
              reference.source === '' && Object.hasOwn(own, reference.path) ? own[reference.path] : undefined;
            return value === undefined ? undefined : fieldOf(value, reference, 'float64');
          },
          'float64',
        ),
      );
      config = readTask(jsonText(step), '');
    }
  }
  if (node.container_limits !== undefined) {
    const limits = config['container_limits'];
    // A limit that is empty on the step is none: the file's own stays.
    const own = Object.entries(node.container_limits).filter(([, value]) => value !== null);
    config = { ...config, container_limits: { ...(isMap(limits) ? limits : {}), ...Object.fromEntries(own) } };
  }
  if (node.params !== undefined) {
    const params = config['params'];
    config = { ...config, params: { ...(isMap(params) ? params : {}), ...node.params } };
  }
  const done = interpolating(() => interpolateAll(config, session.find));
  return checkedTask(decodeTask(jsonText(done)), '').config;
}

function interpolating(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw new Error(`failed to interpolate task config: ${asError(error).message}`, { cause: error });
  }
}

async function taskFile(session: LeafSession, file: string): Promise<string> {
  const place = splitPath(file);
  if (place === undefined) throw new Error(`config path '${file}' does not specify where the file lives`);
  const artifact = session.scope.artifact(place.name);
  if (artifact === undefined) throw new Error(unknownArtifact(place.name, file));
  let text: string | undefined;
  try {
    text = await session.leaves.readFile({ artifact, path: place.path, purpose: 'task config' }, handleOf(session));
  } catch (error) {
    throw session.context.error ?? error;
  }
  if (text === undefined) throw new Error(`task config '${file}' not found`);
  return text;
}

/** Upstream's text for a file of an artifact that nothing has made: of a task's file it says the whole path. */
export function unknownArtifact(name: string, path: string): string {
  return `unknown artifact source: '${name}' in file path '${path}'`;
}

/** A task file as upstream decodes it before it puts vars in: texts of the environment are texts already. */
function readTask(text: string, place: string): ValueMap {
  const config = parseJson(taskConfigJson(checkedTask(decodeTask(text), place).config));
  return isMap(config) ? config : {};
}

/** What is wrong with vars, upstream finds when it puts them in. */
const VARS: readonly string[] = ['invalid-var', 'invalid-var-key'];
/** What is checked when the rest is decoded. */
const ABSENT: readonly string[] = ['missing-platform', 'missing-name', 'missing-run-path'];
/** Keys that upstream does not know; below the top it takes no notice of them, and nor does the check. */
const UNKNOWN: readonly string[] = ['unknown-key', 'wrong-case-key', 'helper-key', 'legacy-image', 'step-key'];

function checkedTask(document: TaskDocument, place: string): TaskDocument {
  const errors = document.problems.filter(({ severity, code }) => severity === 'error' && !VARS.includes(code));
  if (errors.length === 0) return document;
  throw new Error(`failed to create task config from bytes${place}: ${reasonOf(errors, document)}`);
}

function reasonOf(errors: readonly Problem[], document: TaskDocument): string {
  const decoding = errors.find(({ code }) => !ABSENT.includes(code) && !UNKNOWN.includes(code));
  if (decoding !== undefined) return `error unmarshaling JSON: while decoding JSON: json: ${decoding.message}`;
  const unknown = errors.flatMap(({ code, data }) => (UNKNOWN.includes(code) ? (data?.key ?? []) : []));
  if (unknown.length > 0) return `unknown fields: [${unknown.join(' ')}]`;
  const { config } = document;
  const nameless = (kind: 'input' | 'output'): string[] =>
    (config[`${kind}s`] ?? []).flatMap(({ name }, position) =>
      name === '' ? [`  ${kind} in position ${position} is missing a name`] : [],
    );
  const platform = (config.platform ?? '') === '' ? [`missing 'platform'`] : [];
  return `invalid task configuration:\n${[...platform, ...nameless('input'), ...nameless('output')].join('\n')}`;
}
