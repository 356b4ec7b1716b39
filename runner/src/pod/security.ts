/**
 * Security contexts per profile, after the Pod Security Standards (kubernetes.io, "Pod Security Standards"):
 * `baseline` runs what most CI images need (root, setuid programs, no extra rights); `restricted` is for namespaces that
 * enforce it; `none` states nothing, for clusters that give each pod its ids themselves (OpenShift); `privileged` is only
 * ever asked for.
 *
 * Concourse runs an unprivileged task in a user namespace, without NoNewPrivs, with the capabilities that Docker and
 * containerd give by default (AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP
 * SETGID SETPCAP SETUID SYS_CHROOT). A `baseline` pod has the default capabilities of its container runtime: the same
 * ones with containerd; CRI-O leaves out AUDIT_WRITE, MKNOD, NET_RAW, SETFCAP and SYS_CHROOT.
 */
import type { V1PodSpec, V1SecurityContext } from '../cluster/types.ts';
import type { SecurityProfile } from '../model/plan.ts';

export type EffectiveProfile = Exclude<SecurityProfile, 'auto'>;

/** The user of a restricted pod whose task names none. */
const restrictedUser = 1000;

/** `run.user` as a number, if it is one. Names are looked up in the image by the supervisor. */
export function numericUser(user: string | undefined): number | undefined {
  return user !== undefined && /^\d{1,9}$/.test(user) ? Number(user) : undefined;
}

export function podSecurity(
  profile: EffectiveProfile,
  user: string | undefined,
): NonNullable<V1PodSpec['securityContext']> {
  if (profile === 'privileged' || profile === 'none') return {};
  if (profile === 'baseline') return { seccompProfile: { type: 'RuntimeDefault' } };
  const id = numericUser(user) ?? restrictedUser;
  return {
    runAsNonRoot: true,
    runAsUser: id,
    runAsGroup: id,
    fsGroup: id,
    // Without this the kubelet walks and changes the owner of the whole store at every mount.
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/**
 * The container of the task. `baseline` does not forbid privilege escalation (the standard does not either), so that
 * sudo and other setuid programs work as on a Concourse worker.
 */
export function mainSecurity(profile: EffectiveProfile, user: string | undefined): V1SecurityContext {
  if (profile === 'none') return {};
  if (profile === 'restricted') return restrictedContainer;
  const id = numericUser(user);
  const runAs: V1SecurityContext =
    user === undefined
      ? {}
      : // A user by name is found in the image's own passwd, and only root may become somebody else.
        { runAsUser: id ?? 0 };
  return profile === 'privileged' ? { privileged: true, ...runAs } : runAs;
}

const restrictedContainer: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
};

/**
 * The helper reads and hands over other users' files, and goes into a chroot to do it where a task may be at work. It
 * needs nothing else of root's rights. A restricted one has none of these.
 */
export function helperSecurity(profile: EffectiveProfile): V1SecurityContext {
  if (profile === 'none') return {};
  if (profile === 'restricted') return restrictedContainer;
  return {
    runAsUser: 0,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SYS_CHROOT'] },
  };
}
