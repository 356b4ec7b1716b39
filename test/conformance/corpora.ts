/** Task files with recorded verdicts: our own in `test/corpus`, and the public ones that TARMAC_CORPUS points to. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable, toVerdict, type Verdict } from './verdicts.ts';

/** A task file and what is known of it. */
export interface CorpusFile extends Verdict {
  readonly text: string;
  /** Whether Tarmac takes it in the editor, where `sidecars` may be used: current generation. */
  readonly takenWithExtensions: boolean;
  /** Codes of the warnings that Tarmac gives in the editor, sorted; undefined: none are recorded. */
  readonly warnings?: readonly string[];
}

const own = join(import.meta.dirname, '..', 'corpus');

/** The repository's own task files; test/corpus/README.md says what they cover. */
export function ownCorpus(): CorpusFile[] {
  return readTable(readFileSync(join(own, 'verdicts.tsv'), 'utf8')).map((row) => ({
    ...toVerdict(row, row['file'] ?? ''),
    text: readFileSync(join(own, row['file'] ?? ''), 'utf8'),
    takenWithExtensions: row['tarmac'] === 'OK',
    warnings: (row['warnings'] ?? '').split(' ').filter((code) => code !== ''),
  }));
}

/** The probes of Concourse's decoder, as files of a corpus. */
export function probes(): CorpusFile[] {
  const folder = join(import.meta.dirname, 'probes');
  return readTable(readFileSync(join(import.meta.dirname, 'probes.tsv'), 'utf8')).map((row) => {
    const verdict = toVerdict(row, row['file'] ?? '');
    const text = readFileSync(join(folder, verdict.file), 'utf8');
    return { ...verdict, text, takenWithExtensions: verdict.accepted.current };
  });
}

/**
 * Task files of public repositories, which are kept outside of this one.
 * @throws Error that says what to set when there are none
 */
export function outerCorpus(folder = process.env['TARMAC_CORPUS']): CorpusFile[] {
  if (folder === undefined || folder === '') {
    throw new Error('Set TARMAC_CORPUS to the folder of the public task files.');
  }
  const index = join(folder, 'index.tsv');
  if (!existsSync(index)) throw new Error(`There is no ${index}. TARMAC_CORPUS is to name the folder that has it.`);
  return readTable(readFileSync(index, 'utf8')).map((row) => {
    const file = `${(row['repo'] ?? '').replace('/', '+')}/${row['path'] ?? ''}`;
    const verdict = toVerdict(row, file);
    return {
      ...verdict,
      text: readFileSync(join(folder, file), 'utf8'),
      takenWithExtensions: verdict.accepted.current,
    };
  });
}
