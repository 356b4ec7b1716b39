/** Where the test cluster keeps its things, and by which names and ports the machine knows it. Pure. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** TCP ports on loopback, all chosen from one base so that one variable moves them together. */
export interface Ports {
  readonly apiServer: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly kubelet: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly registry: number;
  readonly mirror: number;
}

/** Every folder and name of one cluster. Two state folders never share one of the names. */
export interface Layout {
  /** State folder: everything that `down` removes. */
  readonly state: string;
  /** Cache folder: what was built once and is used by each `up`. */
  readonly cache: string;
  /** Logs of the last `up`, one file per component or command; kept by a failed `up`. */
  readonly logs: string;
  /** Certificates and keys. */
  readonly pki: string;
  /** Eight hexadecimal digits that stand for the state folder in names that are global to the machine. */
  readonly id: string;
  /** The cgroup below which the kubelet puts every pod, in each hierarchy. */
  readonly cgroup: string;
  /** The pods' network bridge; at most 15 characters, the kernel's limit for an interface name. */
  readonly bridge: string;
  /** The CNI network's name; it prefixes what the CNI library caches outside of the state folder. */
  readonly network: string;
  /** Pods' addresses, in CIDR notation. Pods reach each other and this machine, and nothing else. */
  readonly podRange: string;
  /** The bridge's address in that range: this machine, as pods see it. */
  readonly podGateway: string;
  /** containerd's socket. */
  readonly containerd: string;
  /** The description of the running cluster that tests read (see {@link ClusterFile}). */
  readonly file: string;
  readonly ports: Ports;
}

/** What `up` writes for tests: where the cluster is and what is in it. All paths are absolute. */
export interface ClusterFile {
  /** `local`: built and started by us; `kind`, `k3d`: in Docker; `external`: named by TARMAC_TEST_KUBECONFIG. */
  readonly kind: 'local' | 'kind' | 'k3d' | 'external';
  /** Kubernetes version of the server, such as `v1.20.2`. */
  readonly version: string;
  readonly adminKubeconfig: string;
  readonly userKubeconfig: string;
  readonly restrictedKubeconfig: string;
  readonly nobodyKubeconfig: string;
  readonly namespace: string;
  readonly restrictedNamespace: string;
  /** The ReadWriteMany claim that is in both namespaces. */
  readonly claim: string;
  /** The private registry. */
  readonly registry: Registry;
}

/** A private registry that the cluster's node can reach over plain HTTP. */
export interface Registry {
  /** `host:port`, as written in an image reference. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** An image in it that runs like busybox. */
  readonly image: string;
  /** The repository of the tests' resource type (`resource-program`), which everybody may pull. Tags: `1` as root, `app` as another user. */
  readonly resource: string;
}

/** The environment variables that move a cluster. */
export interface LayoutEnvironment {
  readonly XDG_CACHE_HOME?: string | undefined;
  readonly XDG_STATE_HOME?: string | undefined;
  readonly TARMAC_CLUSTER_PORT?: string | undefined;
  readonly HOME?: string | undefined;
}

/** The first of the ports; below Linux's ephemeral range (32768 and up) and unassigned by IANA. */
export const DEFAULT_PORT = 27440;

/** Names of the objects in the cluster that tests rely on. */
export const NAMES = {
  namespace: 'tarmac',
  restrictedNamespace: 'tarmac-restricted',
  claim: 'tarmac-artifacts',
  account: 'tarmac',
  nobody: 'nobody',
  context: 'tarmac-test',
} as const;

/**
 * The longest a state folder's path may be: unix socket paths hold 107 bytes (`sun_path` in unix(7)), and the
 * longest socket below the folder adds about 40.
 */
const MAX_STATE_LENGTH = 60;

/**
 * Folders, names and ports from the environment, after the XDG base directory specification.
 *
 * @throws Error when TARMAC_CLUSTER_PORT is no usable port or the state folder's path is too long for sockets.
 */
export function layout(env: LayoutEnvironment): Layout {
  const home = env.HOME ?? homedir();
  const state = join(xdg(env.XDG_STATE_HOME) ?? join(home, '.local', 'state'), 'tarmac', 'cluster');
  if (Buffer.byteLength(state) > MAX_STATE_LENGTH) {
    throw new Error(
      `The state folder's path is too long for unix sockets (${Buffer.byteLength(state)} of at most ${MAX_STATE_LENGTH} bytes): ${state}\n` +
        'Set XDG_STATE_HOME to a shorter folder.',
    );
  }
  const id = createHash('sha256').update(state).digest('hex').slice(0, 8);
  const subnet = `10.97.${parseInt(id.slice(0, 2), 16)}`;
  return {
    state,
    cache: join(xdg(env.XDG_CACHE_HOME) ?? join(home, '.cache'), 'tarmac'),
    logs: join(state, 'logs'),
    pki: join(state, 'pki'),
    id,
    cgroup: `tarmac-${id}`,
    bridge: `tarmac${id}`,
    network: `tarmac-${id}`,
    podRange: `${subnet}.0/24`,
    podGateway: `${subnet}.1`,
    containerd: join(state, 'containerd', 'c.sock'),
    file: join(state, 'cluster.json'),
    ports: ports(env.TARMAC_CLUSTER_PORT),
  };
}

/** A relative path in an XDG variable is to be ignored, says the specification. */
function xdg(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

function ports(given: string | undefined): Ports {
  const base = given === undefined || given === '' ? DEFAULT_PORT : Number(given);
  if (!Number.isInteger(base) || base < 1024 || base > 65_500) {
    throw new Error(`TARMAC_CLUSTER_PORT is the first of 8 ports, a number from 1024 to 65500, not "${given ?? ''}".`);
  }
  return {
    apiServer: base,
    etcdClient: base + 1,
    etcdPeer: base + 2,
    kubelet: base + 3,
    controllerManager: base + 4,
    scheduler: base + 5,
    registry: base + 6,
    mirror: base + 7,
  };
}
