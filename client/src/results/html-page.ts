/**
 * An HTML file that a task left, made fit for a webview: nothing from outside of its output is loaded, and no script runs
 * unless a person has allowed it. The policy is the wall; what else is changed only makes links work. Pure.
 */

export interface PageRequest {
  /** The file as it is. */
  readonly html: string;
  /** URL of the page's folder, as the webview can load it; ends with `/`. */
  readonly base: string;
  /** Source for the policy: the folder of the whole output, as the webview can load it. */
  readonly source: string;
  /** Path of the page in its output, with `/`. */
  readonly path: string;
  /** Scripts of the same output, and those in the page, may run. They still reach nothing but the output. */
  readonly scripts: boolean;
  /** The command that opens another page of the output; its argument is a path. */
  readonly command: string;
}

/** More links than these keep the address that they have. */
const maxLinks = 20_000;

/** The page with its policy before everything else. */
export function htmlPage({ html, base, source, path, scripts, command }: PageRequest): string {
  const policy = [
    "default-src 'none'",
    `img-src ${source} data:`,
    `style-src ${source} 'unsafe-inline'`,
    `font-src ${source} data:`,
    `media-src ${source} data:`,
    scripts ? `script-src ${source} 'unsafe-inline'` : "script-src 'none'",
    "connect-src 'none'",
    "frame-src 'none'",
    "object-src 'none'",
    "form-action 'none'",
    `base-uri ${source}`,
  ].join('; ');
  // What stands first counts: a parser opens the head for it, and takes a head of the page as the same one.
  const doctype = /^\s*<!doctype[^>]*>/iu.exec(html)?.[0] ?? '';
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">`,
    `<base href="${attribute(base)}">`,
    // A page has the colours of a browser unless it says others.
    '<style>html{background-color:#fff;color:#000}body{padding:0 8px}</style>',
  ].join('');
  const rest = withoutRefresh(html.slice(doctype.length));
  return `<!DOCTYPE html>${head}${withLinks(rest, path, command)}`;
}

/** A page that sends the reader elsewhere would leave the policy behind. */
function withoutRefresh(html: string): string {
  return html.replaceAll(/<meta\b[^>]*http-equiv\s*=\s*["']?\s*refresh[^>]*>/giu, '');
}

/** Links to other pages of the output as calls of a command: a webview follows no link into itself. */
function withLinks(html: string, path: string, command: string): string {
  let links = 0;
  return html.replaceAll(
    /(<a\b[^>]*?\shref\s*=\s*)(?:"([^"]*)"|'([^']*)')/giu,
    (all, before: string, double?: string, single?: string) => {
      if (++links > maxLinks) return all;
      const target = linkTarget(unescaped(double ?? single ?? ''), path);
      if (target === undefined) return all;
      return `${before}"${attribute(`command:${command}?${encodeURIComponent(JSON.stringify([target]))}`)}"`;
    },
  );
}

/** The path in the output that a link of a page leads to; undefined for one that leads elsewhere, or to a part of the page. */
export function linkTarget(href: string, path: string): string | undefined {
  const [file = ''] = href.split(/[?#]/u);
  const isElsewhere = /^[a-z][a-z0-9+.-]*:/iu.test(file) || file.startsWith('/') || file.includes('\\');
  if (file === '' || isElsewhere) return undefined;
  const parts = path.split('/').slice(0, -1);
  for (const part of decoded(file).split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    // It leaves the output.
    else if (parts.pop() === undefined) return undefined;
  }
  return file.endsWith('/') || parts.length === 0 ? [...parts, 'index.html'].join('/') : parts.join('/');
}

/**
 * The source of a policy for a folder that a webview can load: the host's first part stands for a scheme and a place, which a
 * policy cannot name, so it is left open. Only VS Code answers for these hosts, and only with files of the folder.
 */
export function policySource(folder: string): string {
  const { protocol, host, pathname } = new URL(folder);
  const open = host.replace(/^[^.]*/u, '*');
  const path = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return `${protocol}//${open}${path.replaceAll(/[;,\s'"]/gu, (each) => encodeURIComponent(each).replace("'", '%27'))}`;
}

/** The text of a page: in the encoding that it says, UTF-8 where it says none. */
export function pageText(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  const named = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/iu.exec(start)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(named).decode(bytes);
  } catch {
    // An encoding that nobody knows.
    return new TextDecoder().decode(bytes);
  }
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").trim();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
