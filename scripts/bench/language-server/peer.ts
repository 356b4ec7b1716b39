/** The peer: yaml-language-server, put into the cache at the first bench, because it is larger than all of Tarmac. */
import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ServerUnderTest } from './client.ts';

const VERSION = '2.0.0';
const SCHEMA = 'schemas/concourse-task.schema.json';

/** The debounce of its validation in milliseconds (yaml-language-server, `validationHandlers.ts`). */
export const PEER_DEBOUNCE_MS = 200;

/** yaml-language-server with Tarmac's JSON Schema for every YAML file, and without what needs the network. */
export async function peer(cache: string): Promise<ServerUnderTest> {
  const folder = join(cache, `yaml-language-server-${VERSION}`);
  const script = join(folder, 'node_modules/yaml-language-server/bin/yaml-language-server');
  if (!(await exists(script))) {
    await mkdir(folder, { recursive: true });
    const install = ['install', '--prefix', folder, '--no-audit', '--no-fund', `yaml-language-server@${VERSION}`];
    await promisify(execFile)('npm', install, { shell: process.platform === 'win32' });
  }
  const schema = resolve(SCHEMA);
  if (!(await exists(schema))) throw new Error(`${SCHEMA} is missing: npm run generate`);
  return {
    name: `yaml-language-server ${VERSION}`,
    script: [script],
    languageId: 'yaml',
    settings: {
      yaml: {
        validate: true,
        hover: true,
        completion: true,
        schemas: { [pathToFileURL(schema).href]: ['*.yml'] },
        schemaStore: { enable: false },
        kubernetesCRDStore: { enable: false },
      },
      http: {},
      'files.associations': {},
    },
  };
}

/** The same server for files that it has no schema for: it parses them and checks the syntax. */
export function withoutSchema(server: ServerUnderTest): ServerUnderTest {
  return { ...server, settings: { ...server.settings, yaml: { ...(server.settings['yaml'] as object), schemas: {} } } };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
