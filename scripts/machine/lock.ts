/** One at a time: a lock that the kernel takes back when its holder dies, also by `kill -9`. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { isErrno, until } from './command.ts';
import { say } from './report.ts';

/**
 * Runs something while holding the lock of a folder, waiting for another holder to finish first.
 *
 * The lock is a listening socket in Linux's abstract namespace (unix(7)): no file stays behind that would have to be
 * judged stale. It is not inherited by child processes, since Node opens sockets close-on-exec. On another system, where
 * only given clusters can be used, there is no such namespace and no lock.
 *
 * @param folder what is locked; by its name, it need not exist
 * @throws ScriptError when the other holder does not finish within `timeout` milliseconds; at once when no socket can be
 *   opened at all
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, timeout = 20 * 60_000): Promise<T> {
  if (process.platform !== 'linux') return work();
  const name = `\0tarmac-cluster-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  let told = false;
  const whose = `another process that works on ${folder} (look for "scripts/cluster.ts")`;
  let refused: { readonly error: unknown } | undefined;
  const ask = async (): Promise<Server | undefined> => {
    const held = await tryToListen(name).catch((error: unknown) => void (refused = { error }));
    if (held === undefined && !told && !refused) {
      say('  … Another `cluster` command is at work; waiting for it to finish');
    }
    told = true;
    return held ?? undefined;
  };
  const server = await until(whose, timeout, ask, () => {
    if (refused) throw refused.error;
  });
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

async function tryToListen(name: string): Promise<Server | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(name, resolve);
    });
    return server;
  } catch (error) {
    if (isErrno(error, 'EADDRINUSE')) return undefined;
    throw error;
  }
}
