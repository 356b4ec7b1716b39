/**
 * The one table of what a task file may hold. Decoder, completion, hover, outline and the JSON Schema derive from it.
 * Source: https://concourse-ci.org/docs/tasks/ and concourse/concourse atc/task.go, atc/container_limits.go.
 */
import { STRING, STRINGS } from './basic.ts';
import { IMAGE_TYPES } from './image.ts';
import { SIDECAR } from './sidecar.ts';
import type { Field, ObjectType } from './types.ts';

const IMAGE_RESOURCE: ObjectType = {
  kind: 'object',
  name: 'image_resource',
  pointer: true,
  fields: [
    {
      key: 'type',
      type: STRING,
      zero: '',
      documentation: 'Resource type that fetches the image, usually `registry-image`.',
      values: IMAGE_TYPES,
      snippet: ' ${1|registry-image,mock|}',
    },
    {
      key: 'source',
      type: { kind: 'map', of: { kind: 'any' } },
      zero: null,
      documentation:
        'Where the image is: the configuration of the resource type. For `registry-image` the key `repository`, and usually `tag`.',
      snippet: '\n  repository: ${1:busybox}',
    },
    {
      key: 'params',
      type: { kind: 'map', of: { kind: 'any' } },
      documentation: 'Parameters of the step that fetches the image.',
    },
    {
      key: 'version',
      type: { kind: 'map', of: STRING },
      documentation:
        'Pins a version, e.g. `digest: sha256:…`. Without it the newest version is looked up for every run.',
      snippet: '\n  digest: "${1:sha256:}"',
    },
    {
      key: 'name',
      type: STRING,
      zero: '',
      documentation: 'Read by Concourse and then overwritten with `image`.',
    },
    { key: 'tags', type: STRINGS, documentation: 'Tags of the workers that may fetch the image.' },
  ],
};

/** Limits of a task, in its file and on its step. */
export const CONTAINER_LIMITS: ObjectType = {
  kind: 'object',
  name: 'container_limits',
  pointer: true,
  fields: [
    {
      key: 'cpu',
      type: { kind: 'cpu' },
      documentation:
        'CPU **shares** in Concourse: a relative weight, 0 is unlimited. On Kubernetes Tarmac takes the number as millicores (`1000` is one CPU).',
      snippet: ' ${1:1000}',
      examples: [
        { value: '500', documentation: 'Half a CPU on Kubernetes.' },
        { value: '1000', documentation: 'One CPU on Kubernetes; about the default weight in Concourse (1024).' },
        { value: '2000', documentation: 'Two CPUs on Kubernetes.' },
      ],
    },
    {
      key: 'memory',
      type: { kind: 'memory' },
      documentation:
        'Most memory of the container: bytes, or a whole number with `KB`, `MB`, `GB` (also `K`, `Ki`, `KiB` …). All units count in 1024. 0 is unlimited.',
      snippet: ' ${1:1GB}',
      examples: [
        { value: '512MB', documentation: '536,870,912 bytes.' },
        { value: '1GB', documentation: '1,073,741,824 bytes.' },
        { value: '2GB', documentation: '2,147,483,648 bytes.' },
        { value: '4GB', documentation: '4,294,967,296 bytes.' },
      ],
    },
  ],
};

const RUN: ObjectType = {
  kind: 'object',
  name: 'run',
  fields: [
    {
      key: 'path',
      type: STRING,
      zero: '',
      documentation:
        'The executable. A name without a slash is looked up in `$PATH`; a relative path starts at the working directory (with `dir`). Optional since Concourse 8.0: then the image’s entrypoint runs.',
      snippet: ' ${1:sh}',
      examples: [
        { value: 'sh', documentation: 'The shell that nearly every image has.' },
        { value: 'bash', documentation: 'Bash, where the image has it.' },
      ],
    },
    {
      key: 'args',
      type: STRINGS,
      documentation:
        'Arguments, each a text: quote numbers and booleans. Additional arguments of `fly execute` are put after them.',
      snippet: '\n  - ${1:-c}',
    },
    {
      key: 'dir',
      type: STRING,
      documentation: 'Directory to run in, relative to the working directory of the task. Created when missing.',
      snippet: ' ${1:repo}',
    },
    {
      key: 'user',
      type: STRING,
      documentation: 'User name or id to run as. Default: the image’s user, else root.',
      snippet: ' ${1:root}',
      examples: [{ value: 'root', documentation: 'The superuser of the container.' }],
    },
  ],
};

const INPUT: ObjectType = {
  kind: 'object',
  name: 'input',
  fields: [
    {
      key: 'name',
      type: STRING,
      required: true,
      zero: '',
      documentation: 'Name of the artifact.',
      snippet: ' ${1:repo}',
    },
    {
      key: 'path',
      type: STRING,
      documentation: 'Where the input is placed, relative to the working directory. Default: its name.',
      snippet: ' ${1:path}',
    },
    {
      key: 'optional',
      type: { kind: 'boolean' },
      documentation: 'When `true`, the task runs without the input too; its directory is then missing.',
      values: [
        { value: 'true', documentation: 'The input may be missing.' },
        { value: 'false', documentation: 'The input must be there (default).' },
      ],
      snippet: ' true',
    },
  ],
};

