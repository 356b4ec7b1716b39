/** Names of repositories, comparable whatever the way to them is. */

/** `git@Host:team/repo.git`, `https://me:token@host/team/repo` and `ssh://git@host:22/team/repo/` are one repository. */
export function repositoryName(url: string): string {
  const plain = url.trim();
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.*)$/.exec(plain);
  const full = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]*)(?::\d+)?\/?(.*)$/i.exec(plain);
  const [host, path] = full
    ? [full[1], full[2]]
    : scp && !/^[A-Za-z]:[\\/]/.test(plain)
      ? [scp[1], scp[2]]
      : ['', plain];
  const clean = (path ?? '')
    .replace(/[?#].*$/, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '');
  return `${(host ?? '').toLowerCase()}/${clean}`;
}
