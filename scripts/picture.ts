/**
 * Makes the README's picture: reads what a terminal showed, with its colours, and writes it as an SVG.
 *
 *     TERM=xterm script -qec 'node dist/cli.js execute …' /dev/null | node scripts/picture.ts docs/images/run.svg
 */
import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

const size = { font: 14, line: 20, column: 8.43, padding: 20, bar: 36 };
const colours = { background: '#1e1e2e', foreground: '#cdd6f4', dim: '#7f849c', bar: '#313244' };

/** SGR codes that Tarmac prints, as SVG attributes (ECMA-48 8.3.117). */
const styles: Readonly<Record<string, string>> = {
  '1': 'font-weight="bold"',
  '2': `fill="${colours.dim}"`,
  '31': 'fill="#f38ba8"',
  '32': 'fill="#a6e3a1"',
  '33': 'fill="#f9e2af"',
  '35': 'fill="#cba6f7"',
};

function escape(part: string): string {
  return part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line of a terminal as the content of a `<text>`. */
function spans(line: string): string {
  let style = '';
  return line
    .split(/(\x1b\[[\d;]*m)/) // eslint-disable-line no-control-regex -- ESC is what the terminal prints
    .map((part) => {
      if (!part.startsWith('\x1b[')) return part === '' ? '' : `<tspan${style}>${escape(part)}</tspan>`;
      style = part
        .slice(2, -1)
        .split(';')
        .map((code) => styles[code] ?? '')
        .map((attribute) => (attribute === '' ? '' : ` ${attribute}`))
        .join('');
      return '';
    })
    .join('');
}

/** What the line shows in the end: progress overwrites itself with a carriage return, and clears with EL. */
function shown(line: string): string {
  return line.replace(/\r+$/, '').replace(/.*\r(?:\x1b\[\d?K)?/, ''); // eslint-disable-line no-control-regex -- as above
}

function svg(lines: readonly string[]): string {
  const plain = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, ''); // eslint-disable-line no-control-regex -- as above
  const width = Math.ceil(Math.max(60, ...lines.map((line) => plain(line).length)) * size.column + 2 * size.padding);
  const height = size.bar + lines.length * size.line + size.padding;
  const dots = ['#f38ba8', '#f9e2af', '#a6e3a1'].map(
    (fill, index) => `<circle cx="${20 + index * 20}" cy="${size.bar / 2}" r="6" fill="${fill}"/>`,
  );
  const rows = lines.map(
    (line, index) =>
      `<text x="${size.padding}" y="${size.bar + (index + 1) * size.line}" xml:space="preserve">${spans(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>A terminal that runs a task with tarmac execute</title>',
    `<rect width="${width}" height="${height}" rx="10" fill="${colours.background}"/>`,
    `<path d="M0 ${size.bar}V10a10 10 0 0 1 10-10H${width - 10}a10 10 0 0 1 10 10V${size.bar}z" fill="${colours.bar}"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${size.font}" fill="${colours.foreground}">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error('usage: node scripts/picture.ts FILE.svg < what the terminal showed');
  process.exitCode = 1;
} else {
  await writeFile(target, svg((await text(process.stdin)).trimEnd().split('\n').map(shown)));
}
