/** From an error of a call to a failure that a person can act on. */
import { ApiError, CredentialError, errorCode, KubeconfigError } from '../cluster/errors.ts';
import { errorText } from '../model/format.ts';
import { ExecError } from '../cluster/exec/error.ts';
import { admissionFailure } from './admission.ts';
import { dashN, describePod, failure, inNamespace, type FailureContext } from './context.ts';
import { isCertificateTrouble } from './tls.ts';
import { RunFailureError, type RunFailure } from '../model/failure.ts';

/**
 * The failure that an error stands for; never throws. Knows `ApiError`, `ExecError`, `CredentialError`,
 * `KubeconfigError` and `RunFailureError`; anything else is `internal`.
 */
export function failureFromApi(error: unknown, context: FailureContext): RunFailure {
  if (error instanceof RunFailureError) return error.failure;
  if (error instanceof CredentialError) return credentials(error, context);
  if (error instanceof KubeconfigError) {
    return failure('config-error', 'The kubeconfig does not lead to a cluster', {
      evidence: [error.what],
      nextStep: error.nextStep,
      detail: { code: error.code },
    });
  }
  if (error instanceof ExecError) return fromExec(error, context);
  if (error instanceof ApiError) {
    return typeof error.code === 'string'
      ? fromNetwork(error, error.code, error.message, context)
      : fromAnswer({ status: error.code, text: error.message, verb: error.verb, resource: error.resource }, context);
  }
  return failure('internal', `Unexpected error: ${errorText(error)}`, {
    evidence: error instanceof Error ? [error.stack] : [],
    nextStep: 'Run it again. If it happens twice, report it with the text above.',
    detail: { code: errorCode(error) ?? null },
  });
}

function credentials(error: CredentialError, context: FailureContext): RunFailure {
  const refused = error.code === 'OIDC';
  return failure(
    refused ? 'unauthorized' : 'auth-plugin',
    context.context === undefined ? 'Cannot sign in to the cluster' : `Cannot sign in to context ${context.context}`,
    {
      evidence: [error.what],
      nextStep: error.nextStep,
      retryable: true,
      detail: { code: error.code },
    },
  );
}

function fromExec(error: ExecError, context: FailureContext): RunFailure {
  if (error.code === 'CONNECT') {
    return fromNetwork(error.cause, errorCode(error.cause) ?? 'ECONNRESET', error.message, context);
  }
  if (error.code === 'REFUSED') {
    const { status } = error;
    const answered = status !== undefined && [401, 403, 404, 429, 502, 503, 504].includes(status);
    if (answered) {
      return fromAnswer({ status, text: error.message, verb: 'create', resource: 'pods/exec' }, context);
    }
    return failure('container-start-error', 'A command could not be started in the pod', {
      evidence: [error.message],
      nextStep: error.neverStarted
        ? 'The node did not answer yet: run it again in a moment.'
        : `See what the container offers: ${describePod(context)}.`,
      retryable: error.neverStarted,
      detail: { status: status ?? null, reason: error.kubernetesReason ?? null },
    });
  }
  return failure(
    'stream-lost',
    `The connection to ${context.pod === undefined ? 'the pod' : `pod ${context.pod}`} was lost`,
    {
      evidence: [error.message],
      nextStep: 'The pod keeps running without the connection: attach to the run again.',
      retryable: true,
      detail: { code: error.code },
    },
  );
}

const tlsSteps: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "The API server's certificate has expired: its operator must renew it. Check also this machine's clock.",
  CERT_NOT_YET_VALID: "The certificate is not valid yet: check this machine's clock.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "The certificate is for another host: use a name that it lists, or set `tls-server-name` in the kubeconfig's cluster.",
};

function fromNetwork(error: unknown, code: string, message: string, context: FailureContext): RunFailure {
  const server = context.server ?? 'the API server';
  const from = context.context === undefined ? '' : ` (context ${context.context})`;
  if (isCertificateTrouble(error)) {
    return failure('tls', `The certificate of ${server}${from} is not accepted`, {
      // Node adds advice about its own options.
      evidence: [message.replace(/; if the root CA is installed locally.*$/su, '')],
      nextStep:
        tlsSteps[code] ??
        "The cluster's certificate is not trusted: get a new kubeconfig, or check whether a proxy intercepts TLS.",
      detail: { code },
    });
  }
  return failure('unreachable', `Cannot reach ${server}${from}`, {
    evidence: [message],
    nextStep:
      code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'The name does not resolve: connect to the VPN, or choose another context.'
        : 'Check your VPN, that the cluster is running, and the context. `kubectl cluster-info` must answer.',
    retryable: true,
    detail: { code },
  });
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly verb: string;
  readonly resource: string;
}

