/** The table of the editor's bench. */
import { median } from '../results.ts';
import type { EditorFigures, Stalls } from './figures.ts';

/** What the project wants: milliseconds, and a ratio to the command line. */
const goals = { activationMs: 50, ratio: 1.1, stallMs: 100 } as const;

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const kB = (value: number): string => `${(value / 1000).toFixed(0)} kB`;
const verdict = (met: boolean): string => (met ? 'met' : '**missed**');

/** A row: what, figure, what it consists of, goal, whether it was met. */
type Figure = readonly [what: string, figure: string, details: string];
type Row = Figure | readonly [...Figure, goal: string, met: boolean];

function stallRow(what: string, { longest, percentile99, busiest }: Stalls, details = ''): Figure {
  return [
    what,
    ms(busiest),
    `a timer came at most ${ms(longest)} late, 99 of 100 times below ${ms(percentile99)}${details}`,
  ];
}

/**
 * The text of test/bench/editor.md.
 * @param sizes of the bundles in bytes, by file name
 */
export function renderEditor(
  figures: EditorFigures,
  sizes: ReadonlyMap<string, number>,
  facts: readonly string[],
): string {
  const { activation, firstLine, stream, files, memory } = figures;
  const { startup, load, call, finish } = activation;
  const passed = startup
    ? `as time passed: loading ${ms(startup.load)}, call ${ms(startup.call)}, until the language server answers ${ms(startup.finish)}`
    : `as time passed, until the language server answers: ${ms(activation.total)}`;
  const size = (file: string): string => kB(sizes.get(file) ?? Number.NaN);
  const loadedBytes = activation.loaded.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
  const ratio = median(firstLine.panel.map((value, round) => value / (firstLine.cli[round] ?? Number.NaN)));
  const rows: Row[] = [
    [
      'activation, own work',
      ms(call),
      `the call of \`activate\`; ${passed}`,
      `< ${goals.activationMs} ms`,
      call < goals.activationMs,
    ],
    ['loading the code', ms(load), 'parsing and running extension.js'],
    ['work after the call, until it is active', ms(finish - call), 'the handshake with the language server'],
    [
      'code loaded at activation',
      kB(loadedBytes),
      `${activation.loaded.join(', ')}; apart, in a process of its own, language-server.js (${size('language-server.js')}); runner.js (${size('runner.js')}) on the first Execute`,
    ],
    [
      'Execute → first line in the panel ÷ the same on the command line',
      ratio.toFixed(2),
      `${ms(median(firstLine.panel))} and ${ms(median(firstLine.cli))}; the first run of a window ${ms(firstLine.panelFirst)}`,
      `≤ ${goals.ratio}`,
      ratio <= goals.ratio,
    ],
    [
      ...stallRow(
        `longest stall while ${stream.bytes / 1e6} MB stream`,
        stream.stalls,
        `; ${stream.seconds.toFixed(1)} s for all of it, ${(stream.logged / 1e6).toFixed(0)} MB in the log`,
      ),
      `< ${goals.stallMs} ms`,
      stream.stalls.busiest < goals.stallMs,
    ],
    stallRow('the same with nothing to do', stream.idle),
    [
      `first listing of an output with ${files.count.toLocaleString('en')} files`,
      ms(files.firstListing),
      `the next one ${ms(files.nextListing)}`,
    ],
    stallRow('longest stall meanwhile', files.stalls),
    [
      'RSS of the extension host',
      `${memory.active.toFixed(0)} MiB`,
      `${memory.before.toFixed(0)} MiB before the activation, at most ${memory.streaming.toFixed(0)} MiB while streaming, ${memory.end.toFixed(0)} MiB in the end`,
    ],
  ];
  return [
    '# Benchmark of the extension',
    '',
    'Written by `npm run bench -- --only editor`: the packaged bundles in the extension host of a real VS Code, on a real cluster.',
    'Work and stalls are what the thread of the extension host computed, a stall without letting anything else in: the machine is',
    'shared. How late a timer came in the worst case stands beside it. Medians of all rounds; both sides took turns.',
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    '| what | figure | | goal | |',
    '|---|---|---|---|---|',
    ...rows.map(
      ([what, figure, details, goal = '', met]) =>
        `| ${what} | ${figure} | ${details} | ${goal} | ${met === undefined ? '' : verdict(met)} |`,
    ),
    '',
  ].join('\n');
}
