/**
 * A private registry for a cluster that is not ours: BusyBox on each node answers on loopback as a registry of the OCI
 * distribution API that asks for a password. It has one image, made of the files of its own container; the same once more
 * that it gives to everybody while it is told to; and the tests' resource type on top of it, which everybody may pull.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../machine/command.ts';
import type { Kubectl } from '../kubectl.ts';
import type { Registry } from '../layout.ts';

/** The port on each node; below Linux's ephemeral range and unassigned by IANA. */
const PORT = 27_460;
const NAMESPACE = 'default';
const SELECTOR = 'tarmac-tests=registry';

/** The image that the registry gives to everybody as long as its file `open` is there, and then to nobody. */
const OPEN_IMAGE = 'private/only-here:latest';

/** Where the tests' resource type is (`resource-program`): each may pull it. */
const RESOURCE = 'public/resource';

/** The scripts of the tests' resource type, by the variable that has their text. */
const RESOURCE_SCRIPTS = ['common', 'check', 'in', 'out'];

/**
 * Makes the images, and the script that answers one connection. Variables: ACCOUNT (`name:password`), WORK, FOLDERS, and
 * RESOURCE_common, RESOURCE_check, RESOURCE_in, RESOURCE_out: the scripts of the resource type.
 */
export const PREPARE = `set -eu
mkdir -p "$WORK/blobs" "$WORK/top/tmp" "$WORK/resource/opt/resource"
chmod 1777 "$WORK/top/tmp"
cd "$WORK"
for folder in \${FOLDERS:-bin etc lib lib64 root sbin usr var}; do
  [ ! -e "/$folder" ] || cp -a "/$folder" top/
done
put() {
  digest=$(sha256sum "$1"); digest=\${digest%% *}; size=$(wc -c < "$1"); size=$((size))
  mv "$1" "blobs/sha256:$digest"
}
oci=application/vnd.oci.image
layers= diffs=
layer() {
  tar -C "$1" -cf layer .
  put layer
  layers="$layers\${layers:+,}{\\"mediaType\\":\\"$oci.layer.v1.tar\\",\\"digest\\":\\"sha256:$digest\\",\\"size\\":$size}"
  diffs="$diffs\${diffs:+,}\\"sha256:$digest\\""
}
case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
# An image of the layers so far: the rest of its config, then the names that it has.
image() {
  printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]%s},"rootfs":{"type":"layers","diff_ids":[%s]}}' \\
    "$machine" "$1" "$diffs" > config
  put config
  printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \\
    "$oci" "$oci" "$digest" "$size" "$layers" > manifest
  put manifest
  shift
  for name; do
    mkdir -p "names/\${name%:*}"
    echo "$digest" > "names/\${name%:*}/\${name##*:}"
    echo "$digest" > "names/\${name%:*}/sha256:$digest"
  done
}
rm -rf blobs/* names
layer top
image '' private/busybox:1 ${OPEN_IMAGE}
printf %s "$RESOURCE_common" > resource/opt/resource/common
printf %s "$RESOURCE_check" > resource/opt/resource/check
printf %s "$RESOURCE_in" > resource/opt/resource/in
printf %s "$RESOURCE_out" > resource/opt/resource/out
chmod 755 resource/opt resource/opt/resource resource/opt/resource/*
layer resource
image '' ${RESOURCE}:1
image ',"User":"1000"' ${RESOURCE}:app
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
name=\${path##*/}
repository=\${path#/v2/} repository=\${repository%/*/*}
case $repository/$name in *..* | *[!a-z0-9/:-]*) path= ;; esac
open=
case $path in
  /v2/public/*) open=yes ;;
  /v2/private/only-here/*) [ ! -e open ] || open=yes ;;
esac
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
    /v2/*/manifests/*)
      if [ -f "names/$repository/$name" ]; then
        manifest=$(cat "names/$repository/$name")
        status='200 OK' type=application/vnd.oci.image.manifest.v1+json file="blobs/sha256:$manifest"
        extra="Docker-Content-Digest: sha256:$manifest"
      fi ;;
    /v2/*/blobs/sha256:*)
      if [ -d "names/$repository" ] && [ -f "blobs/$name" ]; then
        status='200 OK' type=application/octet-stream file="blobs/$name"
      fi ;;
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

/** The variables of {@link PREPARE} with the scripts of the resource type. */
export async function resourceScripts(): Promise<Record<string, string>> {
  const folder = join(import.meta.dirname, '../build/resource-program');
  const read = async (name: string): Promise<[string, string]> => [
    `RESOURCE_${name}`,
    await readFile(join(folder, `${name}.sh`), 'utf8'),
  ];
  return Object.fromEntries(await Promise.all(RESOURCE_SCRIPTS.map(read)));
}

/** Answers one connection after the other. The nc of some BusyBoxes is all there is; it listens on each address. */
const SERVE = `
if command -v tcpsvd > /dev/null; then exec tcpsvd -E 127.0.0.1 "$PORT" "$WORK/answer"; fi
exec nc -ll -p "$PORT" -e "$WORK/answer"
`;

function pod(node: string, index: number, variables: Readonly<Record<string, string>>): unknown {
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
          env: Object.entries(variables).map(([name, value]) => ({ name, value })),
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
  const variables = {
    ACCOUNT: `${account.username}:${account.password}`,
    PORT: String(PORT),
    WORK: '/registry',
    ...(await resourceScripts()),
  };
  const items = nodes.map((node, index) => pod(node, index, variables));
  await kubectl(['create', '--validate=false', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const ready = '{.items[*].status.containerStatuses[0].ready}';
  await until('the registry on each node', 180_000, async () => {
    const states = await kubectl(['get', 'pods', `-n=${NAMESPACE}`, `-l=${SELECTOR}`, `--output=jsonpath=${ready}`]);
    return states.split(' ').filter((state) => state === 'true').length === nodes.length ? true : undefined;
  });
  const host = `127.0.0.1:${PORT}`;
  return { host, ...account, image: `${host}/private/busybox:1`, resource: `${host}/${RESOURCE}` };
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
