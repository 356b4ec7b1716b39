/** The words with which API servers and their admission plugins refuse a pod. */
import { dashN, failure, inNamespace, type FailureContext } from './context.ts';
import { exceededQuota, isHelper, refusedContainers, statedByAll } from './size-limits.ts';
import type { RunFailure } from '../model/failure.ts';

/** The failure behind an admission plugin's text; undefined when no plugin is speaking. */
export function admissionFailure(text: string, context: FailureContext): RunFailure | undefined {
  return (
    quota(text, context) ??
    limitRange(text, context) ??
    podSecurity(text, context) ??
    webhook(text) ??
    namespaceTerminating(text, context) ??
    serviceAccount(text, context) ??
    priorityClass(text)
  );
}

/** The setting and the flags that give the helper its size. */
const helperSize = '`--helper-cpu` and `--helper-memory` (setting `tarmac.pod`, `helperResources`)';

/** Who has to change what, for the containers that are refused. */
function sizeStep(names: readonly string[], resources: readonly string[], verb: string): string {
  const main = names.includes('main');
  const sidecars = names.filter((name) => name !== 'main' && !isHelper(name));
  const disk = resources.length > 0 && resources.every((resource) => resource.includes('ephemeral-storage'));
  const steps = [
    main && disk ? `${verb} \`--ephemeral-storage\` (setting \`tarmac.pod\`, \`ephemeralStorage\`)` : undefined,
    main && !disk ? `${verb} \`container_limits\` (cpu and memory) in the task file` : undefined,
    sidecars.length > 0
      ? `${verb} \`resources\` of ${sidecars.map((name) => `sidecar ${name}`).join(', ')}`
      : undefined,
    names.some(isHelper) ? `give Tarmac's helper container another size with ${helperSize}` : undefined,
  ].filter((step) => step !== undefined);
  const text = steps.join(', and ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** ResourceQuota: what was asked, is used and is allowed, for each resource that does not fit. */
function quota(text: string, context: FailureContext): RunFailure | undefined {
  const must = /failed quota: ([^:]+): must specify (.+)/.exec(text);
  if (must !== null) {
    const { refused } = context;
    const names = refused ? refusedContainers(refused, text) : ['main'];
    const step = sizeStep(names, statedByAll(text), 'state') || sizeStep(['main'], [], 'state');
    return failure(
      'quota',
      `Quota ${must[1] ?? ''}${inNamespace(context)} wants every container to state ${must[2] ?? ''}`,
      {
        evidence: [text, containersLine(names, refused !== undefined)],
        nextStep: `${step}, or ask for a LimitRange with defaults.`,
        detail: { quota: must[1] ?? '' },
      },
    );
  }
  const exceeded = exceededQuota(text);
  if (exceeded === null) return undefined;
  const { requested, used, limited } = exceeded;
  const lines = Object.keys(requested).map(
    (name) => `${name}: asked ${requested[name] ?? '?'}, used ${used[name] ?? '?'} of ${limited[name] ?? '?'}`,
  );
  const [object, nextStep] = roomStep(text, Object.keys(requested), context);
  return failure('quota', `Quota ${exceeded.quota}${inNamespace(context)} has no room for ${object}`, {
    evidence: [...lines, text],
    nextStep,
    retryable: true,
    detail: { quota: exceeded.quota, requested, used, limited },
  });
}

/** What does not fit into a quota, in words, and what to do about it. */
function roomStep(
  text: string,
  resources: readonly string[],
  context: FailureContext,
): readonly [object: string, nextStep: string] {
  const kind = /\b(secrets|persistentvolumeclaims|pods) "/.exec(text)?.[1];
  if (kind === 'secrets' || resources.some((name) => /(?:^|\/)secrets$/.test(name))) {
    return [
      'another Secret',
      `Delete Secrets that nobody needs (\`kubectl get secrets${dashN(context)}\`), or have the quota raised. A pull secret that is there already (\`--pull-secret\`) needs no new one.`,
    ];
  }
  if (
    kind === 'persistentvolumeclaims' ||
    resources.some((name) => /persistentvolumeclaims$|requests\.storage$/.test(name))
  ) {
    return [
      'the claim',
      `Ask for less (\`tarmac store init --size\`), delete claims that nobody needs (\`kubectl get pvc${dashN(context)}\`), or have the quota raised.`,
    ];
  }
  // A quota of the number of pods has room for no pod, however small.
  if (resources.every((name) => /(?:^|\/)pods$/.test(name))) {
    return ['another pod', 'Wait until other pods end, or have the quota raised.'];
  }
  const main = context.refused?.spec?.containers.find(({ name }) => name === 'main');
  const less =
    context.refused !== undefined && main === undefined
      ? `give Tarmac's helper container less with ${helperSize}`
      : 'ask for less in `container_limits`';
  return ['the pod', `Wait until other pods end, ${less}, or have the quota raised.`];
}

function containersLine(names: readonly string[], known: boolean): string | undefined {
  return known && names.length > 0 ? `Containers: ${names.join(', ')}` : undefined;
}

function limitRange(text: string, { refused }: FailureContext): RunFailure | undefined {
  const pattern =
    /(?:maximum|minimum) [\w./-]+ usage per (?:Container|Pod|PersistentVolumeClaim) is [^,\]]+(?:, but (?:limit|request) is [^,\].]+)?|[\w./-]+ max limit to request ratio per \w+ is [^\]]+/g;
  const found = text.match(pattern);
  if (found === null) return undefined;
  if (found.every((line) => line.includes(' per PersistentVolumeClaim '))) {
    return failure('limit-range', `A LimitRange of the namespace does not allow the claim's size`, {
      evidence: [...found, text],
      nextStep: 'Choose a size within the numbers above: `tarmac store init --size`.',
    });
  }
  const names = refused ? refusedContainers(refused, text) : ['main'];
  const step = sizeStep(names, [], 'change');
  const whose =
    step === ''
      ? "the pod's size"
      : names.every(isHelper)
        ? "the size of Tarmac's helper container"
        : "the container's size";
  const whole = refused?.spec?.containers.some(({ name }) => name === 'main')
    ? 'Change `container_limits` in the task file'
    : `Give Tarmac's helper container another size with ${helperSize}`;
  return failure('limit-range', `A LimitRange of the namespace does not allow ${whose}`, {
    evidence: [...found, containersLine(names, refused !== undefined), text],
    nextStep: `${step === '' ? whole : step} so that it fits the numbers above.`,
  });
}

