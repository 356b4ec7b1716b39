/**
 * `npm run lint`: ESLint over everything, then shellcheck over the shell scripts. Both are run, and it fails when one does.
 * With paths from the root, `npm run lint -- runner/src/store`, it reads only what lies there.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { layout } from './cluster/layout.ts';
import { ScriptError } from './machine/report.ts';
import { shellScripts } from './lint/scripts.ts';
import { findShellcheck, osRelease } from './lint/shellcheck.ts';

const root = resolve(import.meta.dirname, '..');

/** Whether a program found nothing to say. */
function clean(program: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status === 0;
}

/** Whether shellcheck finds nothing to say; it is not looked for where there is no script. */
async function scriptsAreClean(scripts: readonly string[]): Promise<boolean> {
  if (scripts.length === 0) return true;
  const { cache } = layout(process.env);
  const program = await findShellcheck({
    path: process.env['PATH'] ?? '',
    cache,
    log: join(cache, 'logs', 'shellcheck.log'),
    release: await osRelease(),
  });
  console.log(`shellcheck: ${scripts.length} scripts`);
  return clean(program, scripts);
}

const paths = process.argv.slice(2);
const eslint = [join(root, 'node_modules/eslint/bin/eslint.js'), '--max-warnings', '0', '--no-warn-ignored'];
const code = paths.length === 0 ? ['.'] : paths.filter((path) => !path.endsWith('.sh'));
const results = [code.length === 0 || clean(process.execPath, [...eslint, ...code])];
try {
  results.push(await scriptsAreClean(shellScripts(root, paths)));
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  console.error([error.message, error.next].filter((line) => line !== undefined).join('\n'));
  results.push(false);
}
process.exitCode = results.every(Boolean) ? 0 : 1;
