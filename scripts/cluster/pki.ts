/** Certificates, keys and kubeconfig files. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/command.ts';
import { NAMES, type Layout } from './layout.ts';

/** A certificate to be made: its name as a file, its subject and the names it is valid for. */
interface Certificate {
  readonly name: string;
  /** In openssl's form; `O` is the Kubernetes group, `CN` the user. */
  readonly subject: string;
  readonly altNames: string;
}

/** The address of the `kubernetes` service: the first of the service range. */
const SERVICE_ADDRESS = '10.96.0.1';

const CERTIFICATES: readonly Certificate[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    altNames: `IP:127.0.0.1,IP:${SERVICE_ADDRESS},DNS:localhost,DNS:kubernetes.default.svc`,
  },
  // etcd's own, for its server, its peers and the API server as its client: who has none gets no answer.
  { name: 'etcd', subject: '/CN=etcd', altNames: 'IP:127.0.0.1,DNS:localhost' },
  { name: 'admin', subject: '/O=system:masters/CN=admin', altNames: 'DNS:admin' },
  // The group and the user are what the Node authorizer asks for; the node is called localhost (see components.ts).
  { name: 'kubelet', subject: '/O=system:nodes/CN=system:node:localhost', altNames: 'IP:127.0.0.1,DNS:localhost' },
];

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256'];

/** Makes a certificate authority, {@link CERTIFICATES} and the key that signs service accounts' tokens. */
export async function makeCertificates(at: Layout): Promise<void> {
  const options = { log: join(at.logs, 'openssl.log') };
  await mkdir(at.pki, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(at.pki, name);
  const ca = ['-subj', '/CN=tarmac-cluster-ca', '-addext', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature'];
  await run(
    'openssl',
    ['req', '-x509', ...NEW_KEY, '-days', '3650', ...ca, '-keyout', file('ca.key'), '-out', file('ca.crt')],
    options,
  );
  // In SEC 1 form: Kubernetes does not read the public half out of a PKCS #8 file.
  const signing = ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('sa.key')];
  await run('openssl', signing, options);
  for (const [index, { name, subject, altNames }] of CERTIFICATES.entries()) {
    await run(
      'openssl',
      ['req', '-new', ...NEW_KEY, '-subj', subject, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)],
      options,
    );
    await writeFile(file(`${name}.ext`), `subjectAltName=${altNames}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    const issue = [
      '-CA',
      file('ca.crt'),
      '-CAkey',
      file('ca.key'),
      '-set_serial',
      String(index + 2),
      '-days',
      '3650',
      '-sha256',
    ];
    await run(
      'openssl',
      [
        'x509',
        '-req',
        '-in',
        file(`${name}.csr`),
        ...issue,
        '-extfile',
        file(`${name}.ext`),
        '-out',
        file(`${name}.crt`),
      ],
      options,
    );
  }
}

/** How a user proves who they are: with a certificate or with a token. */
export type Credential = { readonly certificate: string; readonly key: string } | { readonly token: string };

/** A cluster as a kubeconfig names it: `certificate-authority-data` and the like, as found in another kubeconfig. */
export type ClusterEntry = Readonly<Record<string, unknown>>;

/** How the local cluster is reached. */
export async function localClusterEntry(at: Layout): Promise<ClusterEntry> {
  return {
    server: `https://127.0.0.1:${at.ports.apiServer}`,
    'certificate-authority-data': await base64(join(at.pki, 'ca.crt')),
  };
}

/** The credential in one of {@link CERTIFICATES}. */
export async function certificateCredential(at: Layout, name: 'admin' | 'kubelet'): Promise<Credential> {
  return { certificate: await base64(join(at.pki, `${name}.crt`)), key: await base64(join(at.pki, `${name}.key`)) };
}

/** A kubeconfig with one context, called `tarmac-test`. JSON, which is YAML as well. */
export function kubeconfig(cluster: ClusterEntry, user: string, credential: Credential, namespace: string): string {
  const secret =
    'token' in credential
      ? { token: credential.token }
      : { 'client-certificate-data': credential.certificate, 'client-key-data': credential.key };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAMES.context, cluster }],
    users: [{ name: user, user: secret }],
    contexts: [{ name: NAMES.context, context: { cluster: NAMES.context, user, namespace } }],
    'current-context': NAMES.context,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Writes a file that only its owner can read and that appears as a whole or not at all. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
}

async function base64(path: string): Promise<string> {
  return (await readFile(path)).toString('base64');
}
