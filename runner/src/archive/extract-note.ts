/**
 * An entry that was not extracted as it is, or is to be looked at. `refused`: unsafe. `risky`: extracted, and run by
 * editors or shells without being called. `skipped`: no file, directory or link. `conflict`: something
 * is in its place. `renamed`: extracted under another name.
 */
export interface ExtractNote {
  readonly path: string;
  readonly reason: 'refused' | 'skipped' | 'conflict' | 'renamed' | 'risky';
  readonly message: string;
}
