/** Why an image could not be pulled: the kubelet passes the runtime's text on, which passes the registry's on. */
import type { V1ContainerStatus, V1Pod } from '../cluster/types.ts';
import { containerRole, containerSpec, dashN, describePod, failure, type FailureContext } from './context.ts';
import type { FailureKind, RunFailure } from '../model/failure.ts';

/** An image and the container that it is for. */
export interface PulledImage {
  readonly image: string;
  /** Name of the container. */
  readonly container: string;
  /** What the container is to a reader, e.g. `sidecar db`. */
  readonly role: string;
  /** Where a person says which image it is. */
  readonly place: string;
}

/** The place where the task's own image is said. */
const taskPlace = '`image_resource.source` of the task file';

/** The image of a container of a pod of ours. */
export function pulledImage(pod: V1Pod, status: V1ContainerStatus, context: FailureContext): PulledImage {
  const container = status.name;
  const role = containerRole(pod, container, context);
  const task = container === (context.main ?? 'main');
  return {
    image: containerSpec(pod, container)?.image ?? status.image,
    container,
    role,
    place: task
      ? taskPlace
      : role.startsWith('sidecar ')
        ? `\`image\` of ${role}`
        : '`--helper-image` (setting `tarmac.helperImage`)',
  };
}

interface PullRule {
  readonly kind: FailureKind;
  readonly pattern: RegExp;
  readonly title: (image: string) => string;
  readonly nextStep: (pulled: PulledImage, context: FailureContext) => string;
  readonly retryable: boolean;
}

/**
 * In this order: a registry hides missing images behind "denied" and adds both words, so that the clearer text wins.
 * The texts are those of containerd, CRI-O and dockershim (Kubernetes 1.20 to 1.3x) and of the common registries.
 */
const rules: readonly PullRule[] = [
  {
    kind: 'image-wrong-architecture',
    pattern:
      /no match(ing manifest)? for platform|no matching manifest for|exec format error|image operating system .* cannot be used/i,
    title: (image) => `Image ${image} is not made for the processor of the node`,
    nextStep: ({ image }) =>
      `Choose an image that has the node's architecture (see its platforms with \`docker manifest inspect ${image}\`), or run on a node that has the image's.`,
    retryable: false,
  },
  {
    kind: 'image-rate-limited',
    pattern: /toomanyrequests|too many requests|rate ?limit|\b429\b/i,
    title: (image) => `The registry limits how often ${image} may be pulled`,
    nextStep: () => 'Wait until the limit ends, log in to the registry with a pull secret, or use a mirror.',
    retryable: true,
  },
  {
    kind: 'image-unreachable',
    pattern:
      /i\/o timeout|timeout|deadline exceeded|no such host|server misbehaving|connection refused|connection reset|no route to host|network is unreachable|x509|certificate|tls:|http: server gave HTTP response|unexpected EOF|: EOF\b|status(?: code)?:? 5\d\d|proxyconnect|registry is unavailable|RegistryUnavailable/i,
    title: (image) => `The node cannot reach the registry of ${image}`,
    nextStep: ({ image, place }) =>
      `Check the registry's name in ${image}, and that nodes can reach it (DNS, proxy, certificates). Your own machine may reach it where the nodes cannot. To use another image, change ${place}.`,
    retryable: true,
  },
  {
    kind: 'image-not-found',
    pattern:
      /manifest unknown|manifest for .* not found|: not found|name unknown|repository .* not found|failed to resolve reference .*not found|does not exist(?! or may require)/i,
    title: (image) => `Image ${image} does not exist`,
    nextStep: ({ place }) => `Correct the repository or the tag in ${place}.`,
    retryable: false,
  },
  {
    kind: 'image-denied',
    pattern:
      /unauthori[sz]ed|authentication required|access denied|denied|forbidden|\b40[13]\b|no basic auth credentials|insufficient_scope|may require 'docker login'|pull access/i,
    title: (image) => `The registry refuses to hand out ${image}`,
    nextStep: ({ place }, context) =>
      `${place === taskPlace ? 'Give `username` and `password` in `image_resource.source`, or name' : 'Name'} a pull secret (list them: \`kubectl get secrets${dashN(context)} --field-selector type=kubernetes.io/dockerconfigjson\`). A repository that does not exist is refused in the same way.`,
    retryable: false,
  },
];

/** The failure that a pull error's text stands for. */
export function pullFailure(pulled: PulledImage, text: string, context: FailureContext): RunFailure {
  const { image, container, role } = pulled;
  // Without the image's name: that of `acme/timeout-test` is no timeout.
  const words = text.replaceAll(image, 'IMAGE');
  const rule = rules.find((each) => each.pattern.test(words));
  const evidence = [text, `Container: ${role}`];
  const detail = { container, image };
  if (rule === undefined) {
    return failure('image-unreachable', `Image ${image} could not be pulled`, {
      evidence,
      nextStep: `Read the registry's answer above; ${describePod(context)} shows all attempts.`,
      retryable: true,
      detail,
    });
  }
  return failure(rule.kind, rule.title(image), {
    evidence,
    nextStep: rule.nextStep(pulled, context),
    retryable: rule.retryable,
    detail,
  });
}

/** An image reference that no runtime can parse. */
export function invalidImageName({ image, container, role, place }: PulledImage, text: string): RunFailure {
  const form =
    place === taskPlace
      ? '`repository` is `[registry/]name` in lower case, the tag goes into `tag`'
      : 'it is `[registry/]name[:tag]`, in lower case';
  return failure('image-invalid-name', `${image} is not the name of an image`, {
    evidence: [text, `Container: ${role}`],
    nextStep: `Correct ${place}: ${form}.`,
    detail: { container, image },
  });
}
