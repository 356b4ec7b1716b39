/** For UI tests: a VS Code with the packaged extension. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { launchBrowser } from '../../../scripts/vscode/browser.ts';
import { workbenchAddress } from '../../../scripts/vscode/command-line.ts';
import { scratchFolder } from '../../../scripts/vscode/scratch.ts';
import { startServer } from '../../../scripts/vscode/server.ts';
import { translatedExtensions } from './translated.ts';
import { Workbench } from './workbench.ts';

/** How a VS Code is opened. */
export interface VSCodeRequest {
  /** For its logs and for pictures of failures. */
  readonly name: string;
  /** Added to the settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether VS Code asks about trust, as it does a person; without it the workspace is trusted. */
  readonly asksForTrust?: boolean;
  /** The display language, for which the extension then has translations: each of its texts in guillemets. Default English. */
  readonly language?: string;
  /** Writes what the workspace folder has before VS Code opens it: what is written later, VS Code reads at its own time. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** An open VS Code: disposing ends it and leaves nothing. */
export interface OpenVSCode extends AsyncDisposable {
  readonly workbench: Workbench;
  /** Absolute path of its workspace folder. */
  readonly folder: string;
  /** Keeps a picture of the window, with all messages, and the logs of VS Code and its extensions. */
  keepEvidence(of: string): Promise<void>;
}

const root = resolve(import.meta.dirname, '../../..');

/** What would be in the way of a test or differ from picture to picture. */
const settings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'workbench.startupEditor': 'none',
  // The suites look for pods that are left: a test that wants one to wait says so.
  'tarmac.spare': 'off',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'window.title': '${activeEditorShort}${separator}${rootName}',
  'editor.minimap.enabled': false,
  'editor.cursorBlinking': 'solid',
};

/** Opens a fresh VS Code with the extension installed and a copy of the fixture as its workspace. */
export async function openVSCode(request: VSCodeRequest): Promise<OpenVSCode> {
  const { installation, browser: program, extensionsDir: installed, screenshots, env } = inject('installed');
  await using cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await scratchFolder());
  const [folder, userDataDir] = [join(scratch.path, 'hello'), join(scratch.path, 'user')];
  await cp(join(root, 'test', 'fixtures', 'workspace'), folder, { recursive: true });
  await request.prepare?.(folder);
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(join(userDataDir, 'User', 'settings.json'), JSON.stringify({ ...settings, ...request.settings }));
  const { language } = request;
  const extensionsDir = language === undefined ? installed : join(scratch.path, 'extensions');
  if (language !== undefined) await translatedExtensions(language, installed, extensionsDir);

  const server = await startServer({
    installation,
    scratch,
    userDataDir,
    extensionsDir,
    // Its runs are remembered for itself, not for the user of this machine.
    env: { ...env, XDG_STATE_HOME: join(scratch.path, 'state') },
    log: join(root, 'out', 'ui-logs', `${request.name}.log`),
    args: request.asksForTrust === true ? [] : ['--disable-workspace-trust'],
  });
  const browser: Browser = await launchBrowser(program, scratch);
  cleanup.defer(() => browser.close());
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // As a language pack does; VS Code's own texts would be in the pack.
  if (language !== undefined) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)}`);
  const args = {
    targets: [folder],
    developmentPaths: [],
    disableExtensions: false,
    disableWorkspaceTrust: false,
    version: false,
  };
  // A busy machine takes its time for the first page; what never comes is found by the limit of the hook.
  await page.goto(workbenchAddress(server, args), { timeout: 150_000 });
  const workbench = new Workbench(page, screenshots);
  await workbench.isReady();
  const owned = cleanup.move();
  return {
    workbench,
    folder,
    keepEvidence: async (of) => {
      const name = `failed-${request.name}-${of.replace(/\W+/g, '-')}`;
      await workbench.screenshot(name);
      await cp(join(userDataDir, 'logs'), join(root, 'out', 'ui-logs', name), { recursive: true });
      await workbench.showMessages();
      await workbench.screenshot(`${name}-messages`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * One VS Code for all tests of a file. Of a test that fails a picture is kept.
 *
 * @returns what gives it, once the tests run
 */
export function useVSCode(request: VSCodeRequest): () => OpenVSCode {
  let opened: OpenVSCode | undefined;
  const current = (): OpenVSCode => {
    if (opened === undefined) throw new Error('VS Code has not been opened');
    return opened;
  };
  beforeAll(async () => {
    opened = await openVSCode(request);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await current().keepEvidence(task.name);
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  return current;
}
