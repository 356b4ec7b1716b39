/** The shape of a sidecar: Tarmac's extension, with the fields of JetBridge's `atc.SidecarConfig`. */
import { STRING, STRINGS } from './basic.ts';
import type { ObjectType } from './types.ts';

const QUANTITIES: ObjectType = {
  kind: 'object',
  name: 'sidecar resource amounts',
  pointer: true,
  fields: [
    { key: 'cpu', type: STRING, documentation: 'CPU as a Kubernetes quantity, e.g. `500m`.', snippet: ' ${1:500m}' },
    {
      key: 'memory',
      type: STRING,
      documentation: 'Memory as a Kubernetes quantity, e.g. `256Mi`.',
      snippet: ' ${1:256Mi}',
    },
  ],
};

const ENV_VAR: ObjectType = {
  kind: 'object',
  name: 'sidecar environment variable',
  fields: [
    { key: 'name', type: STRING, required: true, documentation: 'Name of the variable.' },
    { key: 'value', type: STRING, documentation: 'Its value.' },
  ],
};

const PORT: ObjectType = {
  kind: 'object',
  name: 'sidecar port',
  fields: [
    { key: 'containerPort', type: { kind: 'integer' }, required: true, documentation: 'Port from 1 to 65535.' },
    {
      key: 'protocol',
      type: STRING,
      documentation: 'Default `TCP`.',
      values: ['TCP', 'UDP', 'SCTP'].map((value) => ({ value, documentation: `${value} port.` })),
    },
  ],
};

/** One inline sidecar. In a task file an entry may be a string `SOURCE/FILE` instead. */
export const SIDECAR: ObjectType = {
  kind: 'object',
  name: 'sidecar',
  fields: [
    { key: 'name', type: STRING, required: true, documentation: 'Name of the container; unique, a DNS label.' },
    { key: 'image', type: STRING, documentation: 'Image reference, e.g. `postgres:16`.' },
    { key: 'image_artifact', type: STRING, documentation: 'Artifact that holds the image; not together with `image`.' },
    { key: 'command', type: STRINGS, documentation: 'Replaces the entrypoint of the image.' },
    { key: 'args', type: STRINGS, documentation: 'Arguments.' },
    { key: 'env', type: { kind: 'list', of: ENV_VAR }, documentation: 'Environment: a list of `name` and `value`.' },
    { key: 'ports', type: { kind: 'list', of: PORT }, documentation: 'Ports the container listens on.' },
    {
      key: 'resources',
      type: {
        kind: 'object',
        name: 'sidecar resources',
        pointer: true,
        fields: [
          { key: 'requests', type: QUANTITIES, documentation: 'What the container is guaranteed.' },
          { key: 'limits', type: QUANTITIES, documentation: 'What the container may use at most.' },
        ],
      },
      documentation: 'Requests and limits of the container.',
    },
    { key: 'workingDir', type: STRING, documentation: 'Directory the container starts in.' },
  ],
};
