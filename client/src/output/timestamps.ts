/** The time in front of each line of the panel, for those who want to see how long something took. */

/** The text with a time at the beginning of each line; a line that has begun before stays as it is. */
export function stamped(text: string, isLineOpen: boolean, at: Date): string {
  if (text === '') return text;
  const stamp = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')} `;
  const endsWithLine = text.endsWith('\n');
  const lines = (endsWithLine ? text.slice(0, -1) : text).split('\n');
  const all = lines.map((line, index) => (index === 0 && isLineOpen ? line : `${stamp}${line}`));
  return `${all.join('\n')}${endsWithLine ? '\n' : ''}`;
}

/** What `stamped` puts in front of a line. */
export const stampPattern = /^\d{2}:\d{2}:\d{2}\.\d{3} /u;
