/** What is in an artifact, as a pod lists it: BusyBox `tar -tv` for an archive, `stat` for a live directory. */
import { setImmediate } from 'node:timers/promises';
import { StoreError } from './errors.ts';

/** One file, directory or link of an artifact. */
export interface ArtifactMember {
  /** Relative path with `/` between parts; never empty, never ends with `/`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Bytes of a file; 0 for the others. */
  readonly size: number;
  /** Milliseconds since the epoch, in whole seconds. */
  readonly mtimeMs: number;
  readonly executable: boolean;
  /** Where a symlink of an archive leads. */
  readonly target?: string;
}

/**
 * The head of a line, up to the name. A name may hold line breaks, so a line without such a head goes on with the name of
 * the line before.
 */
const head = /^([-dlbcps])([-rwxsStT]{9}) +\S+ +(\d+) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)?(?: \+0000)? /;

interface Raw {
  readonly kind: string;
  readonly mode: string;
  readonly size: number;
  readonly time: string;
  name: string;
}

/** After so many lines other work of the process gets its turn: an editor's window must not stand still for a long listing. */
const linesInARow = 10_000;

/**
 * Reads a listing. Special files are left out, as unpacking leaves them out.
 *
 * @throws StoreError PROTOCOL when it does not begin as a listing
 */
export async function parseMembers(listing: string): Promise<ArtifactMember[]> {
  const raws: Raw[] = [];
  let lines = 0;
  for (const line of listing.endsWith('\n') ? listing.slice(0, -1).split('\n') : listing.split('\n')) {
    if (++lines % linesInARow === 0) await setImmediate();
    const match = head.exec(line);
    const last = raws.at(-1);
    if (match) {
      const [all, kind = '', mode = '', size = '0', time = ''] = match;
      raws.push({ kind, mode, size: Number(size), time, name: line.slice(all.length) });
    } else if (last) {
      last.name += `\n${line}`;
    } else if (line !== '') {
      throw new StoreError('PROTOCOL', `The pod answered ${JSON.stringify(line.slice(0, 80))}`);
    }
  }
  const members: ArtifactMember[] = [];
  for (const raw of raws) {
    if (++lines % linesInARow === 0) await setImmediate();
    members.push(...memberOf(raw));
  }
  const sorted = resolveHardLinks(members).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  if (lines > linesInARow) await setImmediate();
  return sorted;
}

const arrow = ' -> ';

function memberOf({ kind, mode, size, time, name }: Raw): ArtifactMember[] {
  const cut = kind === 'l' ? name.lastIndexOf(arrow) : -1;
  const path = (cut < 0 ? name : name.slice(0, cut)).replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (path === '' || path === '.') return [];
  const mtimeMs = Date.parse(`${time.replace(' ', 'T')}Z`);
  const common = { path, mtimeMs, executable: mode[2] === 'x' || mode[2] === 's' };
  if (kind === 'd') return [{ ...common, type: 'directory', size: 0 }];
  if (kind === '-') return [{ ...common, type: 'file', size }];
  if (kind !== 'l') return [];
  return [{ ...common, type: 'symlink', size: 0, ...(cut < 0 ? {} : { target: name.slice(cut + arrow.length) }) }];
}

/** An archive lists the second name of a file as `name -> ./first`, with size 0; only where that first name is there. */
function resolveHardLinks(members: readonly ArtifactMember[]): ArtifactMember[] {
  const files = new Map(members.map((member) => [member.path, member]));
  return members.map((member) => {
    const cut = member.type === 'file' && member.size === 0 ? member.path.lastIndexOf(arrow) : -1;
    if (cut < 0) return member;
    const first = files.get(member.path.slice(cut + arrow.length).replace(/^(\.\/)+/, ''));
    return first?.type === 'file' ? { ...member, path: member.path.slice(0, cut), size: first.size } : member;
  });
}
