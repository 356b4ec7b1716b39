/** The programs that make up the cluster: their command lines and configuration files. Pure. */
import { join } from 'node:path';
import { PAUSE_IMAGE } from '../build/images.ts';
import type { Layout } from '../layout.ts';
import { PROGRAMS } from '../build/kubernetes-build.ts';

/** All daemons of a running cluster, in the order in which they are listed. */
export const DAEMONS = ['etcd', 'registry', 'mirror', 'containerd', ...PROGRAMS] as const;

/** One of {@link DAEMONS}. */
export type Daemon = (typeof DAEMONS)[number];

/** How containerd keeps the file trees of containers: `native` copies, for kernels on which overlays do not work. */
export type Snapshotter = 'overlayfs' | 'native';

/**
 * The command line of each daemon.
 *
 * @param bin folder with Kubernetes' programs
 */
export function commandLines(at: Layout, bin: string): Record<Daemon, readonly [string, ...string[]]> {
  const { ports, pki, state } = at;
  const etcd = `https://127.0.0.1:${ports.etcdClient}`;
  const etcdPeer = `https://127.0.0.1:${ports.etcdPeer}`;
  const pem = (name: string): string => join(pki, name);
  const config = (name: string): string => join(state, name);
  return {
    etcd: [
      'etcd',
      `--data-dir=${join(state, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${etcdPeer}`,
      `--initial-advertise-peer-urls=${etcdPeer}`,
      `--initial-cluster=default=${etcdPeer}`,
      // Every account of this machine reaches the ports: without a certificate all Secrets would be theirs.
      '--client-cert-auth=true',
      `--trusted-ca-file=${pem('ca.crt')}`,
      `--cert-file=${pem('etcd.crt')}`,
      `--key-file=${pem('etcd.key')}`,
      '--peer-client-cert-auth=true',
      `--peer-trusted-ca-file=${pem('ca.crt')}`,
      `--peer-cert-file=${pem('etcd.crt')}`,
      `--peer-key-file=${pem('etcd.key')}`,
      // The data lives as long as the cluster does: nothing is lost with it that a sync would save.
      '--unsafe-no-fsync=true',
    ],
    registry: ['docker-registry', 'serve', config('registry.yaml')],
    mirror: ['docker-registry', 'serve', config('mirror.yaml')],
    containerd: ['containerd', '--config', config('containerd.toml')],
    'kube-apiserver': [
      join(bin, 'kube-apiserver'),
      `--etcd-servers=${etcd}`,
      `--etcd-cafile=${pem('ca.crt')}`,
      `--etcd-certfile=${pem('etcd.crt')}`,
      `--etcd-keyfile=${pem('etcd.key')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.apiServer}`,
      // Nothing is looked for at the address that the server would advertise; without one it asks for a default route.
      `--advertise-address=${at.podGateway}`,
      '--external-hostname=localhost',
      '--endpoint-reconciler-type=none',
      `--tls-cert-file=${pem('apiserver.crt')}`,
      `--tls-private-key-file=${pem('apiserver.key')}`,
      `--client-ca-file=${pem('ca.crt')}`,
      `--service-account-key-file=${pem('sa.key')}`,
      `--service-account-signing-key-file=${pem('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction,PodSecurityPolicy',
      '--allow-privileged=true',
      `--kubelet-client-certificate=${pem('admin.crt')}`,
      `--kubelet-client-key=${pem('admin.key')}`,
      `--kubelet-certificate-authority=${pem('ca.crt')}`,
      // A node's InternalIP may not be a loopback address, so that the kubelet is reached by the node's name.
      '--kubelet-preferred-address-types=Hostname',
      '--profiling=false',
    ],
    'kube-controller-manager': [
      join(bin, 'kube-controller-manager'),
      `--kubeconfig=${config('admin.kubeconfig')}`,
      `--service-account-private-key-file=${pem('sa.key')}`,
      `--root-ca-file=${pem('ca.crt')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.controllerManager}`,
      '--port=0',
      '--leader-elect=false',
      `--flex-volume-plugin-dir=${join(state, 'kubelet', 'plugins-exec')}`,
    ],
    'kube-scheduler': [
      join(bin, 'kube-scheduler'),
      `--kubeconfig=${config('admin.kubeconfig')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.scheduler}`,
      '--port=0',
      '--leader-elect=false',
    ],
    kubelet: [
      join(bin, 'kubelet'),
      `--kubeconfig=${config('kubelet.kubeconfig')}`,
      `--config=${config('kubelet.json')}`,
      `--root-dir=${join(state, 'kubelet')}`,
      '--hostname-override=localhost',
      '--container-runtime=remote',
      `--container-runtime-endpoint=unix://${at.containerd}`,
    ],
  };
}

