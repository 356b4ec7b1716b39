/** One at a time: a lock that the kernel takes back when its holder dies, also by `kill -9`. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { isErrno, until } from './command.ts';
import { say } from './report.ts';

/**
 * Holds the lock of a folder until disposed, waiting for another holder to finish first.
 *
 * The lock is a listening socket in Linux's abstract namespace (unix(7)): no file stays behind that would have to be
 * judged stale. It is not inherited by child processes, since Node opens sockets close-on-exec.
 *
 * @param folder what is locked; by its name, it need not exist
 * @param timeout milliseconds to wait for another holder
 * @throws ClusterError when the other holder does not finish in time
 */
export async function lock(folder: string, timeout = 20 * 60_000): Promise<AsyncDisposable> {
  const name = `\0tarmac-cluster-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  let told = false;
  const server = await until(
    `another process that works on ${folder} (look for "scripts/cluster.ts")`,
    timeout,
    async () => {
      const candidate = createServer();
      try {
        await new Promise<void>((resolve, reject) => {
          candidate.once('error', reject);
          candidate.listen(name, resolve);
        });
        return candidate;
      } catch (error) {
        if (!isErrno(error, 'EADDRINUSE')) throw error;
        if (!told) say('  … Another `cluster` command is at work; waiting for it to finish');
        told = true;
        return undefined;
      }
    },
  );
  return {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
