/** What a value of a task means for a run. */
import {
  cachePath,
  containerPath,
  ContainerPlaces,
  effectivePath,
  type InputFolderReason,
  inputPath,
  outputPath,
  parseDuration,
  type TaskDocument,
  type TaskNode,
  type TaskPath,
  varNames,
} from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { imageFacts } from '../facts/image-facts.ts';
import type { Located } from '../facts/locate.ts';
import { isSecretName } from '../facts/secrets.ts';
import { becomes, yamlType } from '../facts/scalar-meaning.ts';
import type { SchemaPlace } from '../facts/schema-at.ts';
import { bytesText, code, cpuText, durationText } from '../facts/spelled-out.ts';
import { startDirectory } from '../facts/task-paths.ts';

const REASONS: Readonly<Record<InputFolderReason, string>> = {
  setting: 'as your settings say',
  remembered: 'as in an earlier run',
  'folder-name': 'a folder with that name',
  'repository-root': 'the root of the repository that holds this file',
  'task-repository': 'the repository that holds this file, for the only input',
};

/** Markdown paragraphs about a value, or about the value of a key. */
export function valueFacts(request: FeatureRequest, found: Located, schema: SchemaPlace | undefined): string[] {
  const { path, value } = found;
  if (path[0] === 'params' && path.length === 2 && found.part === 'value') {
    return paramFacts(request.task, String(path[1]), found);
  }
  const facts = placeFacts(request, path);
  if (found.part === 'key') return facts;
  const text = value.kind === 'scalar' ? value.text : undefined;
  const known = schema?.field?.values?.find((each) => each.value === text);
  const meaning = schema && becomes(value, schema.type);
  return [
    ...(known ? [known.documentation] : []),
    ...(meaning === undefined || isReported(request.task, path, value)
      ? []
      : [
          `YAML reads ${code(text ?? '')} as a ${yamlType(value)}: it becomes ${code(meaning)}. Quote it to keep the text.`,
        ]),
    ...facts,
  ];
}

/** The rule `yaml-value-changes` says what becomes of it, and the editor shows that above what is told here. */
function isReported({ problems }: TaskDocument, path: TaskPath, { range }: TaskNode): boolean {
  const isSource = path[0] === 'image_resource' && path[1] === 'source';
  return isSource || problems.some(({ code, range: at }) => code === 'yaml-value-changes' && at.start === range.start);
}

/** What is known about the value at a path, whether the cursor is on it or on its key. */
function placeFacts(request: FeatureRequest, path: TaskPath): string[] {
  const { config } = request.task;
  const [list, second, third] = path;
  const index = typeof second === 'number' ? second : -1;
  switch (list) {
    case 'image_resource':
      // That YAML changes the tag is what the problem at the tag says.
      return isImagePart(path) ? imageFacts(request).filter((fact) => !fact.includes('Quote it')) : [];
    case 'rootfs_uri':
      return config.image_resource ? ['`image_resource` wins over it.'] : imageFacts(request);
    case 'container_limits':
      return limitFacts(request.task, second);
    case 'inputs':
      return third === 'optional' ? [] : inputFacts(request, index);
    case 'outputs':
      return outputFacts(request.task, index);
    case 'caches':
      return third === 'ttl' ? ttlFacts(request.task, index) : cacheFacts(request.task, index);
    case 'run':
      return runFacts(request, path);
    default:
      return [];
  }
}

function isImagePart(path: TaskPath): boolean {
  if (path.length < 3) return path.length === 1 || path[1] === 'type';
  const key = path[2] ?? '';
  return (
    path[1] === 'version' ||
    (path[1] === 'source' && ['repository', 'tag', 'variant', 'aws_region', 'registry_mirror'].includes(String(key)))
  );
}

function limitFacts({ config }: TaskDocument, key: string | number | undefined): string[] {
  const { cpu, memory } = config.container_limits ?? {};
  if (key === 'cpu' && cpu !== undefined) {
    if (cpu === 0n) return ['0 means unlimited.'];
    return [
      `In Concourse a weight of ${cpu} shares (1024 is usual). A run on Kubernetes takes it as ${code(`${cpu}m`)}: ${cpuText(cpu)}.`,
    ];
  }
  if (key === 'memory' && memory !== undefined) return [memory === 0n ? '0 means unlimited.' : `${bytesText(memory)}.`];
  return [];
}