/** The configuration files of the daemons, by their name in the state folder. */
export function configFiles(at: Layout, snapshotter: Snapshotter): Record<string, string> {
  return {
    'containerd.toml': containerdConfig(at, snapshotter),
    'kubelet.json': JSON.stringify(kubeletConfig(at), null, 2),
    'registry.yaml': JSON.stringify(registryConfig(at), null, 2),
    'mirror.yaml': JSON.stringify(mirrorConfig(at), null, 2),
    'mirror-filling.yaml': JSON.stringify(fillingConfig(at), null, 2),
    'cni/10-pods.conflist': JSON.stringify(networkConfig(at), null, 2),
  };
}

function containerdConfig(at: Layout, snapshotter: Snapshotter): string {
  const folder = join(at.state, 'containerd');
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
# The managers of other runtimes and file systems, and a folder outside of ours (/opt/containerd), are not needed.
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = "${at.containerd}"

[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
  # Without CAP_SYS_RESOURCE (a sandboxed CI machine) nobody may lower a process' oom_score_adj, and runc would fail.
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  # Pods' network namespaces are mounts; in the state folder they are known to be ours.
  netns_mounts_under_state_dir = true
  [${cri}.registry.mirrors."docker.io"]
    endpoint = ["http://127.0.0.1:${at.ports.mirror}"]
  [${cri}.cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${at.state}/cni"
  [${cri}.containerd]
    snapshotter = "${snapshotter}"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        Root = "${folder}/runc"
`;
}

/** KubeletConfiguration, kubelet.config.k8s.io/v1beta1. */
function kubeletConfig(at: Layout): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    port: at.ports.kubelet,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(at.pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(at.pki, 'kubelet.crt'),
    tlsPrivateKeyFile: join(at.pki, 'kubelet.key'),
    cgroupDriver: 'cgroupfs',
    // A cgroup of our own instead of /kubepods, which another kubelet on this machine would claim too.
    cgroupRoot: `/${at.cgroup}`,
    failSwapOn: false,
    // A cluster for tests is to work on a disk that is nearly full.
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
    // Images cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    // Without kube-proxy nothing needs the kubelet's packet filter rules: then there are none to be left behind.
    makeIPTablesUtilChains: false,
    // Its socket would lie in a folder outside of ours.
    featureGates: { DevicePlugins: false },
    volumePluginDir: join(at.state, 'kubelet', 'plugins-exec'),
    clusterDNS: [],
    resolvConf: '/etc/resolv.conf',
    maxPods: 200,
    registryPullQPS: 50,
    // As kubelets have it since 1.27: with the 5 of this one, tests side by side wait for their events.
    eventRecordQPS: 50,
    eventBurst: 100,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    syncFrequency: '10s',
    nodeStatusUpdateFrequency: '2s',
  };
}

/** docker-registry's configuration: files, HTTP on loopback, and a password for everything. */
function registryConfig(at: Layout): unknown {
  return {
    version: '0.1',
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(at.state, 'registry') } },
    http: { addr: `127.0.0.1:${at.ports.registry}` },
    auth: htpasswd(at),
  };
}

function htpasswd(at: Layout): unknown {
  return { htpasswd: { realm: 'tarmac', path: join(at.state, 'registry.htpasswd') } };
}

/**
 * The mirror of Docker Hub: what it has is pulled as from the real one, so that `latest` can be asked for anew at each
 * run, as the kubelet does. No password, as Docker Hub needs none, and so it takes nothing: whoever reaches the port
 * could put an image of their own into everybody's pods.
 */
function mirrorConfig(at: Layout): unknown {
  return {
    version: '0.1',
    log: { level: 'info' },
    storage: {
      filesystem: { rootdirectory: join(at.state, 'mirror') },
      maintenance: { readonly: { enabled: true } },
    },
    http: { addr: `127.0.0.1:${at.ports.mirror}` },
  };
}

/** The mirror while it is filled: it takes images, from who knows the password. */
function fillingConfig(at: Layout): unknown {
  return {
    version: '0.1',
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(at.state, 'mirror') } },
    http: { addr: `127.0.0.1:${at.ports.mirror}` },
    auth: htpasswd(at),
  };
}

/** The command of the mirror while it is filled. */
export function fillingCommand(at: Layout): readonly [string, ...string[]] {
  return ['docker-registry', 'serve', join(at.state, 'mirror-filling.yaml')];
}

/** CNI: one bridge, addresses from a file, no address translation and so no packet filter rules. */
function networkConfig(at: Layout): unknown {
  const ranges = [[{ subnet: at.podRange }]];
  return {
    cniVersion: '0.4.0',
    name: at.network,
    plugins: [
      {
        type: 'bridge',
        bridge: at.bridge,
        isGateway: true,
        ipMasq: false,
        ipam: { type: 'host-local', ranges, dataDir: join(at.state, 'cni-data') },
      },
    ],
  };
}
