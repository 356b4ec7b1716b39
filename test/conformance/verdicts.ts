/** Reads upstream's recorded verdicts. */
import type { Target } from '#internal/concourse/src/task/config.ts';

/** What the real decoder said of a file. */
export interface Verdict {
  readonly file: string;
  readonly accepted: Readonly<Record<Target, boolean>>;
  /** Upstream's message for the current generation; empty when accepted. */
  readonly message: string;
  /** `json.Marshal` of the decoded task in the current generation; empty when rejected. */
  readonly json: string;
}

/**
 * Rows of a tab-separated table with a heading line.
 *
 * @param text the table; missing trailing columns count as empty
 */
export function readTable(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.replaceAll('\r', '').split('\n');
  const names = head.split('\t');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('\t');
      return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
    });
}

/** The verdict columns that probes and corpus share. */
export function toVerdict(row: Readonly<Record<string, string>>, file: string): Verdict {
  return {
    file,
    accepted: {
      current: row['current(>=8.1)'] === 'OK',
      '8.0': row['v8.0'] === 'OK',
      '5.5': row['v5.5-7.x'] === 'OK',
    },
    message: row['current_message'] ?? row['message'] ?? '',
    json: row['decoded_json_current'] ?? '',
  };
}
