/** For editor tests: the processes of the language server. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

/** Process ids of the language servers that this extension host has started. */
export function languageServers(): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => Number(match?.[2]) === process.pid && match?.[3]?.includes('dist/server.js') === true)
    .map((match) => Number(match?.[1]));
}

/** Kills the language server as a lack of memory would. */
export function killLanguageServer(): void {
  const [server, ...others] = languageServers();
  assert.ok(server !== undefined, 'a language server runs');
  assert.deepEqual(others, [], 'and only one');
  process.kill(server, 'SIGKILL');
}
