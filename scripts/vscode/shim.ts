#!/usr/bin/env node
/**
 * Stands in for the program of desktop VS Code where `@vscode/test-electron` wants one: opens the VS Code from npm in a
 * headless Chromium, runs the tests in its extension host, a Node process, and ends with their exit code.
 *
 * Environment: TARMAC_VSCODE_TIMEOUT, seconds until a run counts as hung (600); TARMAC_VSCODE_LOGS, a folder for logs
 * and for a picture of a run that hung; TARMAC_VSCODE_VERBOSE=1 shows the workbench's own log.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { format } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { isErrno } from '../machine/command.ts';
import { installedBrowser, launchBrowser } from './browser.ts';
import { parseArguments, workbenchAddress, type VSCodeArguments } from './command-line.ts';
import { installedVSCode } from './installation.ts';
import { scratchFolder, type Scratch } from './scratch.ts';
import { startServer, type ExtensionHostEnd, type VSCodeServer } from './server.ts';

/** Exit codes for what is not the tests' own result. */
const exitCodes = { failed: 70, browserGone: 71, hostGone: 72, hung: 124, interrupted: 130 } as const;

/** How the run ended, and for an end that is no result of tests: why. */
interface End {
  readonly exitCode: number;
  readonly why?: string;
}

/** Lines of the workbench's own log, which share a channel with what tests print. */
const ownLog =
  /^(Resolv(ing|ed) connection token|Creating a socket|Updating additional builtin|Ignoring fetching additional builtin|ChatSessionStore|\[(Service Worker|perf|ChatModelSelection|AgentHost|AccountPolicyGate|reconnection-grace-time|remote-connection|vscode\.[\w-]+)\b|DialogService: Dialog requested|Creation of workbench contribution|Overwriting extension|Timed out waiting for authentication provider)/;

/** The workbench's word for a lost extension host. */
const hostLost = /^\[remote-connection\]\[ExtensionHost\].*received socket close event/;

/** How long the server may take to log the end of an extension host after the workbench has reported a result. */
const hostEndMs = 3_000;

const verbose = process.env['TARMAC_VSCODE_VERBOSE'] === '1';
const limitMs = Number(process.env['TARMAC_VSCODE_TIMEOUT'] ?? 600) * 1000;

/** Opens the workbench and waits for the end of the tests in it, or of anything that they need. */
async function runWorkbench(page: Page, server: VSCodeServer, args: VSCodeArguments): Promise<End> {
  const result = Promise.withResolvers<End>();
  let lost = false;
  await page.exposeFunction('codeAutomationLog', (level: string, parts: unknown[]) => {
    // Mocha writes with placeholders.
    const line = format(...parts);
    lost ||= hostLost.test(line);
    if (!verbose && (level === 'trace' || level === 'debug' || ownLog.test(line))) return;
    (level === 'error' || level === 'warn' ? process.stderr : process.stdout).write(`${line}\n`);
  });
  await page.exposeFunction('codeAutomationExit', async (exitCode: number) => {
    result.resolve((await hostFailure(server, () => lost)) ?? { exitCode });
  });
  page.on('crash', () => result.resolve({ exitCode: exitCodes.browserGone, why: 'the page of VS Code crashed' }));
  page.context().on('close', () => result.resolve({ exitCode: exitCodes.browserGone, why: 'the browser ended' }));
  void server.extensionHostEnded.then((end) => {
    const failure = failureOf(end);
    if (failure !== undefined) result.resolve(failure);
  });
  void server.ended.then((how) =>
    result.resolve({ exitCode: exitCodes.failed, why: `VS Code's server ended: ${how}` }),
  );

  await page.goto(workbenchAddress(server, args), { timeout: limitMs });
  return result.promise;
}

/** A workbench reports success when the extension host in which tests ran has died: the server knows better. */
async function hostFailure({ extensionHostEnded }: VSCodeServer, wasLost: () => boolean): Promise<End | undefined> {
  const end = await Promise.race([extensionHostEnded, setTimeout(hostEndMs)]);
  return end === undefined ? (wasLost() ? lostHost('its connection was lost') : undefined) : failureOf(end);
}

function failureOf({ code, signal }: ExtensionHostEnd): End | undefined {
  if (signal !== null) return lostHost(signal);
  return code === 0 || code === null ? undefined : lostHost(`exit code ${code}`, code);
}

function lostHost(how: string, exitCode: number = exitCodes.hostGone): End {
  return { exitCode, why: `the extension host ended before the tests did: ${how}` };
}

/** Resolves when the run is to end for a reason outside of it. */
function interruption(): Promise<End> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve({ exitCode: exitCodes.interrupted, why: signal }));
    }
    const hung = { exitCode: exitCodes.hung, why: `the tests have not ended after ${limitMs / 1000} seconds` };
    void setTimeout(limitMs, hung, { ref: false }).then(resolve);
  });
}

/** What a run needs; the server ends with the scratch folder, the browser is closed. */
interface Started {
  readonly server: VSCodeServer;
  readonly browser: Browser;
}

async function start(args: VSCodeArguments, scratch: Scratch): Promise<Started> {
  const installation = await installedVSCode();
  const userDataDir = args.userDataDir ?? join(scratch.path, 'user');
  const server = await startServer({
    installation,
    scratch,
    userDataDir,
    extensionsDir: args.extensionsDir ?? join(scratch.path, 'extensions'),
    log: join(process.env['TARMAC_VSCODE_LOGS'] ?? userDataDir, 'server.log'),
    args: [
      // Without it, a built workbench does not take extensions under development from its address. No messages pop up.
      '--enable-smoke-test-driver',
      ...(args.disableWorkspaceTrust ? ['--disable-workspace-trust'] : []),
    ],
  });
  return { server, browser: await launchBrowser(await installedBrowser(), scratch) };
}

async function keepPicture(page: Page): Promise<void> {
  const folder = process.env['TARMAC_VSCODE_LOGS'];
  if (folder === undefined) return;
  const path = join(folder, 'hung.png');
  await page.screenshot({ path, timeout: 10_000 });
  console.error(`vscode: a picture of it: ${path}`);
}

/** Runs the tests in a started VS Code and closes its browser. */
async function run({ server, browser }: Started, args: VSCodeArguments, interrupted: Promise<End>): Promise<End> {
  try {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const end = await Promise.race([runWorkbench(page, server, args), interrupted]);
    if (end.exitCode === exitCodes.hung) await keepPicture(page);
    return end;
  } finally {
    await browser.close();
  }
}

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2));
  if (args.version) {
    console.log((await installedVSCode()).version);
    return 0;
  }
  const interrupted = interruption();
  await using scratch = await scratchFolder();
  const started = await Promise.race([start(args, scratch), interrupted]);
  const { exitCode, why } = 'exitCode' in started ? started : await run(started, args, interrupted);
  if (why !== undefined) console.error(`vscode: ${why}`);
  return exitCode;
}

process.stdout.on('error', (error) => {
  // Who read the output may be gone first; the run still ends in good order.
  if (!isErrno(error, 'EPIPE')) throw error;
});
process.exitCode = await main();
