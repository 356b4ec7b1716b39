/** An editor for the benchmark: it speaks to a language server over its standard streams, as an editor does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
} from 'vscode-languageserver/node';

/** How a server is started and what it is told. */
export interface ServerUnderTest {
  readonly name: string;
  /** Script and arguments for Node. */
  readonly script: readonly string[];
  /** Language id of its documents. */
  readonly languageId: string;
  /** Settings by section. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A server that is still busy after this is ended by force. */
const GOODBYE_MS = 5_000;

/** A running server with one document. */
export class BenchClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #connection: ProtocolConnection;
  readonly #server: ServerUnderTest;
  readonly #uri: string;
  #version = 1;
  #pulls = false;
  #published: (() => void) | undefined;

  constructor(server: ServerUnderTest, uri: string) {
    this.#server = server;
    this.#uri = uri;
    this.#child = spawn(process.execPath, [...server.script, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error(`${server.name} has no standard streams`);
    this.#connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.#connection.onRequest('workspace/configuration', ({ items }: { items: { section?: string }[] }) =>
      items.map(({ section }) => server.settings[section ?? ''] ?? null),
    );
    this.#connection.onRequest('client/registerCapability', () => null);
    this.#connection.onRequest('workspace/diagnostic/refresh', () => null);
    this.#connection.onNotification('textDocument/publishDiagnostics', (params: { uri: string }) => {
      if (params.uri === this.#uri) this.#published?.();
    });
    this.#connection.listen();
  }

  /** Shakes hands. Each server gets diagnostics in the way that it offers. */
  async start(): Promise<void> {
    const { capabilities } = await this.#connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: null,
      capabilities: {
        textDocument: {
          diagnostic: {},
          publishDiagnostics: {},
          completion: { completionItem: { snippetSupport: true } },
          hover: { contentFormat: ['markdown'] },
        },
        workspace: { configuration: true, didChangeConfiguration: {} },
      },
    });
    this.#pulls = capabilities.diagnosticProvider !== undefined;
    await this.#connection.sendNotification('initialized', {});
    if (Object.keys(this.#server.settings).length > 0) {
      await this.#connection.sendNotification('workspace/didChangeConfiguration', { settings: this.#server.settings });
    }
  }

  /** Opens the document and waits for its diagnostics. */
  async open(text: string): Promise<void> {
    await this.#diagnosed(() =>
      this.#connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: this.#uri, languageId: this.#server.languageId, version: this.#version, text },
      }),
    );
  }

  /** Types a text at a place and waits for the diagnostics of what is there then. */
  async type(at: Position, text: string): Promise<void> {
    this.#version++;
    await this.#diagnosed(() =>
      this.#connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: this.#uri, version: this.#version },
        contentChanges: [{ range: { start: at, end: at }, text }],
      }),
    );
  }

  /** Asks for something at a place; the answer, so that its being there can be checked. */
  async ask(method: 'textDocument/completion' | 'textDocument/hover', position: Position): Promise<unknown> {
    return this.#connection.sendRequest(method, { textDocument: { uri: this.#uri }, position });
  }

  async #diagnosed(change: () => Promise<void>): Promise<void> {
    if (this.#pulls) {
      await change();
      await this.#connection.sendRequest('textDocument/diagnostic', { textDocument: { uri: this.#uri } });
      return;
    }
    const published = new Promise<void>((done) => {
      this.#published = done;
    });
    await change();
    await published;
  }

  /** As an editor takes its leave: what a server keeps for its next start it writes now. */
  async #sayGoodbye(): Promise<void> {
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    const patience = AbortSignal.timeout(GOODBYE_MS);
    patience.addEventListener('abort', () => this.#child.kill('SIGKILL'));
    // A server that does not answer, or is gone already, has ended without a goodbye.
    await Promise.race([this.#sayGoodbye().catch(() => undefined), ended]);
    await ended;
    this.#connection.dispose();
  }
}
