/** Names as the store's scripts see them: safe as one path component, whatever people call their outputs. */

/** Throws unless the value is a tree id, cache key or digest: 64 lower-case hex digits. */
export function checkDigest(value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new TypeError(`${JSON.stringify(value)} is not a SHA-256 in hex.`);
  return value;
}

/** Throws unless the value can be a run's id: letters, digits, `.`, `_` and `-`, beginning with a letter or digit. */
export function checkRun(value: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(value)) {
    throw new TypeError(`${JSON.stringify(value)} is not the ID of a run.`);
  }
  return value;
}

/**
 * An output's name as a file name: everything but letters, digits, `_`, `-` and inner dots as `%XX` of its UTF-8.
 *
 * @throws TypeError for an empty name and for one that is longer than a file name can be
 */
export function encodeName(name: string): string {
  const encoded = [...Buffer.from(name)]
    .map((byte, index) => {
      const char = String.fromCharCode(byte);
      const plain = /[A-Za-z0-9_]/.test(char) || (index > 0 && (char === '.' || char === '-'));
      return plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  if (encoded === '' || encoded.length > 250) {
    throw new TypeError(`${JSON.stringify(name)} cannot be the name of an artifact.`);
  }
  return encoded;
}

/** The name that `encodeName` encoded; undefined for what it cannot have made. */
export function decodeName(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Throws unless the path stays inside an artifact: relative, without `..`, NUL or empty parts. */
export function checkMember(path: string): string {
  if (path.includes('\0') || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new TypeError(`${JSON.stringify(path)} is not a path inside an artifact.`);
  }
  return path;
}

/** A member's path for BusyBox tar, which takes names for patterns (fnmatch). */
export function escapePattern(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&');
}
