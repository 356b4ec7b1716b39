/** Which VS Code the tests run in. */
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { join } from 'node:path';
import { layout } from '../cluster/layout.ts';
import { say, step } from '../machine/report.ts';
import { installedBrowser } from './browser.ts';
import { installedVSCode, listedVersion } from './installation.ts';

/** A program that takes the command line of desktop VS Code. */
export interface VSCodeExecutable {
  readonly path: string;
  /** For the log. */
  readonly name: string;
}

/** How long the download server may take to answer. */
const answerMs = 10_000;

/** A window needs a display; on Linux it is named by these. */
function hasDisplay(): boolean {
  return (
    process.platform !== 'linux' || ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (process.env[name] ?? '') !== '')
  );
}

async function desktop(version: string): Promise<VSCodeExecutable> {
  const cachePath = join(layout(process.env).cache, 'vscode-desktop');
  return { path: await downloadAndUnzipVSCode({ version, cachePath, timeout: answerMs }), name: `VS Code ${version}` };
}

async function fromNpm(): Promise<VSCodeExecutable> {
  const { version } = await installedVSCode();
  await installedBrowser();
  return { path: join(import.meta.dirname, 'shim.ts'), name: `VS Code ${version} from npm in Chromium` };
}

/**
 * The VS Code to test in: the desktop's, where there is a display and it can be downloaded, otherwise the one from npm.
 * Both are of the same version. TARMAC_VSCODE=desktop or npm takes the choice away.
 *
 * @throws Error or ScriptError when neither can be had
 */
export async function vscodeExecutable(): Promise<VSCodeExecutable> {
  const wanted = process.env['TARMAC_VSCODE'];
  if (wanted === 'npm' || (wanted !== 'desktop' && !hasDisplay())) return fromNpm();
  const version = await listedVersion();
  try {
    return await step(`Download VS Code ${version}`, () => desktop(version));
  } catch (error) {
    if (wanted === 'desktop') throw error;
    say(
      `  VS Code cannot be downloaded (${error instanceof Error ? error.message : String(error)}); taking it from npm`,
    );
    return fromNpm();
  }
}
