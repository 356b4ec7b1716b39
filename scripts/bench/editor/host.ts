/** The part of the editor's bench that runs in the extension host of a VS Code, where the extension runs, too. */
import { spawn } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  commands,
  Disposable,
  extensions,
  Uri,
  version,
  window,
  workspace,
  type Event,
  type TextDocument,
} from 'vscode';
import type { TarmacApi } from '#internal/client/src/api/api.ts';
import type { EditorFigures, FirstLine, Stalls } from './figures.ts';

/** What the script outside has put into the environment. */
function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const rssMiB = (): number => process.memoryUsage().rss / 2 ** 20;

/** How long anything that is waited for may take. */
const limitMs = 180_000;

/**
 * Resolves with what `look` finds, at once or after one of the events; nothing is polled, since what is measured is
 * whether this thread is free.
 */
async function once<T, E>(what: string, event: Event<E>, look: (happened?: E) => T | undefined): Promise<T> {
  const found = look();
  if (found !== undefined) return found;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      listener.dispose();
      reject(new Error(`${what}: not within ${limitMs / 1000} s`));
    }, limitMs);
    const listener = event((happened) => {
      const seen = look(happened);
      if (seen === undefined) return;
      clearTimeout(timer);
      listener.dispose();
      resolve(seen);
    });
  });
}

/** Milliseconds that this thread has computed so far: on a busy machine less than what has passed. */
function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Watches for stalls until it is stopped: a timer that comes late says how long the thread was not free. */
function watchStalls(): { stop(): Stalls } {
  const everyMs = 5;
  const late: number[] = [];
  let busiest = 0;
  let [last, lastComputed] = [performance.now(), computed()];
  const look = (): void => {
    const [now, nowComputed] = [performance.now(), computed()];
    late.push(Math.max(0, now - last - everyMs));
    busiest = Math.max(busiest, nowComputed - lastComputed);
    [last, lastComputed] = [now, nowComputed];
  };
  const timer = setInterval(look, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      late.sort((one, other) => one - other);
      return { longest: late.at(-1) ?? 0, percentile99: late[Math.floor(late.length * 0.99)] ?? 0, busiest };
    },
  };
}

/** The row of the extension in `Developer: Startup Performance`: | name | eager | load | call | finish | … */
async function startupRow(): Promise<{ load: number; call: number; finish: number } | undefined> {
  await commands.executeCommand('perfview.show');
  const table = (): string | undefined => workspace.textDocuments.find(({ uri }) => uri.scheme === 'perf')?.getText();
  const text = await once('startup performance', workspace.onDidOpenTextDocument, table);
  const row = text.split('\n').find((line) => /^\|\s*tarmac\.tarmac\s*\|/u.test(line));
  if (row === undefined) return undefined;
  const [load = Number.NaN, call = Number.NaN, finish = Number.NaN] = row
    .split('|')
    .slice(3, 6)
    .map((cell) => Number(cell.trim()));
  await commands.executeCommand('workbench.action.closeActiveEditor');
  return { load, call, finish };
}

/** The modules of this process, whoever loaded them; the field has been there since Node's first days. */
const modules = (Module as unknown as { readonly _cache: Readonly<Record<string, { exports: ExtensionModule }>> })
  ._cache;

interface ExtensionModule {
  readonly activate: (context: unknown) => Promise<unknown>;
  readonly deactivate: () => Promise<void>;
}

/**
 * Has VS Code activate the extension, whose module is loaded here before, as VS Code would: so both can be timed by what
 * the thread computes.
 */
async function activation(root: string): Promise<{ api: TarmacApi; figures: EditorFigures['activation'] }> {
  const extension = extensions.getExtension<TarmacApi>('tarmac.tarmac');
  if (!extension) throw new Error('the extension is not installed');
  if (extension.isActive) throw new Error('the extension was active before anybody needed it');
  const main = join(root, 'dist', 'extension.js');
  const beforeLoad = computed();
  const own = createRequire(main)(main) as ExtensionModule;
  const load = computed() - beforeLoad;
  let call = Number.NaN;
  const entry = modules[main];
  if (!entry) throw new Error('the module is not where it was loaded from');
  entry.exports = {
    deactivate: () => own.deactivate(),
    activate: (context) => {
      const before = computed();
      const active = own.activate(context);
      call = computed() - before;
      return active;
    },
  };
  const started = performance.now();
  const before = computed();
  const api = await extension.activate();
  const finish = computed() - before;
  const total = performance.now() - started;
  if (Number.isNaN(call)) throw new Error('VS Code has loaded the extension anew');
  const loaded = Object.keys(modules).filter((file) => file.startsWith(root));
  const startup = await startupRow();
  return {
    api,
    figures: {
      load,
      call,
      finish,
      total,
      loaded: loaded.map((file) => basename(file)),
      ...(startup ? { startup } : {}),
    },
  };
}

/** Fires with each text that gets into a task's output channel. */
function outputTexts(task: string): Event<string> {
  const isChannel = ({ uri }: TextDocument): boolean => uri.scheme === 'output' && uri.path.includes(`Tarmac: ${task}`);
  return (listener) =>
    Disposable.from(
      workspace.onDidOpenTextDocument((document) => {
        if (isChannel(document)) listener(document.getText());
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (isChannel(document)) for (const { text } of contentChanges) listener(text);
      }),
    );
}

