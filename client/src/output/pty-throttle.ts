/** What comes faster than a pseudoterminal is read: bundled, with a line in place of what is left out. */
import { formatBytes } from '#runner/format';
import { leftOutText } from './left-out.ts';
import { PtyText } from './pty-text.ts';
import { Throttle } from './throttle.ts';

/**
 * Whoever makes it disposes of it.
 * @param write shows text in the terminal
 * @param logFile absolute path of the file that has everything
 */
export function ptyThrottle(write: (text: string) => void, logFile: () => string): Throttle {
  const text = new PtyText();
  return new Throttle({
    show: (pieces, leftOut) => {
      const note = leftOut === 0 ? '' : `\r\n${leftOutText(formatBytes(leftOut), logFile())}\r\n`;
      write(note + pieces.map(({ data }) => text.add(data)).join(''));
    },
  });
}
