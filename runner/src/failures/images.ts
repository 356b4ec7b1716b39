/** Why an image could not be pulled: the kubelet passes the runtime's text on, which passes the registry's on. */
import { dashN, describePod, failure } from './context.ts';
import type { FailureContext } from './context.ts';
import type { FailureKind, RunFailure } from './types.ts';

interface PullRule {
  readonly kind: FailureKind;
  readonly pattern: RegExp;
  readonly title: (image: string) => string;
  readonly nextStep: (image: string, context: FailureContext) => string;
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
    nextStep: (image) =>
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
    nextStep: (image) =>
      `Check the registry's name in ${image}, and that nodes reach it (DNS, proxy, certificates). Your own machine may reach it where the nodes cannot.`,
    retryable: true,
  },
  {
    kind: 'image-not-found',
    pattern:
      /manifest unknown|manifest for .* not found|: not found|name unknown|repository .* not found|failed to resolve reference .*not found|does not exist(?! or may require)/i,
    title: (image) => `Image ${image} does not exist`,
    nextStep: () => 'Correct the repository or the tag in `image_resource.source` of the task file.',
    retryable: false,
  },
  {
    kind: 'image-denied',
    pattern:
      /unauthori[sz]ed|authentication required|access denied|denied|forbidden|\b40[13]\b|no basic auth credentials|insufficient_scope|may require 'docker login'|pull access/i,
    title: (image) => `The registry refuses to hand out ${image}`,
    nextStep: (_image, context) =>
      `Give \`username\` and \`password\` in \`image_resource.source\`, or name a pull secret (list them: \`kubectl get secrets${dashN(context)} --field-selector type=kubernetes.io/dockerconfigjson\`). A repository that does not exist is refused in the same way.`,
    retryable: false,
  },
];

/** The failure that a pull error's text stands for. `where` says which container, e.g. `sidecar db`. */
export function pullFailure(image: string, text: string, where: string, context: FailureContext): RunFailure {
  // Without the image's name: that of `acme/timeout-test` is no timeout.
  const words = text.replaceAll(image, 'IMAGE');
  const rule = rules.find((each) => each.pattern.test(words));
  const evidence = [text, where === '' ? undefined : `Container: ${where}`];
  if (rule === undefined) {
    return failure('image-unreachable', `Image ${image} could not be pulled`, {
      evidence,
      nextStep: `Read the registry's answer above; ${describePod(context)} shows all attempts.`,
      retryable: true,
    });
  }
  return failure(rule.kind, rule.title(image), {
    evidence,
    nextStep: rule.nextStep(image, context),
    retryable: rule.retryable,
  });
}

/** An image reference that no runtime can parse. `where` says which container, as for {@link pullFailure}. */
export function invalidImageName(image: string, text: string, where: string): RunFailure {
  return failure('image-invalid-name', `${image} is not the name of an image`, {
    evidence: [text, where === '' ? undefined : `Container: ${where}`],
    nextStep:
      'Correct `image_resource.source` of the task file: `repository` is `[registry/]name` in lower case, the tag goes into `tag`.',
  });
}
