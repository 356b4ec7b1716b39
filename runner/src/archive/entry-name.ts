/** Names and links in an archive of unknown origin: whether they stay below the target directory. */
const WINDOWS_RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
const WINDOWS_FORBIDDEN = /[\\<>:"|?*\p{Cc}]|[. ]$/u;

/** The parts of a name that is safe below a target directory, or why it is not. */
export type EntryName = { readonly parts: readonly string[] } | { readonly problem: string };

/**
 * Splits an entry's name into its parts. `./`, doubled and trailing slashes are accepted; no parts is the root itself.
 * Refused everywhere: absolute, drive and UNC names, `..`, NUL (kubectl cp's history shows each of them used: CVE-2018-1002100,
 * CVE-2019-1002101, CVE-2019-11246, CVE-2019-11249); on Windows also what its file systems read as something else.
 */
export function entryName(name: string, platform: NodeJS.Platform = process.platform): EntryName {
  if (name === '') return { problem: 'the name is empty' };
  if (name.includes('\0')) return { problem: 'the name holds a NUL character' };
  if (/^[\\/]{2}/.test(name)) return { problem: 'the name is a network path' };
  if (name.startsWith('/')) return { problem: 'the name is absolute' };
  if (/^[a-z]:([\\/]|$)/i.test(name)) return { problem: 'the name is on a drive' };
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return { problem: 'the name leads upwards (..)' };
  if (platform === 'win32') {
    const bad = parts.find((part) => WINDOWS_RESERVED.test(part) || WINDOWS_FORBIDDEN.test(part));
    if (bad !== undefined) return { problem: `Windows cannot store the name ${JSON.stringify(bad)}` };
  }
  return { parts };
}

/**
 * Where a symbolic link at `parts` leads, as parts from the root of the tree; undefined when it may lead outside.
 * `..` is accepted at the start only: after a name it would go up from wherever that name, which may be a link
 * itself, leads to. So a chain of accepted links never leaves the tree.
 */
export function linkDestination(
  parts: readonly string[],
  target: string,
  platform: NodeJS.Platform = process.platform,
): readonly string[] | undefined {
  if (target === '' || target.includes('\0') || /^[\\/]|^[a-z]:[\\/]/i.test(target)) return undefined;
  if (platform === 'win32' && /[\\:]/.test(target)) return undefined;
  const place = parts.slice(0, -1);
  const steps = target.split('/').filter((part) => part !== '' && part !== '.');
  const ups = steps.findIndex((step) => step !== '..');
  const count = ups === -1 ? steps.length : ups;
  const rest = steps.slice(count);
  if (count > place.length || rest.includes('..')) return undefined;
  return [...place.slice(0, place.length - count), ...rest];
}
