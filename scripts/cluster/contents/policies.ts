/**
 * The restricted Pod Security Standard for clusters older than the admission plugin that knows it (1.25): Pod
 * Security Policies. Pure.
 *
 * A policy differs from the standard in one way: what a pod leaves open (capabilities to drop, runAsNonRoot) it fills
 * in rather than rejects. What a pod asks for and must not have is rejected by both.
 */
import { NAMES } from '../layout.ts';

/** The namespaces in which everybody may create any pod. */
const OPEN_NAMESPACES = ['default', 'kube-system', NAMES.namespace];

const ANY = { rule: 'RunAsAny' };

/** The policies, the roles that let one use them, and who has these roles where. */
export function podSecurityPolicies(): unknown[] {
  return [
    policy(
      'permissive',
      { 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*' },
      {
        privileged: true,
        allowPrivilegeEscalation: true,
        allowedCapabilities: ['*'],
        volumes: ['*'],
        hostNetwork: true,
        hostPorts: [{ min: 0, max: 65_535 }],
        hostIPC: true,
        hostPID: true,
        runAsUser: ANY,
        seLinux: ANY,
        supplementalGroups: ANY,
        fsGroup: ANY,
      },
    ),
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, control by control.
    policy(
      'restricted',
      { 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': 'runtime/default,docker/default,localhost/*' },
      {
        privileged: false,
        allowPrivilegeEscalation: false,
        requiredDropCapabilities: ['ALL'],
        allowedCapabilities: ['NET_BIND_SERVICE'],
        volumes: ['configMap', 'downwardAPI', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret'],
        hostNetwork: false,
        hostIPC: false,
        hostPID: false,
        runAsUser: { rule: 'MustRunAsNonRoot' },
        seLinux: ANY,
        supplementalGroups: ANY,
        fsGroup: ANY,
      },
    ),
    ...['permissive', 'restricted'].map(useRole),
    ...OPEN_NAMESPACES.map((namespace) => useBinding('permissive', namespace)),
    useBinding('restricted', NAMES.restrictedNamespace),
  ];
}

function policy(name: string, annotations: Record<string, string>, spec: unknown): unknown {
  return { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', metadata: { name, annotations }, spec };
}

function useRole(name: string): unknown {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `use-${name}-pods` },
    rules: [{ apiGroups: ['policy'], resources: ['podsecuritypolicies'], resourceNames: [name], verbs: ['use'] }],
  };
}

function useBinding(name: string, namespace: string): unknown {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `use-${name}-pods`, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `use-${name}-pods` },
    // Service accounts belong to this group as well.
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
  };
}
