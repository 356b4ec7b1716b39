/**
 * A private registry for a cluster that is not ours: BusyBox on each node answers on loopback as a registry of the OCI
 * distribution API that asks for a password. It has one image, made of the files of its own container, and the same once
 * more that it gives to everybody while it is told to.
 */
import { randomBytes } from 'node:crypto';
import { until } from './command.ts';
import type { Kubectl } from './kubectl.ts';
import type { Registry } from './layout.ts';

/** The port on each node; below Linux's ephemeral range and unassigned by IANA. */
const PORT = 27_460;
const NAMESPACE = 'default';
const SELECTOR = 'tarmac-tests=registry';

/** The image that the registry gives to everybody as long as its file `open` is there, and then to nobody. */
const OPEN_IMAGE = 'private/only-here:latest';

/** Makes the image, and the script that answers one connection. Variables: ACCOUNT (`name:password`), WORK, FOLDERS. */
export const PREPARE = `set -eu
mkdir -p "$WORK/blobs" "$WORK/top/tmp"
chmod 1777 "$WORK/top/tmp"
cd "$WORK"
for folder in \${FOLDERS:-bin etc lib lib64 root sbin usr var}; do
  [ ! -e "/$folder" ] || cp -a "/$folder" top/
done
tar -C top -cf layer .
put() {
  digest=$(sha256sum "$1"); digest=\${digest%% *}; size=$(wc -c < "$1"); size=$((size))
  mv "$1" "blobs/sha256:$digest"
}
rm -rf blobs/*
put layer; layer=$digest; layer_size=$size
case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \\
  "$machine" "$layer" > config
put config
oci=application/vnd.oci.image
printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"%s.layer.v1.tar","digest":"sha256:%s","size":%s}]}' \\
  "$oci" "$oci" "$digest" "$size" "$oci" "$layer" "$layer_size" > manifest
put manifest
echo "$digest" > manifest-digest
printf %s "$ACCOUNT" | base64 | tr -d '\\n' > account
cat > answer <<'END'
#!/bin/sh
cd "$WORK"
carriage=$(printf '\\r')
read -r method path _
given=
while read -r line; do
  line=\${line%"$carriage"}
  case $line in '') break ;; [Aa]uthorization:*) given=\${line#*: } ;; esac
done
path=\${path%%\\?*}
manifest=$(cat manifest-digest)
open=
case $path in /v2/private/only-here/*) [ ! -e open ] || open=yes ;; esac
status='404 Not Found' type=application/json file= extra=
text='{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'
if [ -z "$open" ] && [ "$given" != "Basic $(cat account)" ]; then
  status='401 Unauthorized' extra='WWW-Authenticate: Basic realm="tarmac"'
  text='{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'
else
  case $path in
    /v2/) status='200 OK' text='{}' ;;
    /v2/private/only-here/*) [ -n "$open" ] || path= ;;
  esac
  case $path in
    /v2/private/busybox/manifests/1 | /v2/private/only-here/manifests/latest | "/v2/private/busybox/manifests/sha256:$manifest" | "/v2/private/only-here/manifests/sha256:$manifest")
      status='200 OK' type=application/vnd.oci.image.manifest.v1+json file="blobs/sha256:$manifest"
      extra="Docker-Content-Digest: sha256:$manifest" ;;
    /v2/private/busybox/blobs/sha256:* | /v2/private/only-here/blobs/sha256:*)
      name=\${path##*/}
      case $name in *[!a-z0-9:]*) ;; *) [ ! -f "blobs/$name" ] || { status='200 OK' type=application/octet-stream file="blobs/$name"; } ;; esac ;;
  esac
fi
if [ -n "$file" ]; then length=$(wc -c < "$file"); length=$((length)); else length=\${#text}; fi
printf 'HTTP/1.1 %s\\r\\nContent-Type: %s\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n' "$status" "$type" "$length"
[ -z "$extra" ] || printf '%s\\r\\n' "$extra"
printf '\\r\\n'
[ "$method" = HEAD ] || if [ -n "$file" ]; then cat "$file"; else printf %s "$text"; fi
END
chmod 755 answer
`;

