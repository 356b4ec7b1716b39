/** What LimitRange and ResourceQuota say when they refuse a pod, as numbers; and which containers they mean. */
import type { V1Container, V1Pod } from '../cluster/types.ts';
import { formatQuantity, parseQuantity } from '../pod/quantity.ts';

/** A bound of a LimitRange that was not kept. */
export interface Bound {
  readonly kind: 'minimum' | 'maximum' | 'ratio';
  /** `cpu`, `memory` or `ephemeral-storage`. */
  readonly resource: string;
  readonly per: 'Container' | 'Pod';
  readonly amount: number;
  /** What was asked for, where the text tells. */
  readonly asked?: number;
}

/** What does not fit into a ResourceQuota any more. */
export interface Excess {
  /** `cpu`, `memory` or `ephemeral-storage`. */
  readonly resource: string;
  /** By how much less would be enough. */
  readonly amount: number;
}

/** Names of the containers that Tarmac adds to the task's own. */
export function isHelper(name: string): boolean {
  return name === 'artifact-helper' || name === 'install-helper' || /^fetch-input-\d+$/.test(name);
}

/** The bounds that a LimitRange's refusal names. */
export function limitRangeBounds(text: string): Bound[] {
  const usage =
    /(minimum|maximum) ([\w./-]+) usage per (Container|Pod) is ([\d.]*\d\w*)(?:, but (?:limit|request) is ([\d.]*\d\w*))?/g;
  const ratio =
    /([\w./-]+) max limit to request ratio per (Container|Pod) is ([\d.]*\d\w*)(?:, but provided ratio is ([\d.]+))?/g;
  const bounds: Bound[] = [];
  for (const [, kind, resource = '', per, amount = '', asked] of text.matchAll(usage)) {
    bounds.push({
      kind: kind === 'minimum' ? 'minimum' : 'maximum',
      resource,
      per: per === 'Pod' ? 'Pod' : 'Container',
      amount: parseQuantity(amount) ?? 0,
      ...withAsked(asked),
    });
  }
  for (const [, resource = '', per, amount = '', asked] of text.matchAll(ratio)) {
    bounds.push({
      kind: 'ratio',
      resource,
      per: per === 'Pod' ? 'Pod' : 'Container',
      amount: parseQuantity(amount) ?? 1,
      ...withAsked(asked),
    });
  }
  return bounds;
}

function withAsked(text: string | undefined): { readonly asked?: number } {
  const asked = text === undefined ? undefined : parseQuantity(text);
  return asked === undefined ? {} : { asked };
}

/** The resources of containers, without `limits.` or `requests.`; undefined for all else that a quota counts. */
function containerResource(name: string): string | undefined {
  const bare = name.trim().replace(/^(?:limits|requests)\./, '');
  return ['cpu', 'memory', 'ephemeral-storage'].includes(bare) ? bare : undefined;
}

/** The resources that a quota wants each container to state; newer clusters add ` for: CONTAINERS` to each. */
export function statedByAll(text: string): string[] {
  const list = /failed quota: [^:]+: must specify (.+)/.exec(text)?.[1] ?? '';
  const names = list.includes(' for: ')
    ? list.split(';').map((part) => part.split(' for: ')[0] ?? '')
    : list.split(',');
  return [...new Set(names.flatMap((name) => containerResource(name) ?? []))];
}

/** `a=1,b=2` as a record. */
export function amounts(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').map((pair) => pair.trim().split('='));
  return Object.fromEntries(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])));
}

/** A quota that is exceeded, and by how much for each resource that it names. */
export function exceededQuota(text: string): {
  readonly quota: string;
  readonly requested: Readonly<Record<string, string>>;
  readonly used: Readonly<Record<string, string>>;
  readonly limited: Readonly<Record<string, string>>;
  readonly excess: readonly Excess[];
} | null {
  const match = /exceeded quota: ([^,]+), requested: (.*?), used: (.*?), limited: (.*)/.exec(text);
  if (match === null) return null;
  const [requested, used, limited] = [amounts(match[2]), amounts(match[3]), amounts(match[4])];
  const excess = Object.keys(requested).flatMap((name) => {
    const resource = containerResource(name);
    const [asked, taken, limit] = [requested[name], used[name], limited[name]].map((each) => parseQuantity(each ?? ''));
    if (resource === undefined || asked === undefined || taken === undefined || limit === undefined) return [];
    return [{ resource, amount: asked + taken - limit }];
  });
  return { quota: match[1] ?? '', requested, used, limited, excess };
}

