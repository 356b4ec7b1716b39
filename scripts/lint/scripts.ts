/** The shell scripts that shellcheck reads. */
import { globSync } from 'node:fs';

/** Every shell program of ours. */
const OURS = ['{runner,client,cli,server}/src/**/*.sh', 'scripts/**/*.sh', 'examples/**/*.sh', '.ci/run'];

/**
 * Paths of the scripts, from the root.
 *
 * @param below only those that are, or lie below, one of these paths; empty: all
 */
export function shellScripts(root: string, below: readonly string[] = []): string[] {
  const all = globSync(OURS, { cwd: root }).sort();
  const within = (path: string): boolean =>
    below.some((each) => path === each || path.startsWith(`${each.replace(/\/$/, '')}/`));
  return below.length === 0 || below.includes('.') ? all : all.filter(within);
}