/** Answers one connection after the other. The nc of some BusyBoxes is all there is; it listens on each address. */
const SERVE = `
if command -v tcpsvd > /dev/null; then exec tcpsvd -E 127.0.0.1 "$PORT" "$WORK/answer"; fi
exec nc -ll -p "$PORT" -e "$WORK/answer"
`;

function pod(node: string, index: number, account: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `tarmac-test-registry-${index}`,
      namespace: NAMESPACE,
      labels: { 'tarmac-tests': 'registry' },
    },
    spec: {
      nodeName: node,
      hostNetwork: true,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'main',
          image: 'docker.io/library/busybox:latest',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', PREPARE + SERVE],
          env: Object.entries({ ACCOUNT: account, PORT: String(PORT), WORK: '/registry' }).map(([name, value]) => ({
            name,
            value,
          })),
          readinessProbe: { exec: { command: ['test', '-x', '/registry/answer'] }, periodSeconds: 1 },
        },
      ],
    },
  };
}

/** Starts the registry on each of the nodes and waits until it answers there. */
export async function startSmallRegistry(kubectl: Kubectl, nodes: readonly string[]): Promise<Registry> {
  const account = { username: 'puller', password: randomBytes(18).toString('base64url') };
  await stopSmallRegistry(kubectl);
  const items = nodes.map((node, index) => pod(node, index, `${account.username}:${account.password}`));
  await kubectl(['create', '--validate=false', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const ready = '{.items[*].status.containerStatuses[0].ready}';
  await until('the registry on each node', 180_000, async () => {
    const states = await kubectl(['get', 'pods', `-n=${NAMESPACE}`, `-l=${SELECTOR}`, `--output=jsonpath=${ready}`]);
    return states.split(' ').filter((state) => state === 'true').length === nodes.length ? true : undefined;
  });
  const host = `127.0.0.1:${PORT}`;
  return { host, ...account, image: `${host}/private/busybox:1` };
}

/** Removes the registry from each node. */
export async function stopSmallRegistry(kubectl: Kubectl): Promise<void> {
  const which = ['pods', `-n=${NAMESPACE}`, `-l=${SELECTOR}`];
  await kubectl(['delete', ...which, '--ignore-not-found', '--grace-period=0', '--force', '--wait=true']);
}

/**
 * Puts an image on each node that its registry no longer gives to anybody afterwards.
 *
 * @returns the image, as a task names it
 */
export async function imageOnlyOnNodes(kubectl: Kubectl, host: string): Promise<string> {
  const image = `${host}/${OPEN_IMAGE}`;
  const path = '{range .items[*]}{.metadata.name}={.spec.nodeName}{"\\n"}{end}';
  const listed = await kubectl(['get', 'pods', `-n=${NAMESPACE}`, `-l=${SELECTOR}`, `--output=jsonpath=${path}`]);
  const registries = listed.split('\n').flatMap((line) => {
    const [name = '', node = ''] = line.split('=');
    return name === '' ? [] : [{ name, node }];
  });
  const tell = async (command: string): Promise<void> => {
    for (const { name } of registries) await kubectl(['exec', `-n=${NAMESPACE}`, name, '--', 'sh', '-c', command]);
  };
  await tell('touch "$WORK/open"');
  try {
    for (const [index, { node }] of registries.entries()) await pull(kubectl, image, node, index);
  } finally {
    await tell('rm -f "$WORK/open"');
  }
  return image;
}

/** Lets a node pull an image. */
async function pull(kubectl: Kubectl, image: string, nodeName: string, index: number): Promise<void> {
  const name = `tarmac-test-pull-${index}`;
  const container = { name: 'main', image, imagePullPolicy: 'Always', command: ['true'] };
  const spec = { nodeName, restartPolicy: 'Never', automountServiceAccountToken: false, containers: [container] };
  const remove = ['delete', 'pod', name, `-n=${NAMESPACE}`, '--ignore-not-found', '--grace-period=0', '--force'];
  await kubectl(remove);
  try {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NAMESPACE }, spec };
    await kubectl(['create', '-f', '-'], JSON.stringify(pod));
    await until(`the node ${nodeName} to have ${image}`, 180_000, async () => {
      const get = ['get', 'pod', name, `-n=${NAMESPACE}`, '--output=jsonpath={.status.phase}'];
      return (await kubectl(get)) === 'Succeeded' ? true : undefined;
    });
  } finally {
    await kubectl(remove);
  }
}