/** Pod Security Admission (1.23 and later), PodSecurityPolicy (until 1.24) and OpenShift's constraints. */
function podSecurity(text: string, context: FailureContext): RunFailure | undefined {
  const standard = /violates PodSecurity "([^"]+)": (.*)/.exec(text);
  if (standard !== null) {
    const level = (standard[1] ?? '').split(':')[0] ?? '';
    const violations = (standard[2] ?? '').split(/, (?![^(]*\))/);
    return failure(
      'pod-security',
      `Namespace ${context.namespace ?? ''} enforces the Pod Security standard "${level}"`.replace('  ', ' '),
      {
        evidence: violations,
        nextStep: afterStandard(level, context.tried ?? []),
        detail: { standard: standard[1] ?? '', violations, rules: 'standard' },
      },
    );
  }
  const older =
    /PodSecurityPolicy: unable to (?:admit|validate) pod: ?(.*)|(unable to validate against any security context constraint): ?(.*)/is.exec(
      text,
    );
  if (older === null) return undefined;
  const constraint = older[2] !== undefined;
  return failure('pod-security', `The cluster's pod security rules refuse the pod`, {
    evidence: [older[1] ?? older[3], text],
    nextStep: constraint ? afterConstraint(text, context.tried ?? []) : afterPolicy(context.tried ?? []),
    detail: { rules: constraint ? 'scc' : 'psp' },
  });
}

const askOperator = 'Ask whoever runs the cluster for a namespace that allows what is named above.';

function afterStandard(level: string, tried: readonly string[]): string {
  if (tried.includes('privileged')) return 'Run without `privileged` (`-p`), or in a namespace that allows it.';
  if (level === 'restricted' && !tried.includes('restricted')) {
    return 'Run with the restricted profile (`--security-profile restricted`): the task then runs as a user other than root.';
  }
  return `The pod was made as small as Tarmac can. ${askOperator}`;
}