/** All containers of a pod, init containers first. */
export function containersOf(pod: V1Pod): readonly V1Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
}

/** What a container asks for of a resource: what it states, its limit where it states no request. */
export function stated(container: V1Container, resource: string): { request?: number; limit?: number } {
  const { requests, limits } = container.resources ?? {};
  const limit = parseQuantity(limits?.[resource] ?? '');
  const request = parseQuantity(requests?.[resource] ?? limits?.[resource] ?? '');
  return { ...(request === undefined ? {} : { request }), ...(limit === undefined ? {} : { limit }) };
}

/** Names of the containers that the refusal means, as far as the numbers tell; empty when it is about the whole pod. */
export function refusedContainers(pod: V1Pod, text: string): string[] {
  const demanded = statedByAll(text);
  const bounds = limitRangeBounds(text).filter(({ per }) => per === 'Container');
  const means = (container: V1Container): boolean =>
    demanded.some((resource) => stated(container, resource).limit === undefined) ||
    bounds.some(({ kind, resource, amount }) => {
      const { request, limit } = stated(container, resource);
      if (kind === 'ratio') return request === undefined || limit === undefined || limit / request > amount;
      if (kind === 'minimum') return request === undefined || request < amount || (limit ?? amount) < amount;
      return limit === undefined || limit > amount || (request ?? 0) > amount;
    });
  return containersOf(pod)
    .filter(means)
    .map(({ name }) => name);
}

/** Least and usual amounts of the helper: it copies streams, and works in a few MB. */
const usual: Readonly<Record<string, number>> = { cpu: 0.5, memory: 128 * 2 ** 20, 'ephemeral-storage': 64 * 2 ** 20 };
const least: Readonly<Record<string, number>> = { cpu: 0.02, memory: 24 * 2 ** 20, 'ephemeral-storage': 8 * 2 ** 20 };

/**
 * A size of Tarmac's own containers with which the refused pod may be taken; undefined when they are not the cause, or no
 * size can help.
 *
 * @param fixed what a person has chosen: it is not changed
 */
export function fittingSize(
  pod: V1Pod,
  text: string,
  fixed: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const helper = containersOf(pod).find(({ name }) => isHelper(name));
  if (helper === undefined) return undefined;
  const size: Record<string, string> = { ...helper.resources?.limits };
  const now = (resource: string): number | undefined => parseQuantity(size[resource] ?? '');
  const set = (resource: string, amount: number): void => {
    if (!(resource in fixed)) size[resource] = formatQuantity(resource, amount);
  };
  for (const resource of statedByAll(text)) set(resource, now(resource) ?? usual[resource] ?? 1);
  const bounds = limitRangeBounds(text);
  for (const { kind, resource, per, amount, asked } of bounds) {
    const current = now(resource);
    if (per === 'Pod') {
      // The helper gives what is too much, or takes what lacks.
      const next = current === undefined || asked === undefined ? undefined : current + amount - asked;
      if (next !== undefined && kind !== 'ratio' && next >= (least[resource] ?? 1)) set(resource, next);
      continue;
    }
    const start = current ?? usual[resource];
    if (start === undefined) continue;
    if (kind === 'minimum') set(resource, Math.max(start, amount));
    else if (kind === 'maximum') set(resource, Math.min(start, amount));
    // Request and limit of the helper are the same: any ratio holds.
    else set(resource, start);
  }
  // A quota names a resource twice, as request and as limit.
  for (const { resource, amount } of exceededQuota(text)?.excess ?? []) {
    const stands = parseQuantity(helper.resources?.limits?.[resource] ?? '');
    const next = stands === undefined ? undefined : stands - amount;
    if (next !== undefined && amount > 0 && next >= (least[resource] ?? 1) && next < (now(resource) ?? Infinity)) {
      set(resource, next);
    }
  }
  const before = helper.resources?.limits ?? {};
  const changed = Object.keys(size).some((resource) => now(resource) !== parseQuantity(before[resource] ?? ''));
  return changed ? size : undefined;
}
