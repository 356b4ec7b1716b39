/** What the guide says about each kind of failure: what it means, by what it shows, what to do. */
import type { FailureKind } from '#runner/model';

/** Texts in Markdown, whole sentences. */
export interface FailureAdvice {
  readonly means: string;
  /** What Tarmac shows as evidence, and where it has it from. */
  readonly evidence: string;
  readonly next: string;
}

/** The parts of the page, in its order. */
export const failureGroups: readonly (readonly [title: string, kinds: readonly FailureKind[]])[] = [
  ['The way to the cluster', ['unreachable', 'tls', 'auth-plugin', 'unauthorized', 'forbidden']],
  [
    'What the cluster does not take',
    [
      'quota',
      'limit-range',
      'pod-security',
      'admission-denied',
      'namespace-missing',
      'namespace-terminating',
      'unschedulable',
      'startup-timeout',
    ],
  ],
  [
    'Images',
    [
      'image-not-found',
      'image-denied',
      'image-unreachable',
      'image-rate-limited',
      'image-invalid-name',
      'image-wrong-architecture',
    ],
  ],
  [
    'Containers',
    ['config-error', 'container-start-error', 'crash-loop', 'init-failed', 'not-started', 'supervisor-lost'],
  ],
  [
    'The end of a pod',
    ['out-of-memory', 'evicted', 'preempted', 'node-lost', 'pod-deleted', 'deadline-exceeded', 'stream-lost'],
  ],
  ['Volumes', ['claim-missing', 'claim-pending', 'multi-attach', 'mount-failed']],
  ['The artifact store', ['store-full', 'store-readonly', 'store-corrupt', 'upload-failed', 'download-failed']],
  ['Everything else', ['internal']],
];

