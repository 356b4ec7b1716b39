/** The words with which API servers and their admission plugins refuse a pod. */
import { failure, inNamespace } from './context.ts';
import type { FailureContext } from './context.ts';
import type { RunFailure } from './types.ts';

/** The failure behind an admission plugin's text; undefined when no plugin is speaking. */
export function admissionFailure(text: string, context: FailureContext): RunFailure | undefined {
  return (
    quota(text, context) ??
    limitRange(text) ??
    podSecurity(text, context) ??
    webhook(text) ??
    namespaceTerminating(text, context) ??
    serviceAccount(text, context)
  );
}

/** `a=1,b=2` as a record. */
function amounts(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').map((pair) => pair.trim().split('='));
  return Object.fromEntries(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])));
}

/** ResourceQuota: what was asked, is used and is allowed, for each resource that does not fit. */
function quota(text: string, context: FailureContext): RunFailure | undefined {
  const must = /failed quota: ([^:]+): must specify (.+)/.exec(text);
  if (must !== null) {
    return failure(
      'quota',
      `Quota ${must[1] ?? ''}${inNamespace(context)} wants every container to state ${must[2] ?? ''}`,
      {
        evidence: [text],
        nextStep: 'State `container_limits` (cpu and memory) in the task file, or ask for a LimitRange with defaults.',
        detail: { quota: must[1] ?? '' },
      },
    );
  }
  const match = /exceeded quota: ([^,]+), requested: (.*?), used: (.*?), limited: (.*)/.exec(text);
  if (match === null) return undefined;
  const [requested, used, limited] = [amounts(match[2]), amounts(match[3]), amounts(match[4])];
  const lines = Object.keys(requested).map(
    (name) => `${name}: asked ${requested[name] ?? '?'}, used ${used[name] ?? '?'} of ${limited[name] ?? '?'}`,
  );
  return failure('quota', `Quota ${match[1] ?? ''}${inNamespace(context)} has no room for the pod`, {
    evidence: [...lines, text],
    nextStep: 'Wait until other pods end, ask for less in `container_limits`, or have the quota raised.',
    retryable: true,
    detail: { quota: match[1] ?? '', requested, used, limited },
  });
}

function limitRange(text: string): RunFailure | undefined {
  const pattern =
    /(?:maximum|minimum) [\w./-]+ usage per (?:Container|Pod) is [^,\]]+(?:, but (?:limit|request) is [^,\].]+)?|[\w./-]+ max limit to request ratio per \w+ is [^\]]+/g;
  const found = text.match(pattern);
  if (found === null) return undefined;
  return failure('limit-range', `A LimitRange of the namespace does not allow the container's size`, {
    evidence: [...found, text],
    nextStep: 'Change `container_limits` in the task file so that it fits the numbers above.',
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
  if (level === 'restricted' && !tried.includes('restricted'))
    return 'Run with the restricted profile (`--security-profile restricted`): the task then runs as a user other than root.';
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
  if (tried.includes('privileged'))
    return `Run without \`privileged\` (\`-p\`), or ask for a security context constraint that allows it.${ids}`;
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
    nextStep: 'Choose another namespace, or wait until it is gone and create it anew.',
  });
}

function serviceAccount(text: string, context: FailureContext): RunFailure | undefined {
  if (!/error looking up service account/.test(text)) return undefined;
  return failure('config-error', `The pod's service account does not exist${inNamespace(context)}`, {
    evidence: [text],
    nextStep: 'In a namespace that was just created, run it again in a moment; else create the account.',
    retryable: true,
  });
}