function inputFacts({ task, environment }: FeatureRequest, index: number): string[] {
  const input = task.config.inputs?.[index];
  if (!input || input.name === '') return [];
  const facts = [`In the container: ${code(inputPath(input))}`];
  const folder = environment.inputFolders.get(input.name);
  if (folder) {
    facts.push(`A run sends ${code(folder.directory)} (${REASONS[folder.reason]}).`);
  } else if (task.place === 'file') {
    facts.push(
      input.optional
        ? 'No local folder fits: a run leaves this optional input out, or asks for a folder.'
        : 'No local folder fits: a run asks which folder to send.',
    );
  }
  return facts;
}

function outputFacts({ config }: TaskDocument, index: number): string[] {
  const output = config.outputs?.[index];
  if (!output || output.name === '') return [];
  const path = outputPath(output);
  const input = (config.inputs ?? []).find((each) => inputPath(each) === path);
  const start = input ? `Starts with the contents of the input ${code(input.name)}.` : 'Starts empty.';
  return [`In the container: ${code(path)}`, start];
}

function cacheFacts({ config }: TaskDocument, index: number): string[] {
  const cache = config.caches?.[index];
  return cache?.path === undefined || cache.path === '' ? [] : [`In the container: ${code(cachePath(cache))}`];
}

function ttlFacts({ config }: TaskDocument, index: number): string[] {
  const ttl = config.caches?.[index]?.ttl;
  const duration = ttl === undefined ? undefined : parseDuration(ttl);
  return duration?.ok ? [`${durationText(duration.nanoseconds)} after the last use.`] : [];
}

function runFacts({ task, environment }: FeatureRequest, path: TaskPath): string[] {
  const { run } = task.config;
  const base = startDirectory(run.dir);
  const [, key, index] = path;
  if (key === 'dir' && run.dir !== undefined) return [`The command starts in ${code(effectivePath(run.dir))}.`];
  if (key === 'user' && run.user !== undefined && /^\d+$/.test(run.user)) return ['A numeric user id.'];
  if (key === 'path' && path.length === 2 && run.path !== '') {
    if (!run.path.includes('/')) return ['Looked up in the `$PATH` of the image.'];
    return pathFacts(task, environment, run.path, base, true);
  }
  const argument = key === 'args' && typeof index === 'number' ? run.args?.[index] : undefined;
  if (argument?.includes('/') !== true || /[\s$*?:=]/.test(argument)) return [];
  return pathFacts(task, environment, argument, base, false);
}

/** Where a path of the command leads to. An argument is told only when it leads into a directory of the task. */
function pathFacts(
  task: TaskDocument,
  environment: FeatureRequest['environment'],
  written: string,
  base: string,
  always: boolean,
): string[] {
  const path = containerPath(written, base);
  if (path === undefined) return [];
  const { mount, local } = new ContainerPlaces(task, environment).at(path);
  if (!mount) return always ? [`In the container: ${code(path)}`] : [];
  const facts = [`In the container: ${code(path)}, of the ${mount.kind} ${code(mount.name)}`];
  if (local === undefined || !environment.files) return facts;
  const fact = environment.files.stat(local);
  const state = !fact
    ? ' (no such file)'
    : fact.type === 'file' && always && !fact.executable
      ? ' (not executable)'
      : '';
  return [...facts, `Local: ${code(local)}${state}`];
}

/** Markdown paragraphs about a param. */
export function paramFacts(task: TaskDocument, name: string, found?: Located): string[] {
  const facts = [`**${name}** (param)`];
  const written = task.config.params?.[name];
  if (written === undefined) return facts;
  // Screens are shared and recorded: also what stands in the file in plain text is not repeated.
  const value = written !== '' && isSecretName(name) && varNames(written).length === 0 ? '••••••' : written;
  const node = found?.value;
  const key = found?.entry?.key;
  if (key?.plain && key.text !== name) {
    facts.push(
      `YAML reads the plain key ${code(key.text)} as a ${yamlType(key)}: the variable is called ${code(name)}. Quote the key to keep it.`,
    );
  }
  if (value === '') {
    facts.push('Empty in the file: meant to be set when the task runs. Without a value the variable is set and empty.');
  } else if (node && node.kind !== 'scalar') {
    facts.push(`Reaches the container as compact JSON: ${code(`${name}=${value}`)}`);
  } else {
    facts.push(`Reaches the container as ${code(`${name}=${value}`)}`);
  }
  if (
    node &&
    becomes(node, { kind: 'any' }) !== undefined &&
    value !== '' &&
    !isReported(task, ['params', name], node)
  ) {
    facts.push(
      `YAML reads ${code(node.kind === 'scalar' ? node.text : '')} as a ${yamlType(node)}. Quote it to keep the text.`,
    );
  }
  return facts;
}