function fromAnswer(answer: Answer, context: FailureContext): RunFailure {
  const { status, text } = answer;
  const detail = { status, verb: answer.verb, resource: answer.resource };
  if (status === 401) {
    return failure(
      'unauthorized',
      context.context === undefined
        ? 'Your login for the cluster has expired or is invalid'
        : `Your login for context ${context.context} has expired or is invalid`,
      {
        evidence: [text],
        nextStep:
          'Sign in again (for example `aws sso login`, `gcloud auth login`, `kubelogin`), then retry. Running tasks are not affected.',
        retryable: true,
        detail,
      },
    );
  }
  const refused = admissionFailure(text, context);
  if (refused !== undefined) return { ...refused, detail: { ...detail, ...refused.detail } };
  if (status === 403) return forbidden(answer, context);
  if (status === 404) return missing(answer, context);
  if (status === 429 || status >= 500) {
    return failure('unreachable', `The API server could not answer (HTTP ${status})`, {
      evidence: [text],
      nextStep: 'The cluster is busy or restarting: run it again in a moment.',
      retryable: true,
      detail,
    });
  }
  if (status === 422 || status === 400) {
    return failure('config-error', `The cluster does not accept the ${answer.resource} object`, {
      evidence: [text],
      nextStep: 'The field named above comes from the task file or the settings: correct it there.',
      detail,
    });
  }
  return failure(
    'internal',
    `Unexpected answer of the API server (HTTP ${status}) to ${answer.verb} ${answer.resource}`,
    {
      evidence: [text],
      nextStep: 'Run it again. If it happens twice, report it with the text above.',
      detail,
    },
  );
}

function forbidden(answer: Answer, context: FailureContext): RunFailure {
  const match = /(?:User "([^"]*)" )?cannot (\w+) resource "([^"]+)" in API group "([^"]*)"/.exec(answer.text);
  const [, user, verb = answer.verb, resource = answer.resource, group = ''] = match ?? [];
  const who = user === undefined || user === '' ? 'This account' : `User ${user}`;
  const as = user === undefined || user === '' ? '' : ` --as ${user}`;
  const check = `\`kubectl auth can-i ${verb} ${resource}${dashN(context)}${as}\``;
  return failure('forbidden', `${who} is not allowed to ${verb} ${resource}${inNamespace(context)}`, {
    evidence: [answer.text],
    nextStep:
      resource === 'secrets'
        ? `The password in \`image_resource\` travels in a Secret: ask for the Role of deploy/image-credentials.yaml (check it with ${check}), or name a Secret that is there with \`--pull-secret\` (\`tarmac.pullSecrets\`).`
        : `Ask an administrator for a Role with verb \`${verb}\` on \`${resource}\`; check it with ${check}. \`tarmac doctor\` lists all that is missing.`,
    detail: { status: answer.status, verb, resource, group },
  });
}

function missing(answer: Answer, context: FailureContext): RunFailure {
  const detail = { status: 404, verb: answer.verb, resource: answer.resource };
  const evidence = [answer.text];
  if (/namespaces? "[^"]*" not found/i.test(answer.text)) {
    return failure('namespace-missing', `Namespace ${context.namespace ?? ''} does not exist`.replace('  ', ' '), {
      evidence,
      nextStep: `Create it (\`kubectl create namespace ${context.namespace ?? 'NAME'}\`), or choose another one.`,
      detail,
    });
  }
  if (answer.resource.startsWith('persistentvolumeclaims')) {
    return claimMissing(context.claim ?? /"([^"]+)"/.exec(answer.text)?.[1] ?? '', evidence, context);
  }
  if (answer.resource.startsWith('pods')) {
    return failure('pod-deleted', `Pod ${context.pod ?? ''} is gone`.replace('  ', ' '), {
      evidence,
      nextStep: 'Somebody or something deleted it; run the task again.',
      retryable: true,
      detail,
    });
  }
  return failure('internal', `The cluster does not know ${answer.resource}`, {
    evidence,
    nextStep: 'Is this a Kubernetes API server, 1.20 or later? `kubectl version` must answer.',
    detail,
  });
}

/** The store's claim, or a task's, is not there. */
export function claimMissing(claim: string, evidence: readonly string[], context: FailureContext): RunFailure {
  return failure('claim-missing', `Claim ${claim} does not exist${inNamespace(context)}`.replace('  ', ' '), {
    evidence,
    nextStep: `Create it with \`tarmac store init --claim ${claim === '' ? 'NAME' : claim}\`, choose another claim, or run without one (\`--no-claim\`). Existing ones: \`kubectl get pvc${dashN(context)}\`.`,
    detail: { claim },
  });
}