function afterPolicy(tried: readonly string[]): string {
  if (tried.includes('privileged')) return 'Run without `privileged` (`-p`), or ask for a policy that allows it.';
  if (tried.includes('none')) return 'Ask for a policy that allows the pod.';
  return tried.includes('restricted')
    ? 'Run without user and group ids of Tarmac (`--security-profile none`), or ask for a policy that allows the pod.'
    : 'Run with the restricted profile (`--security-profile restricted`), or ask for a policy that allows the pod.';
}

/** OpenShift gives each namespace a range of user ids: a pod that states none gets one of them. */
function afterConstraint(text: string, tried: readonly string[]): string {
  const range = /must be in the ranges: \[(\d+), (\d+)\]/.exec(text);
  const ids = range === null ? '' : ` The namespace's user ids are ${range[1] ?? ''} to ${range[2] ?? ''}.`;
  if (tried.includes('privileged')) {
    return `Run without \`privileged\` (\`-p\`), or ask for a security context constraint that allows it.${ids}`;
  }
  if (tried.includes('none')) return `Ask for a security context constraint that allows what is named above.${ids}`;
  return `Run with \`--security-profile none\`: the pod then states no user and no group, and the cluster gives them.${ids}`;
}

function webhook(text: string): RunFailure | undefined {
  const denied = /admission webhook "([^"]+)" denied the request:? ?([\s\S]*)/.exec(text);
  if (denied !== null) {
    return failure('admission-denied', `Admission webhook ${denied[1] ?? ''} refuses the pod`, {
      evidence: [denied[2] === '' ? text : denied[2]],
      nextStep:
        'The text above is the rule of your cluster: change the task or the settings to fit it, or ask its operator.',
      detail: { webhook: denied[1] ?? '' },
    });
  }
  const policy = /ValidatingAdmissionPolicy '([^']+)'.* denied request: ([\s\S]*)/.exec(text);
  if (policy !== null) {
    return failure('admission-denied', `Admission policy ${policy[1] ?? ''} refuses the pod`, {
      evidence: [policy[2]],
      nextStep:
        'The text above is the rule of your cluster: change the task or the settings to fit it, or ask its operator.',
      detail: { policy: policy[1] ?? '' },
    });
  }
  const failed = /failed calling webhook "([^"]+)"/.exec(text);
  if (failed === null) return undefined;
  return failure('admission-denied', `Admission webhook ${failed[1] ?? ''} does not answer`, {
    evidence: [text],
    nextStep: 'The cluster asks this webhook about each pod: run it again in a moment, or tell the operator.',
    retryable: true,
    detail: { webhook: failed[1] ?? '' },
  });
}

function namespaceTerminating(text: string, context: FailureContext): RunFailure | undefined {
  if (!/because it is being terminated/.test(text)) return undefined;
  return failure('namespace-terminating', `Namespace ${context.namespace ?? ''} is being deleted`.replace('  ', ' '), {
    evidence: [text],
    nextStep: 'Choose another namespace, or wait until it is gone and create it again.',
  });
}

function serviceAccount(text: string, context: FailureContext): RunFailure | undefined {
  if (!/error looking up service account/.test(text)) return undefined;
  const named = context.refused?.spec?.serviceAccountName;
  const name = /serviceaccount "([^"]+)" not found/.exec(text)?.[1] ?? named;
  if (named !== undefined || (name !== undefined && name !== 'default')) {
    return failure('config-error', `Service account ${name ?? ''} does not exist${inNamespace(context)}`, {
      evidence: [text],
      nextStep: `Create it, or name another one with \`--service-account\` (setting \`tarmac.pod\`, \`serviceAccountName\`); those that are there: \`kubectl get serviceaccounts${dashN(context)}\`.`,
    });
  }
  return failure('config-error', `The pod's service account does not exist${inNamespace(context)}`, {
    evidence: [text],
    nextStep: 'In a namespace that was just created, run it again in a moment; else create the account.',
    retryable: true,
  });
}

/** The priority admission plugin: the class, or a value of a pod that has it already. */
function priorityClass(text: string): RunFailure | undefined {
  const name = /no PriorityClass with name ([\w.-]+) was found/.exec(text)?.[1];
  if (name === undefined) return undefined;
  return failure('config-error', `Priority class ${name} does not exist`, {
    evidence: [text],
    nextStep:
      'Name another one with `--priority-class` (setting `tarmac.pod`, `priorityClassName`); those that are there: `kubectl get priorityclasses`.',
  });
}