/** One entry for each kind: a new kind of the runner does not compile until it has one. */
export const failureAdvice: Readonly<Record<FailureKind, FailureAdvice>> = {
  unreachable: {
    means:
      'The API server did not answer: the address is wrong, a VPN is off, a proxy is in between, or the cluster is down.',
    evidence: 'The address that was tried and the error of the connection.',
    next: 'Try `kubectl --context NAME get --raw /version`. If that works and Tarmac does not, compare `HTTPS_PROXY` and `KUBECONFIG` of the terminal with those of the editor.',
  },
  tls: {
    means: 'The certificate of the API server, or the one of the client, is not accepted.',
    evidence:
      'The name of the host and what is wrong with the certificate, such as an unknown authority or an expired date.',
    next: 'Get the kubeconfig again from where you got it. A proxy that opens TLS needs its authority in `certificate-authority`.',
  },
  'auth-plugin': {
    means:
      'The program that the kubeconfig names for signing in is not there, ended with an error, or gave an answer that cannot be used.',
    evidence: 'The command and what it wrote.',
    next: 'Run the command that is shown in a terminal and sign in, then run the task again. The button **Sign In…** opens one.',
  },
  unauthorized: {
    means: 'The cluster does not know who you are: the token has expired, or the user of the context is wrong.',
    evidence: "The API server's answer 401 and the user of the context.",
    next: 'Sign in again as you do for kubectl, or choose another context.',
  },
  forbidden: {
    means: 'The cluster knows you and does not let you do something that a run needs.',
    evidence: "The verb, the resource and the namespace in the API server's answer 403.",
    next: 'Have the Role of [permissions](../permissions.md) given to you; the button **Copy Role for an Administrator** has it ready. `tarmac doctor` lists everything that is missing at once.',
  },
  quota: {
    means: 'The quota of the namespace has no room for the pod.',
    evidence: 'Which amount was asked for, what is used and what is the limit.',
    next: "Wait for other pods to end, ask for less in `container_limits`, or have the quota raised. A quota on cpu or memory requires `container_limits` in the task; Tarmac's own containers always state theirs. For a quota on Secrets the failure says so.",
  },
  'limit-range': {
    means:
      'The size of a container is outside of what the namespace allows. Tarmac fits its own containers into that by itself.',
    evidence: 'The limit, the number, and the containers that are meant.',
    next: 'Change `container_limits` of the task, `resources` of its sidecar, or `helperResources` in `tarmac.pod` (`--helper-cpu`, `--helper-memory`), as the failure says: [Shape the pod](pod.md#limits-and-quotas).',
  },
  'pod-security': {
    means:
      'The namespace or the cluster (Pod Security Standard, PodSecurityPolicy, OpenShift constraint) does not allow what the pod asks for.',
    evidence: 'The rule and what breaks it.',
    next: 'The default `auto` of `tarmac.securityProfile` (`--security-profile`) tries `baseline`, `restricted` and `none`; a profile of your own choice is the only one tried. A privileged task needs a namespace that allows it.',
  },
  'admission-denied': {
    means: 'A policy of the cluster (a webhook or an admission policy) refused the pod.',
    evidence: "The policy's name and its own words.",
    next: 'Do what the policy says, or ask whoever runs it. When the webhook itself did not answer, run the task again.',
  },
  'namespace-missing': {
    means: 'The namespace is not there.',
    evidence: "The API server's answer and the name.",
    next: 'Choose another one, or create it: `kubectl create namespace NAME`.',
  },
  'namespace-terminating': {
    means: 'The namespace is being deleted and takes nothing new.',
    evidence: "The API server's answer.",
    next: 'Choose another one, or wait until it is gone and create it again.',
  },
  unschedulable: {
    means:
      'No node can take the pod: too little cpu or memory, taints, or a volume that is elsewhere. A run waits for this for a while, and says so, before it gives up.',
    evidence: "The scheduler's count of nodes by reason.",
    next: 'Ask for less in `container_limits`, or wait for room. Nodes that are reserved by a taint, or chosen by a label: [Shape the pod](pod.md#reserved-nodes).',
  },
  'startup-timeout': {
    means: 'The pod was not ready within the time that a start may take.',
    evidence: 'What it was waiting for in the end, and its last events.',
    next: 'Look at the events. A large image that is pulled for the first time is there the next time.',
  },
  'image-not-found': {
    means: 'The registry does not have this repository or tag. Some registries say so, too, when you may not see it.',
    evidence: "The registry's answer, as the kubelet reports it.",
    next: 'Correct `repository` and `tag` in `image_resource`; for a private image see [image-denied](#image-denied).',
  },
  'image-denied': {
    means: 'The registry wants a login, or refuses the one it got.',
    evidence: "The registry's answer, and which pull secrets there were.",
    next: 'An image that was loaded into a node by hand: [Shape the pod](pod.md#images-that-only-the-node-has). Else make a Secret (`kubectl create secret docker-registry …`) and name it in `tarmac.pullSecrets` (`--pull-secret`), or give `username` and `password` in the `source` by `((vars))`.',
  },
  'image-unreachable': {
    means: 'The node does not reach the registry.',
    evidence: 'The name that was asked and the error of the connection.',
    next: 'Run it again in a moment. From inside of a company, use a mirror (`registry_mirror`) or an image of a registry that nodes reach.',
  },
  'image-rate-limited': {
    means: 'The registry has handed out enough to this address or account for now.',
    evidence: "The registry's answer 429.",
    next: 'Log in with a pull secret, use a mirror, or wait.',
  },
  'image-invalid-name': {
    means: 'The name is not a valid image reference.',
    evidence: 'The reference that was made of the task.',
    next: 'Correct it: lower-case letters, no scheme, at most one tag and one digest.',
  },
  'image-wrong-architecture': {
    means: 'The image is built for another processor than the node has.',
    evidence: "The runtime's words, or `exec format error` of the command.",
    next: 'Take an image for several platforms, or one for the processor of the nodes.',
  },
  'config-error': {
    means:
      'The pod names something that is not there or cannot be used, such as a Secret, or the image has no user that may run.',
    evidence: "The kubelet's message.",
    next: 'Look at the pod events. An image that wants root does not start with the profile `restricted`.',
  },
  'container-start-error': {
    means: 'The container runtime could not start the container.',
    evidence: "The runtime's message.",
    next: 'Read it: a mount over a file of the image, a missing device, or a broken image are usual.',
  },
  'crash-loop': {
    means: 'A container of the pod, a sidecar for example, ends again and again.',
    evidence: 'Its last exit code and the end of its log.',
    next: 'Correct the sidecar. Its output is part of the output of the run.',
  },
  'init-failed': {
    means: 'The step that unpacks the inputs failed.',
    evidence: 'Its exit code and the end of its log.',
    next: 'Read the log. A volume that is full shows here, too.',
  },
  'not-started': {
    means:
      'The window or terminal that started the run was closed before the command began, for example while inputs were sent.',
    evidence: 'None: nothing of the task has run.',
    next: 'Run it again: **Execute Again**. What was sent before is not sent twice.',
  },
  'supervisor-lost': {
    means: 'The process that watches over the command is gone, and with it the exit code.',
    evidence: 'What was left of its state.',
    next: 'Usually memory ran out: raise `container_limits.memory` and run it again.',
  },
  'out-of-memory': {
    means: 'The command took more memory than `container_limits` allows, and the kernel ended it.',
    evidence: 'The limit and the reason `OOMKilled`.',
    next: 'Raise `container_limits.memory` in the task file; the button **Go to Limits** opens the line.',
  },
  evicted: {
    means: 'The node ran short of memory or disk and evicted the pod.',
    evidence: "The kubelet's reason.",
    next: 'Run it again. State what the task needs in `container_limits`, so that the scheduler finds a node with room.',
  },
  preempted: {
    means: 'A pod of higher priority needed the place.',
    evidence: "The scheduler's event.",
    next: 'Run it again.',
  },
  'node-lost': {
    means: 'The node does not answer any more: it was shut down, or its network is gone.',
    evidence: "The node's and the pod's state.",
    next: 'Run it again: another node takes it.',
  },
  'pod-deleted': {
    means: 'Somebody or something deleted the pod while the task ran.',
    evidence: 'When it disappeared.',
    next: 'Run it again. The audit log of the cluster says who deleted it.',
  },
  'deadline-exceeded': {
    means: 'The run took longer than `tarmac.timeout` (`--timeout`), or than the pod may live.',
    evidence: 'The limit and how long it ran.',
    next: 'Give it more time, or find out what it waits for. Its outputs were saved as far as there were any.',
  },
  'stream-lost': {
    means:
      'The connection that carries the output broke and did not come back in time. The command keeps running in its pod.',
    evidence: 'How often it was tried.',
    next: 'Follow it again: **Follow Again**, or `tarmac attach latest`. Nothing of the output is lost.',
  },
  'claim-missing': {
    means: 'The namespace has no volume claim with this name.',
    evidence: "The name, and the API server's answer.",
    next: 'Make it (**Create Artifact Store…**, or `tarmac store init --claim NAME`), name another one in `tarmac.claim`, or run without a claim: `none`, `--no-claim`.',
  },
  'claim-pending': {
    means: 'The claim is there and has no volume.',
    evidence: "The claim's events.",
    next: 'See `kubectl describe pvc NAME`: no storage class, a provisioner that fails, or no volume of that size.',
  },
  'multi-attach': {
    means: 'The volume is in use on another node and cannot be mounted on two.',
    evidence: "The attacher's event.",
    next: 'Wait for the other run, or take a claim with the access mode ReadWriteMany.',
  },
  'mount-failed': {
    means: 'The node cannot mount the volume.',
    evidence: "The kubelet's event.",
    next: 'Read it; the operator of the storage can fix it. Cloud Storage FUSE wants an annotation on the pod: [Shape the pod](pod.md#cloud-storage-fuse). Another claim, or none, works meanwhile.',
  },
  'store-full': {
    means: 'The volume of the artifact store has no room.',
    evidence: 'What was being written.',
    next: 'Make room (**Clean Up Artifact Store…**, or `tarmac store prune`), or have the claim enlarged.',
  },
  'store-readonly': {
    means: 'The volume cannot be written: it is mounted read-only, or belongs to another user.',
    evidence: "The helper's message.",
    next: 'Check its access mode and owner, or choose another claim.',
  },
  'store-corrupt': {
    means: 'Something in the store does not match its digest.',
    evidence: 'The tree and the digests.',
    next: 'Run it again: the tree is sent again. If it happens twice, do not trust the volume.',
  },
  'upload-failed': {
    means: 'An input could not be sent, or a file of it could not be read.',
    evidence: 'The input, the file and the error.',
    next: 'Make the file readable or leave it out with [`.tarmacignore`](inputs.md#what-is-sent), and run it again; what has already arrived is not sent twice.',
  },
  'download-failed': {
    means: 'An output could not be written here. The run itself has ended.',
    evidence: 'The folder and the error.',
    next: 'Make room or choose another folder, and fetch it again: **Download…**, or `tarmac download latest/OUTPUT FOLDER`.',
  },
  internal: {
    means: 'Something happened that Tarmac has no name for. That is a fault of Tarmac.',
    evidence: 'The error, as it came.',
    next: 'Run it again. If it happens twice, report it with the details and the log (*Tarmac* in the output panel).',
  },
};
