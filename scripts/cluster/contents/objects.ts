/** The objects that tests find in a cluster: namespaces, claims with their volumes, accounts. Pure. */
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { NAMES } from '../layout.ts';

/** One claim of the tests. */
export interface TestClaim {
  readonly namespace: string;
  readonly name: string;
  readonly accessMode: 'ReadWriteMany' | 'ReadWriteOnce';
  /** The volume's folder, by its name; null for a claim that no volume will ever satisfy. */
  readonly folder: string | null;
  /** Bytes of a file system of its own, so that it can be filled; without it the folder is on the node's disk. */
  readonly size?: number;
}

/** All claims of the tests. */
export const CLAIMS: readonly TestClaim[] = [
  { namespace: NAMES.namespace, name: NAMES.claim, accessMode: 'ReadWriteMany', folder: 'artifacts' },
  { namespace: NAMES.restrictedNamespace, name: NAMES.claim, accessMode: 'ReadWriteMany', folder: 'restricted' },
  { namespace: NAMES.namespace, name: 'tarmac-rwo', accessMode: 'ReadWriteOnce', folder: 'rwo' },
  { namespace: NAMES.namespace, name: 'tarmac-small', accessMode: 'ReadWriteMany', folder: 'small', size: 8 << 20 },
  { namespace: NAMES.namespace, name: 'tarmac-pending', accessMode: 'ReadWriteMany', folder: null },
];

/** Label of namespaces that were made for the tests: what does not have it is somebody's own, and is never deleted. */
export const MADE_FOR_TESTS = { 'tarmac-tests': 'made' } as const;

/** Both namespaces; the second enforces the restricted Pod Security Standard where the cluster knows it (1.25). */
export function namespaces(): { readonly metadata: { readonly name: string; readonly labels: object } }[] {
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = (name: string, labels: object) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, ...MADE_FOR_TESTS } },
  });
  return [namespace(NAMES.namespace, {}), namespace(NAMES.restrictedNamespace, restricted)];
}

/**
 * A user's deploy/claim.yaml for each claim, with a volume on the node for it.
 *
 * @param claimYaml text of deploy/claim.yaml
 * @param volumes folder on the node in which the volumes' folders are
 * @param node its label `kubernetes.io/hostname`, where pods with a claim may not run on others
 */
export function claims(
  claimYaml: string,
  volumes: string,
  list: readonly TestClaim[] = CLAIMS,
  node?: string,
): unknown[] {
  const [document] = documents(claimYaml);
  const spec = isRecord(document?.['spec']) ? document['spec'] : {};
  return list.flatMap(({ namespace, name, accessMode, folder }) => {
    const volumeName = `${namespace}-${name}`;
    const claim = {
      ...document,
      metadata: { name, namespace },
      spec: {
        ...spec,
        accessModes: [accessMode],
        // The empty class keeps a cluster's default class from making another volume.
        ...(folder === null ? { storageClassName: 'tarmac-none-such' } : { storageClassName: '', volumeName }),
      },
    };
    if (folder === null) return [claim];
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName },
      spec: {
        capacity: { storage: '20Gi' },
        accessModes: [accessMode],
        storageClassName: '',
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name },
        hostPath: { path: join(volumes, folder), type: 'DirectoryOrCreate' },
        ...(node === undefined ? {} : { nodeAffinity: onlyOn(node) }),
      },
    };
    return [volume, claim];
  });
}

/** Volumes that are folders of a node: who uses one runs there. */
function onlyOn(node: string): unknown {
  return {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
    },
  };
}

/**
 * The service account of deploy/role.yaml with its Role in both namespaces, and one without any rights. Only the first
 * namespace has the optional Role, too: in the restricted one all runs without any right to Secrets.
 *
 * @param roleYaml text of deploy/role.yaml
 * @param credentialsYaml text of deploy/image-credentials.yaml
 */
export function accounts(roleYaml: string, credentialsYaml: string): unknown[] {
  const forNamespace = (yaml: string, namespace: string): unknown[] =>
    documents(yaml).map((document) => ({
      ...document,
      metadata: { ...(isRecord(document['metadata']) ? document['metadata'] : {}), namespace },
      ...(Array.isArray(document['subjects'])
        ? {
            subjects: document['subjects'].map((subject: unknown) => ({
              ...(isRecord(subject) ? subject : {}),
              namespace,
            })),
          }
        : {}),
    }));
  return [
    ...forNamespace(roleYaml, NAMES.namespace),
    ...forNamespace(roleYaml, NAMES.restrictedNamespace),
    ...forNamespace(credentialsYaml, NAMES.namespace),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAMES.nobody, namespace: NAMES.namespace } },
    ...ACCOUNTS.map(({ namespace, name }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { name: tokenSecret(name), namespace, annotations: { 'kubernetes.io/service-account.name': name } },
    })),
  ];
}

/** The accounts for which kubeconfigs are written. */
export const ACCOUNTS = [
  { file: 'tarmac.kubeconfig', namespace: NAMES.namespace, name: NAMES.account },
  { file: 'restricted.kubeconfig', namespace: NAMES.restrictedNamespace, name: NAMES.account },
  { file: 'nobody.kubeconfig', namespace: NAMES.namespace, name: NAMES.nobody },
] as const;

/** The secret into which the cluster writes an account's lasting token; since 1.24 only on request. */
export function tokenSecret(account: string): string {
  return `${account}-lasting-token`;
}

/** Whether an unknown value is an object with properties. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function documents(yaml: string): Record<string, unknown>[] {
  return parseAllDocuments(yaml).map((document) => {
    const value: unknown = document.toJS();
    if (document.errors[0] !== undefined) throw document.errors[0];
    if (!isRecord(value)) throw new Error('A document of a manifest is no object.');
    return value;
  });
}
