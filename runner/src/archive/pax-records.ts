/** The extended header fields that matter to a tree of files. */
export interface PaxFields {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
  readonly mtime?: Date;
  /** The entry is a GNU sparse file in pax form: its content is a map and pieces, not the file. */
  readonly sparse?: boolean;
}

/**
 * Reads the records `LENGTH KEY=VALUE LF` of a pax extended header (POSIX.1-2001, pax, "pax Extended Header"). LENGTH
 * counts the bytes of the whole record, so values may hold line breaks. Reading stops at the first malformed record.
 */
export function parsePax(content: Buffer): PaxFields {
  let fields: PaxFields = {};
  for (let start = 0; start < content.length;) {
    const blank = content.indexOf(0x20, start);
    const length = blank === -1 ? Number.NaN : Number(content.toString('latin1', start, blank));
    const end = start + length;
    if (!Number.isInteger(length) || end <= blank || end > content.length) break;
    const equals = content.indexOf(0x3d, blank);
    if (equals === -1 || equals >= end) break;
    const key = content.toString('utf8', blank + 1, equals);
    const value = content.toString('utf8', equals + 1, end - 1);
    fields = { ...fields, ...field(key, value) };
    start = end;
  }
  return fields;
}

function field(key: string, value: string): PaxFields {
  if (key.startsWith('GNU.sparse.')) return { sparse: true };
  if (key === 'path') return { path: value };
  if (key === 'linkpath') return { linkpath: value };
  if (key === 'size' && /^\d+$/.test(value)) return { size: Number(value) };
  if (key === 'mtime' && value !== '') return { mtime: new Date(Number(value) * 1000) };
  return {};
}

/** Content of a GNU `L` or `K` entry: a name that ends with a NUL. */
export function longName(content: Buffer): string {
  const end = content.indexOf(0);
  return content.toString('utf8', 0, end === -1 ? content.length : end);
}
