/** What a resource or a resource type is, and who uses it. */
import { CORE_RESOURCE_TYPES, entryOf, type MapNode, RESOURCE_FACTS, traceFlow } from '#concourse';
import { code } from '../../facts/spelled-out.ts';
import { everyStep, jobsOf, mappingsIn, textAt } from '../model.ts';
import { PipelineNames } from '../names.ts';
import type { PipelineRequest } from '../request.ts';

/** Keys of `source` that say what a resource is, of any type. A `url` may be a webhook, and so a secret. */
const IDENTITY = ['uri', 'repository', 'owner', 'branch', 'tag'];
/** Of core types, where these hold no secret. */
const CORE_IDENTITY = [
  'uri',
  'owner',
  'repository',
  'bucket',
  'key',
  'regexp',
  'versioned_file',
  'branch',
  'tag',
  'tag_filter',
  'pool',
  'file',
  'driver',
  'interval',
  'start',
  'stop',
];

/** A text without the login that an address may hold. */
export function withoutLogin(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]*@/u, '$1…@');
}

/** Markdown paragraphs about a resource; the first one names it. */
export function resourceFacts(request: PipelineRequest, name: string): string[] {
  const { source } = request;
  const node = mappingsIn(source.root, 'resources').find((each) => textAt(each, 'name')?.text === name);
  if (!node) return [`**${name}**`, `No resource of this pipeline is called ${code(name)}.`];
  const type = textAt(node, 'type')?.text ?? '';
  const isCore = new PipelineNames(source).coreType(type) !== undefined;
  const facts = [`**${name}** (${type === '' ? 'resource' : `${type} resource`})`, ...identity(node, isCore)];
  if (traceFlow(source, request.world).resource(name)?.local === true) {
    facts.push('It is this repository, at its branch.');
  }
  const pinned = entryOf(node, 'version')?.value;
  if (pinned?.kind === 'map') {
    const text = pinned.entries.map(({ name: key, value }) => `${key}: ${value.kind === 'scalar' ? value.text : '…'}`);
    facts.push(`Pinned to ${code(text.join(', '))}.`);
  }
  facts.push(...usesOf(request, name));
  return facts;
}

function identity(node: MapNode, isCore: boolean): string[] {
  const source = entryOf(node, 'source')?.value;
  if (source?.kind !== 'map') return [];
  const parts = (isCore ? CORE_IDENTITY : IDENTITY).flatMap((key) => {
    const value = source.entries.find((entry) => entry.name === key)?.value;
    return value?.kind === 'scalar' && value.text !== '' ? [`${key} ${code(withoutLogin(value.text))}`] : [];
  });
  return parts.length > 0 ? [parts.join(', ')] : [];
}

/** Which jobs get and put a resource. */
function usesOf({ source }: PipelineRequest, name: string): string[] {
  const users = { get: new Map<string, boolean>(), put: new Map<string, boolean>() };
  for (const { name: job, steps } of jobsOf(source)) {
    for (const { kind, node } of everyStep(steps)) {
      if (kind !== 'get' && kind !== 'put') continue;
      if ((textAt(node, 'resource') ?? textAt(node, kind))?.text !== name) continue;
      const trigger = entryOf(node, 'trigger')?.value;
      const triggers = trigger?.kind === 'scalar' && trigger.value === true;
      const id = job?.text ?? '';
      users[kind].set(id, triggers || users[kind].get(id) === true);
    }
  }
  const told = (jobs: ReadonlyMap<string, boolean>): string =>
    [...jobs].map(([job, triggers]) => `${code(job)}${triggers ? ' (trigger)' : ''}`).join(', ');
  const facts = [
    ...(users.get.size > 0 ? [`Fetched by ${told(users.get)}.`] : []),
    ...(users.put.size > 0 ? [`Put by ${told(users.put)}.`] : []),
  ];
  return facts.length > 0 ? facts : ['No job uses it.'];
}

/** Markdown paragraphs about a resource type. */
export function typeFacts({ source }: PipelineRequest, name: string): string[] {
  const own = mappingsIn(source.root, 'resource_types').find((each) => textAt(each, 'name')?.text === name);
  if (own) {
    const type = textAt(own, 'type')?.text;
    const by = type === undefined ? '' : ` Its image comes from a ${code(type)} resource.`;
    return [`**${name}** (resource type)`, `Defined in this pipeline.${by}`, ...identity(own, false)];
  }
  const known = RESOURCE_FACTS.get(new PipelineNames(source).coreType(name) ?? '');
  if (known) {
    return [`**${name}** (core resource type)`, known.summary, `[${name}](${known.page})`];
  }
  const core = (CORE_RESOURCE_TYPES as readonly string[]).includes(name);
  return core
    ? [`**${name}** (core resource type)`]
    : [`**${name}**`, 'No resource type of this pipeline, and none that comes with Concourse.'];
}