const OUTPUT: ObjectType = {
  kind: 'object',
  name: 'output',
  fields: [
    {
      key: 'name',
      type: STRING,
      required: true,
      zero: '',
      documentation: 'Name under which the result is known to later steps.',
      snippet: ' ${1:result}',
    },
    {
      key: 'path',
      type: STRING,
      documentation:
        'Directory of the output, relative to the working directory; created empty. Default: its name. The path of an input is allowed: the output then starts with its contents.',
      snippet: ' ${1:path}',
    },
  ],
};

const CACHE: ObjectType = {
  kind: 'object',
  name: 'cache',
  isolated: true,
  fields: [
    {
      key: 'path',
      type: STRING,
      documentation: 'Directory that is kept between runs of the task, relative to the working directory.',
      snippet: ' ${1:.cache}',
    },
    {
      key: 'ttl',
      type: { kind: 'duration' },
      since: '8.2',
      documentation:
        'How long the cache is kept after its last use: a Go duration such as `24h` or `1h30m`, at least `1s`.',
      snippet: ' ${1:24h}',
      examples: [
        { value: '1h', documentation: 'One hour after the last use.' },
        { value: '24h', documentation: 'One day after the last use.' },
        { value: '168h', documentation: 'One week after the last use. Go has no unit for days.' },
        { value: '720h', documentation: '30 days after the last use.' },
      ],
    },
  ],
};

/** The root of a task file. */
export const TASK: ObjectType = {
  kind: 'object',
  name: 'task',
  fields: [
    {
      key: 'platform',
      type: STRING,
      required: true,
      documentation: 'Platform of the worker. Only `linux` can run on Kubernetes.',
      values: [
        { value: 'linux', documentation: 'Linux containers.' },
        { value: 'darwin', documentation: 'macOS workers. Cannot run on Kubernetes.' },
        { value: 'windows', documentation: 'Windows workers. Tarmac does not run it on Kubernetes.' },
      ],
      snippet: ' ${1|linux,darwin,windows|}',
    },
    {
      key: 'image_resource',
      type: IMAGE_RESOURCE,
      documentation: 'The container image of the task. A pipeline’s `image:` on the step overrides it.',
      snippet: '\n  type: registry-image\n  source:\n    repository: ${1:busybox}',
    },
    {
      key: 'rootfs_uri',
      type: STRING,
      deprecated: 'Its meaning depends on the worker. Use `image_resource`.',
      documentation: 'Root file system as the worker understands it, e.g. `docker:///busybox`.',
    },
    {
      key: 'container_limits',
      type: CONTAINER_LIMITS,
      documentation: 'Limits of CPU and memory.',
      snippet: '\n  cpu: ${1:1000}\n  memory: ${2:1GB}',
    },
    {
      key: 'params',
      type: { kind: 'env' },
      documentation:
        'Environment variables with their default values. Every value becomes a string; an empty one says that the caller should set it.',
      snippet: '\n  ${1:NAME}: ${2}',
    },
    {
      key: 'run',
      type: RUN,
      documentation: 'The command. Without it (Concourse 8.0 and later) the image’s entrypoint runs.',
      snippet: '\n  path: ${1:sh}\n  args:\n    - ${2:-c}',
    },
    {
      key: 'inputs',
      type: { kind: 'list', of: INPUT },
      documentation: 'Artifacts that the task needs, each placed in a directory.',
      snippet: '\n  - name: ${1:repo}',
    },
    {
      key: 'outputs',
      type: { kind: 'list', of: OUTPUT },
      documentation: 'Directories that the task fills for later steps.',
      snippet: '\n  - name: ${1:result}',
    },
    {
      key: 'caches',
      type: { kind: 'list', of: CACHE },
      documentation: 'Directories kept between runs of this task.',
      snippet: '\n  - path: ${1:.cache}',
    },
    {
      key: 'sidecars',
      type: { kind: 'list', of: SIDECAR },
      extension: true,
      documentation:
        'Tarmac’s extension: containers that run beside the task and share its network and volumes. Concourse rejects this key in a task file.',
      snippet: '\n  - name: ${1:db}\n    image: ${2:postgres}',
    },
  ],
};

/** Keys that belong to the pipeline step around a task, with where they go (concourse docs, task step). */
export const STEP_KEYS: ReadonlySet<string> = new Set([
  'task',
  'file',
  'config',
  'image',
  'privileged',
  'vars',
  'tags',
  'timeout',
  'attempts',
  'ensure',
  'on_success',
  'on_failure',
  'on_error',
  'on_abort',
  'try',
  'across',
  'input_mapping',
  'output_mapping',
  'hermetic',
  'sidecars',
]);

/** Finds a key of an object type as Go's JSON decoder does: exact, else with case folded. */
export function fieldNamed(type: ObjectType, key: string): Field | undefined {
  let names = fieldNames.get(type);
  if (names === undefined) fieldNames.set(type, (names = namesOfFields(type)));
  return names.exact.get(key) ?? names.folded.get(foldCase(key));
}

interface FieldNames {
  readonly exact: ReadonlyMap<string, Field>;
  readonly folded: ReadonlyMap<string, Field>;
}

/** Made once for each type: every key of every file is looked up here. */
const fieldNames = new WeakMap<ObjectType, FieldNames>();

/** Of two fields with one name the first counts. */
function namesOfFields({ fields }: ObjectType): FieldNames {
  const reversed = [...fields].reverse();
  return {
    exact: new Map(reversed.map((field) => [field.key, field])),
    folded: new Map(reversed.map((field) => [foldCase(field.key), field])),
  };
}

/** encoding/json folds with Unicode's simple folding: the long s and the Kelvin sign are letters of ASCII names too. */
function foldCase(key: string): string {
  return key
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
