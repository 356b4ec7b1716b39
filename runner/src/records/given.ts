/**
 * What a run was given, in digests: enough to say whether two runs had the same, and what was different. A value may be a
 * secret, and records travel in the annotations of pods: the digests are keyed with what only this person has.
 */
import { createHmac } from 'node:crypto';
import type { RunEvent } from '../model/events.ts';
import type { PlanDraft } from '../model/plan.ts';
import { idIn } from '../plan/cache-scope.ts';
import type { GivenDigests, RunRecord } from './record.ts';

/** @param stateDir has this person's key, which is made at the first time */
export function givenDigests(plan: PlanDraft, stateDir: string): GivenDigests {
  const key = idIn(stateDir, 'digests');
  const digest = (kind: string, value: unknown): string =>
    createHmac('sha256', key)
      .update(`${kind}\0${JSON.stringify(value)}`)
      .digest('hex')
      .slice(0, 32);
  const { path, args, dir, user } = plan.command;
  const { limits, sidecars, pty, profile } = plan;
  return {
    params: Object.fromEntries(plan.params.map(({ name, value }) => [name, digest(`param ${name}`, value)])),
    command: digest('command', [path, args, dir, user ?? null, plan.stdin ?? null]),
    surroundings: digest('surroundings', [limits, sidecars, pty, profile === 'privileged']),
  };
}

/** Writes down what an event tells of it: the tree of an input, the image that runs. */
export function noteGiven(record: RunRecord, event: RunEvent): void {
  if (event.type === 'input-ready' && event.digest !== '') {
    const input = record.inputs.find(({ name }) => name === event.input);
    if (input) input.digest = event.digest;
  }
  if (event.type !== 'pod-event' || event.attributes['container.name'] !== 'main') return;
  const digest = event.attributes['container.image.digest'];
  if (typeof digest === 'string') record.imageDigest = digest;
}

/** One thing that two runs were given differently; a side is absent where the run had none. */
export interface GivenDifference {
  readonly kind: 'input' | 'param' | 'image' | 'command' | 'surroundings';
  /** Name of the input or param; empty for the others. */
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

/** What the later run was given differently; undefined where one of them does not know what it was given. */
export function givenDifferences(before: RunRecord, after: RunRecord): readonly GivenDifference[] | undefined {
  if (!before.given || !after.given) return undefined;
  const found: GivenDifference[] = [];
  const compare = (
    kind: GivenDifference['kind'],
    name: string,
    [a, shownA]: readonly [string | undefined, string | undefined],
    [b, shownB]: readonly [string | undefined, string | undefined],
  ): void => {
    if (a === b) return;
    const sides = {
      ...(a === undefined ? {} : { before: shownA ?? a }),
      ...(b === undefined ? {} : { after: shownB ?? b }),
    };
    found.push({ kind, name, ...sides });
  };
  const inputs = [before, after].map(
    (record) => new Map(record.inputs.map(({ name, digest, from }) => [name, digest ?? from])),
  );
  for (const name of namesOf(...inputs.map((each) => [...each.keys()]))) {
    const [a, b] = inputs.map((each) => each.get(name));
    compare('input', name, [a, a], [b, b]);
  }
  const [a, b] = [before.given.params, after.given.params];
  for (const name of namesOf(Object.keys(a), Object.keys(b))) {
    compare('param', name, [own(a, name), undefined], [own(b, name), undefined]);
  }
  const images = [before, after].map(({ image, imageDigest }) => imageDigest ?? image);
  const shown = [before, after].map(({ image, imageDigest }) =>
    imageDigest === undefined ? image : `${image} (${imageDigest.slice(0, 19)})`,
  );
  compare('image', '', [images[0], shown[0]], [images[1], shown[1]]);
  const commands = [before, after].map(({ command }) => command.join(' '));
  compare('command', '', [before.given.command, commands[0]], [after.given.command, commands[1]]);
  compare('surroundings', '', [before.given.surroundings, undefined], [after.given.surroundings, undefined]);
  return found;
}

function namesOf(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
