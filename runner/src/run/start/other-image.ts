/** What to do when the task's image cannot be pulled: ask the origin of a mirror, then take the copy that the node has. */
import { parseImageReference } from '#concourse';
import { RunFailureError, type RunFailure } from '../../model/failure.ts';
import type { Plan } from '../../model/plan.ts';
import { pullPolicy } from '../../pod/shape-pod.ts';
import type { RunEmitter } from '../emitter.ts';
import type { StartAttempt } from './attempt.ts';

type ImageAttempt = Pick<StartAttempt, 'plan' | 'nodeImage'>;

/** The registry is asked although the node may have the image, and nobody has said that it must be. */
function mayUseNodeImage({ plan, nodeImage }: ImageAttempt): boolean {
  return !nodeImage && plan.pod.imagePullPolicy === 'auto' && pullPolicy(plan.image.reference, plan.pod) === 'Always';
}

/** Whether to stop waiting for the image, because there is another way, or because this was the last one. */
export function passesOver(attempt: ImageAttempt, becomes: RunFailure): boolean {
  const { image } = attempt.plan;
  if (becomes.detail?.['image'] !== image.reference) return false;
  const another = image.fallbackReference !== undefined || mayUseNodeImage(attempt);
  if (becomes.kind === 'image-unreachable') return another;
  // The Secret with the file's login is made after the pod: the first refusal may come before it.
  return becomes.kind === 'image-denied' && image.credentials === undefined && (another || attempt.nodeImage);
}

const refusals: Readonly<Record<string, string>> = {
  'image-unreachable': 'does not answer',
  'image-denied': 'refuses to hand it out',
  'image-not-found': 'does not have it',
};

/**
 * How to try again; undefined when the failure stands, or is about another image than the task's.
 * @throws RunFailureError with the registry's reason when the node has no copy either
 */
export function otherImage(failure: RunFailure, attempt: StartAttempt, emitter: RunEmitter): StartAttempt | undefined {
  const { image } = attempt.plan;
  // For the images of the helper and of sidecars there is no other way.
  if (!(failure.kind in refusals) || failure.detail?.['image'] !== image.reference) return undefined;
  const { imageRefused } = attempt;
  if (attempt.nodeImage && imageRefused) throw new RunFailureError(nowhere(imageRefused));
  if (image.fallbackReference !== undefined) {
    emitter.note(`${failure.title}: trying ${image.fallbackReference}`);
    return { ...attempt, plan: { ...attempt.plan, image: originOf(image, image.fallbackReference) } };
  }
  if (!mayUseNodeImage(attempt)) return undefined;
  emitter.note(
    `the registry of ${image.reference} ${refusals[failure.kind] ?? 'fails'}: using the copy that the node has, if it has one`,
  );
  return { ...attempt, nodeImage: true, imageRefused: failure };
}

function nowhere(first: RunFailure): RunFailure {
  return {
    ...first,
    evidence: [...first.evidence, 'The node of the second attempt had no copy of the image either.'],
    nextStep: `${first.nextStep} An image that was loaded into a node by hand is found on that node only: load it into each node, or choose the node with \`--node-selector\`. \`--pull-policy never\` (setting \`tarmac.pod\`, \`imagePullPolicy\`) asks no registry.`,
  };
}

/** The image without its mirror. The login to the mirror is not shown to the origin. */
function originOf(image: Plan['image'], reference: string): Plan['image'] {
  const { architecture, fallbackCredentials } = image;
  return {
    reference,
    registry: parsedRegistry(reference) ?? image.registry,
    ...(architecture === undefined ? {} : { architecture }),
    ...(fallbackCredentials ? { credentials: fallbackCredentials } : {}),
  };
}

function parsedRegistry(reference: string): string | undefined {
  const parsed = parseImageReference(reference);
  return parsed.ok ? parsed.image.registry : undefined;
}