/** Resolves when a text gets into a task's output channel from now on. */
async function shown(task: string, text: string): Promise<boolean> {
  return once(`'${text}' of ${task}`, outputTexts(task), (added) =>
    added?.includes(text) === true ? true : undefined,
  );
}

function taskUri(name: string): Uri {
  const folder = workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('no folder is open');
  return Uri.joinPath(folder.uri, 'ci', 'tasks', `${name}.yml`);
}

async function begin(name: string, params: Record<string, string> = {}): Promise<string> {
  const started = await commands.executeCommand<{ run: string } | undefined>('tarmac.execute', taskUri(name), {
    ask: 'never',
    remember: false,
    choices: { params },
  });
  if (!started) throw new Error(`task ${name} has not begun`);
  return started.run;
}

/** States in which a run stays. */
const endStates: readonly string[] = ['succeeded', 'failed', 'errored', 'aborted', 'lost'];

/** The run, once it is over. @throws Error when it has not succeeded */
async function over(api: TarmacApi, id: string): Promise<TarmacApi['runs'][number]> {
  const run = await once(`the end of ${id}`, api.onDidChangeRuns, () =>
    api.runs.find(({ id: other, state }) => other === id && endStates.includes(state)),
  );
  if (run.state !== 'succeeded') throw new Error(`run ${id} has ${run.state}: ${run.failure?.title ?? ''}`);
  return run;
}

/** Milliseconds from Enter to the first byte of the task's output on a terminal. */
async function cliFirstByte(token: string): Promise<number> {
  const started = performance.now();
  const args = [given('TARMAC_BENCH_CLI'), 'execute', '--quiet', '-c', taskUri('echo').fsPath, '--param'];
  const child = spawn(given('TARMAC_BENCH_NODE'), [...args, `TOKEN=${token}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TARMAC_CONTEXT: given('TARMAC_BENCH_CONTEXT'),
      TARMAC_NAMESPACE: given('TARMAC_BENCH_NAMESPACE'),
    },
  });
  let text = '';
  let at = Number.NaN;
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (Number.isNaN(at) && text.includes(`first ${token}`)) at = performance.now() - started;
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the command line ended with ${String(code)}: ${errors}`);
  return at;
}

async function panelFirstLine(api: TarmacApi, token: string): Promise<number> {
  const started = performance.now();
  const line = shown('echo', `first ${token}`);
  const run = await begin('echo', { TOKEN: token });
  await line;
  const elapsed = performance.now() - started;
  await over(api, run);
  return elapsed;
}

async function firstLine(api: TarmacApi, rounds: number): Promise<FirstLine> {
  const panelFirst = await panelFirstLine(api, 'p0');
  const [panel, cli]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    cli.push(await cliFirstByte(`c${round}`));
    panel.push(await panelFirstLine(api, `p${round}`));
  }
  return { panelFirst, panel, cli };
}

async function stream(api: TarmacApi): Promise<{ figures: EditorFigures['stream']; peakMiB: number }> {
  let peakMiB = 0;
  const memory = setInterval(() => (peakMiB = Math.max(peakMiB, rssMiB())), 50);
  const line = shown('flood', 'a line of output');
  const run = await begin('flood');
  await line;
  const started = performance.now();
  const watch = watchStalls();
  const { logFile } = await over(api, run);
  const stalls = watch.stop();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(memory);
  const idleWatch = watchStalls();
  await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 20) * 1000));
  const logged = logFile === undefined ? 0 : statSync(logFile).size;
  const bytes = Number(given('TARMAC_BENCH_BYTES'));
  return { figures: { bytes, seconds, stalls, idle: idleWatch.stop(), logged }, peakMiB };
}

async function files(api: TarmacApi): Promise<EditorFigures['files']> {
  const run = await begin('files');
  await over(api, run);
  const uri = api.artifactUri(run, 'many');
  if (!uri) throw new Error('the output has no address');
  const listing = async (): Promise<{ ms: number; count: number }> => {
    const started = performance.now();
    const entries = await workspace.fs.readDirectory(uri);
    return { ms: performance.now() - started, count: entries.length };
  };
  const watch = watchStalls();
  const first = await listing();
  const next = await listing();
  return { count: first.count, firstListing: first.ms, nextListing: next.ms, stalls: watch.stop() };
}

/** Called by VS Code. */
export async function run(): Promise<void> {
  const before = rssMiB();
  const { api, figures } = await activation(given('TARMAC_BENCH_ROOT'));
  const active = rssMiB();
  await window.showTextDocument(taskUri('echo'));
  const first = await firstLine(api, Number(given('TARMAC_BENCH_ROUNDS')));
  const streamed = await stream(api);
  const listed = await files(api);
  const result: EditorFigures = {
    vscode: version,
    node: process.version,
    activation: figures,
    firstLine: first,
    stream: streamed.figures,
    files: listed,
    memory: { before, active, streaming: streamed.peakMiB, end: rssMiB() },
  };
  writeFileSync(given('TARMAC_BENCH_RESULT'), JSON.stringify(result));
}
