/** A Chromium for the tests that use VS Code in a browser. */
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { isErrno } from '../machine/command.ts';
import { layout } from '../cluster/layout.ts';
import { ensurePackages } from '../machine/packages.ts';
import { access } from 'node:fs/promises';
import type { Scratch } from './scratch.ts';

/** Programs that will do, in this order. */
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium in Debian, and a font family for what VS Code draws with the system's. */
const browserPackages = { chromium: '/usr/bin/chromium', 'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu' };

async function firstProgram(): Promise<string | undefined> {
  for (const program of programs) {
    try {
      await access(program);
      return program;
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}

/**
 * The path of a Chromium; installs Debian's when there is none.
 *
 * @throws ScriptError where it cannot be installed, with the command that an administrator would run
 */
export async function installedBrowser(): Promise<string> {
  const found = await firstProgram();
  if (found !== undefined) return found;
  const log = join(layout(process.env).cache, 'logs', 'vscode.log');
  await ensurePackages('show VS Code', browserPackages, log, `Install Chromium or Chrome as ${programs.join(' or ')}.`);
  return browserPackages.chromium;
}

/**
 * A headless Chromium with a fresh profile that reaches nothing but this machine. Whoever launches it closes it.
 *
 * @param program from {@link installedBrowser}
 * @param scratch for what it writes
 */
export async function launchBrowser(program: string, scratch: Scratch): Promise<Browser> {
  const at = (name: string): string => join(scratch.path, name);
  return chromium.launch({
    executablePath: program,
    headless: true,
    env: {
      ...(process.env as Record<string, string>),
      HOME: scratch.path,
      XDG_CONFIG_HOME: at('browser-config'),
      XDG_CACHE_HOME: at('browser-cache'),
      ...scratch.env,
    },
    // The caller handles signals, and closes the browser then.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      // Its sandbox does not work for root.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}
