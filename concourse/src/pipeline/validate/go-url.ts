/** Addresses as Go's `net/url` parses them, as far as a pipeline's validation asks. */

/** The scheme and host of an address; undefined where Go refuses it. */
export interface GoUrl {
  readonly scheme: string;
  readonly host: string;
}

/** Parses an address; undefined for what is none to Go. */
export function parseGoUrl(text: string): GoUrl | undefined {
  // eslint-disable-next-line no-control-regex -- Go refuses them.
  if (/[\u0000-\u001f\u007f]/.test(text)) return undefined;
  const [bare = ''] = text.split('#', 1);
  if (bare.startsWith(':')) return undefined;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(bare)?.[1] ?? '';
  let rest = scheme === '' ? bare : bare.slice(scheme.length + 1);
  [rest = ''] = rest.split('?', 1);
  if (!rest.startsWith('/')) {
    // With a scheme it is opaque; without one the first segment must not look like one.
    if (scheme === '' && (rest.split('/', 1)[0] ?? '').includes(':')) return undefined;
    return validEscapes(scheme === '' ? rest : '') ? { scheme: scheme.toLowerCase(), host: '' } : undefined;
  }
  let host = '';
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const authority = rest.slice(2).split('/', 1)[0] ?? '';
    rest = rest.slice(2 + authority.length);
    const at = authority.lastIndexOf('@');
    if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return undefined;
    host = authority.slice(at + 1);
    if (!validHost(host)) return undefined;
  }
  return validEscapes(rest) ? { scheme: scheme.toLowerCase(), host } : undefined;
}

function validEscapes(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

function validHost(host: string): boolean {
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host);
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !/^\d*$/.test(host.slice(colon + 1))) return false;
  if (/%/.test(host) && !validEscapes(host)) return false;
  return !/[ \\^`{|}]/.test(host);
}
