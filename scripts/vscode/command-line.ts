/** The command line of desktop VS Code, read by the VS Code from npm. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What a command line of desktop VS Code asks for, as far as tests use it. */
export interface VSCodeArguments {
  /** Folder, `.code-workspace` or files to open, absolute. */
  readonly targets: readonly string[];
  /** Folders of extensions under development. */
  readonly developmentPaths: readonly string[];
  /** The module whose `run` is the test. */
  readonly testsPath?: string;
  readonly userDataDir?: string;
  readonly extensionsDir?: string;
  /** Whether the extensions that are installed stay out; VS Code's own remain. */
  readonly disableExtensions: boolean;
  readonly disableWorkspaceTrust: boolean;
  readonly version: boolean;
}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

/**
 * Reads a command line as `@vscode/test-electron` makes it.
 *
 * @param args without program and script; options that are not known here are those of a window, which there is none of
 */
export function parseArguments(args: readonly string[]): VSCodeArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: {
      extensionDevelopmentPath: texts,
      extensionTestsPath: text,
      'user-data-dir': text,
      'extensions-dir': text,
      'folder-uri': texts,
      'file-uri': texts,
      'disable-extensions': flag,
      'disable-workspace-trust': flag,
      version: flag,
    },
  });
  const all = (name: string): string[] => {
    const value: unknown = values[name];
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    return given.filter((each) => typeof each === 'string');
  };
  const path = (name: string): string | undefined => {
    const value = all(name).at(-1);
    return value === undefined ? undefined : resolve(value);
  };
  const [testsPath, userDataDir, extensionsDir] = ['extensionTestsPath', 'user-data-dir', 'extensions-dir'].map(path);
  const uris = [...all('folder-uri'), ...all('file-uri')].map((uri) => fileURLToPath(uri));
  return {
    targets: [...positionals, ...uris].map((target) => resolve(target)),
    developmentPaths: all('extensionDevelopmentPath').map((each) => resolve(each)),
    ...(testsPath === undefined ? {} : { testsPath }),
    ...(userDataDir === undefined ? {} : { userDataDir }),
    ...(extensionsDir === undefined ? {} : { extensionsDir }),
    disableExtensions: values['disable-extensions'] === true,
    disableWorkspaceTrust: values['disable-workspace-trust'] === true,
    version: values['version'] === true,
  };
}

/** Where a workbench is reached. */
export interface WorkbenchOrigin {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly token: string;
}

/**
 * The address at which a server shows the workbench that a command line asks for. Extensions under development and tests
 * are named by URIs of the server, so that they run in its extension host, a Node process, and not in the browser.
 */
export function workbenchAddress({ port, token }: WorkbenchOrigin, args: VSCodeArguments): string {
  const uri = (path: string): string => `vscode-remote://127.0.0.1:${port}${encodeURI(path)}`;
  const payload: [string, string][] = args.developmentPaths.map((path) => ['extensionDevelopmentPath', uri(path)]);
  if (args.testsPath !== undefined) payload.push(['extensionTestsPath', uri(args.testsPath)]);
  if (args.disableExtensions) payload.push(['disableExtensions', 'true']);
  payload.push(['skipWelcome', 'true'], ['skipReleaseNotes', 'true']);

  const query = new URLSearchParams({ tkn: token });
  for (const target of args.targets) {
    if (target.endsWith('.code-workspace')) query.set('workspace', target);
    else if (statSync(target).isDirectory()) query.set('folder', target);
    else payload.push(['openFile', uri(target)]);
  }
  if (!query.has('folder') && !query.has('workspace')) query.set('ew', 'true');
  query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}
