/** Before the UI tests: a VS Code with the packaged extension installed, as a person would install it. */
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { basicEnvironment } from '../../../scripts/machine/command.ts';
import { installedBrowser } from '../../../scripts/vscode/browser.ts';
import { installedVSCode, type VSCodeInstallation } from '../../../scripts/vscode/installation.ts';
import { scratchFolder } from '../../../scripts/vscode/scratch.ts';
import { installExtensions } from '../../../scripts/vscode/server.ts';
import { testCluster } from '../../cluster/support/cluster.ts';

/** What test files need to open a VS Code. All paths are absolute. */
export interface Installed {
  readonly installation: VSCodeInstallation;
  readonly browser: string;
  /** Holds the extension. */
  readonly extensionsDir: string;
  /** For pictures: build results. */
  readonly screenshots: string;
  /** The environment of a person who has a cluster. */
  readonly env: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  // The way to type what is provided.
  interface ProvidedContext {
    installed: Installed;
  }
}

const root = resolve(import.meta.dirname, '../../..');

/** Called by Vitest before the first test file; what it returns is called after the last one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await testCluster();
  const [installation, browser] = [await installedVSCode(), await installedBrowser()];
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const scratch = await scratchFolder();
  const extensionsDir = join(scratch.path, 'extensions');
  const log = join(root, 'out', 'ui-logs', 'install.log');
  const request = { installation, scratch, userDataDir: join(scratch.path, 'user'), extensionsDir, log };
  await installExtensions(request, [join(root, 'build', `tarmac-${version}.vsix`)]);

  const screenshots = join(root, 'out', 'screenshots');
  await rm(screenshots, { recursive: true, force: true });
  project.provide('installed', {
    installation,
    browser,
    extensionsDir,
    screenshots,
    env: { ...basicEnvironment(), ...cluster.env },
  });
  return async () => {
    await scratch[Symbol.asyncDispose]();
  };
}
