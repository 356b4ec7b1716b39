/**
 * The language server beside yaml-language-server: from a keystroke to its diagnostics through the real protocol, at four
 * sizes; completion and hover; from the start to the first diagnostics. Both sides take turns within each round.
 */
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { cpus, homedir, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { BenchClient, type ServerUnderTest } from './language-server/client.ts';
import { peer, PEER_DEBOUNCE_MS, withoutSchema } from './language-server/peer.ts';
import { sampleTask } from './language-server/sample.ts';
import { SAMPLE_REMOTE, samplePipeline } from './language-server/sample-pipeline.ts';
import { renderTable, type Row } from './language-server/table.ts';

const URI = 'file:///bench/ci/bench-task.yml';
const OURS: ServerUnderTest = {
  name: 'Tarmac',
  script: ['dist/server.js'],
  languageId: 'concourse-task-yaml',
  settings: {},
};

/** Length of the text in bytes, and how many keystrokes of it are measured in a round. */
const SIZES = [
  { label: '0.6 KB', bytes: 600, keystrokes: 60 },
  { label: '10 KB', bytes: 10_000, keystrokes: 60 },
  { label: '100 KB', bytes: 100_000, keystrokes: 10 },
  { label: '1 MB', bytes: 1_000_000, keystrokes: 2 },
] as const;

/** A pipeline whose task files lie on disk, as the checks of what its steps give each other want them. */
const PIPELINE = { lines: 5_000, keystrokes: 10 } as const;
const OURS_IN_PIPELINES: ServerUnderTest = { ...OURS, languageId: 'concourse-pipeline-yaml' };

/** Questions that no figure counts: the servers' code is compiled while they are answered. */
const WARM_UP = 30;
/** A server that has not answered after this counts with it. */
const PATIENCE_MS = 30_000;
const QUESTIONS = 20;

/** Runs all comparisons and gives the table. */
export async function benchLanguageServer(rounds: number): Promise<string> {
  const theirs = await peer(join(homedir(), '.cache', 'tarmac'));
  const rows: Row[] = [];
  for (const { label, bytes, keystrokes } of SIZES) {
    console.log(`bench language-server ${label}`);
    const text = sampleTask(bytes);
    const [ours, others] = await inTurns(rounds, theirs, (server) => keystrokesOf(server, text, keystrokes));
    rows.push({ what: `keystroke → diagnostics, ${label}`, ours, theirs: others, goal: 0.25, debounced: true });
  }
  rows.push(await pipelineRow(rounds, theirs));
  const text = sampleTask(10_000);
  for (const [what, method, at] of [
    ['completion of a key, 10 KB', 'textDocument/completion', { line: text.split('\n').length - 1, character: 2 }],
    ['hover over a key, 10 KB', 'textDocument/hover', { line: 3, character: 4 }],
  ] as const) {
    console.log(`bench language-server ${what}`);
    const asked = `${text}ca`;
    const [ours, others] = await inTurns(rounds, theirs, (server) => answersOf(server, asked, method, at));
    rows.push({ what, ours, theirs: others, goal: 0.25 });
  }
  console.log('bench language-server start');
  const [ours, others] = await inTurns(Math.max(rounds, 5), theirs, async (server) => [
    await firstDiagnostics(server, text),
  ]);
  rows.push({ what: 'start → first diagnostics, 10 KB', ours, theirs: others, goal: 0.3, debounced: true });
  return renderTable(rows, {
    peer: theirs.name,
    debounceMs: PEER_DEBOUNCE_MS,
    facts: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, load ${loadavg()[0]?.toFixed(1) ?? '?'} at the end, ${rounds} rounds`,
  });
}

/** A pipeline in a checkout with its task files. The peer gets no schema: it only parses, which is the least it can do. */
async function pipelineRow(rounds: number, theirs: ServerUnderTest): Promise<Row> {
  const { text, files } = samplePipeline(PIPELINE.lines);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tarmac-bench-'));
  const checkout = new Map([
    ...files,
    ['ci/pipeline.yml', text],
    ['.git/HEAD', 'ref: refs/heads/main\n'],
    ['.git/config', `[remote "origin"]\n\turl = ${SAMPLE_REMOTE}\n`],
  ]);
  for (const [path, content] of checkout) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  }
  const uri = pathToFileURL(join(folder.path, 'ci/pipeline.yml')).href;
  const tasks = [...files.keys()].filter((path) => path.startsWith('ci/tasks/')).length;
  const what = `keystroke → diagnostics, pipeline of ${text.split('\n').length - 1} lines with ${tasks} task files; the peer without a schema`;
  console.log(`bench language-server ${what}`);
  const [ours, others] = await inTurns(
    rounds,
    withoutSchema(theirs),
    (server) => keystrokesOf(server, text, PIPELINE.keystrokes, uri),
    OURS_IN_PIPELINES,
  );
  return { what, ours, theirs: others, goal: 0.25, debounced: true };
}

async function inTurns(
  rounds: number,
  theirs: ServerUnderTest,
  measure: (server: ServerUnderTest) => Promise<number[]>,
  own = OURS,
): Promise<[number[][], number[][]]> {
  const ours: number[][] = [];
  const others: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(own));
    others.push(await measure(theirs));
  }
  return [ours, others];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const giveUp = new AbortController();
  const patience = setTimeout(PATIENCE_MS, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([work(), patience]);
  giveUp.abort();
  return performance.now() - began;
}

/** Milliseconds of each keystroke: letters typed into a comment in the middle of the text. */
async function keystrokesOf(server: ServerUnderTest, text: string, count: number, uri = URI): Promise<number[]> {
  await using client = new BenchClient(server, uri);
  await client.start();
  const opening = await timed(() => client.open(text));
  if (opening >= PATIENCE_MS) return Array.from({ length: count }, () => opening);
  const lines = text.split('\n');
  const middle = text.slice(0, text.length / 2).split('\n').length - 1;
  // Any letter is right in a comment: what is measured is the text as it should be, not one with broken syntax.
  const line = lines.findIndex((each, index) => index >= middle && each.includes(' # '));
  const place = { line, character: (lines[line] ?? '').length };
  const times: number[] = [];
  const warmUp = Math.min(WARM_UP, count);
  for (let stroke = 0; stroke < count + warmUp; stroke++) {
    const took = await timed(() => client.type(place, 'x'));
    if (stroke >= warmUp) times.push(took);
  }
  return times;
}

async function answersOf(
  server: ServerUnderTest,
  text: string,
  method: 'textDocument/completion' | 'textDocument/hover',
  at: { readonly line: number; readonly character: number },
): Promise<number[]> {
  await using client = new BenchClient(server, URI);
  await client.start();
  await client.open(text);
  const times: number[] = [];
  for (let question = 0; question < QUESTIONS + WARM_UP; question++) {
    let answer: unknown;
    const took = await timed(async () => (answer = await client.ask(method, at)));
    if (answer === null || answer === undefined) throw new Error(`${server.name} has no answer to ${method}`);
    if (question >= WARM_UP) times.push(took);
  }
  return times;
}

async function firstDiagnostics(server: ServerUnderTest, text: string): Promise<number> {
  const began = performance.now();
  await using client = new BenchClient(server, URI);
  await client.start();
  await client.open(text);
  // The goodbye comes after the answer has been made, and does not count.
  return performance.now() - began;
}
