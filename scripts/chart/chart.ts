/** The chart of deploy/chart: its values, what is right for them, and the objects that it makes. */
import { readFile, readdir, rm, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { output } from '../machine/command.ts';
import { isRecord } from '../cluster/contents/objects.ts';
import { findRenderer, type Renderer } from './renderer.ts';

/** Values of a chart, as in values.yaml. */
export type Values = Readonly<Record<string, unknown>>;

/** One object of Kubernetes. */
export interface KubeObject extends Record<string, unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
}

/** Whom the chart is rendered for. */
export interface ReleaseOptions {
  readonly name?: string;
  readonly namespace?: string;
  /** Version of the cluster. */
  readonly kubeVersion?: string;
}

/** What the chart makes of values. */
export interface Rendered {
  readonly objects: readonly KubeObject[];
  /** The text of NOTES.txt; empty with helm, which prints it only when it installs. */
  readonly notes: string;
}

/** Where the chart is. */
export const CHART = resolve(import.meta.dirname, '../../deploy/chart');

/** A chart that can be rendered. Opening may take a minute, once on a machine. */
export class Chart {
  readonly #renderer: Renderer;
  readonly #validate: ValidateFunction;
  readonly #defaults: Values;
  readonly #metadata: Values;
  readonly #templates: Readonly<Record<string, string>>;

  private constructor(
    renderer: Renderer,
    validate: ValidateFunction,
    defaults: Values,
    metadata: Values,
    templates: Readonly<Record<string, string>>,
  ) {
    this.#renderer = renderer;
    this.#validate = validate;
    this.#defaults = defaults;
    this.#metadata = metadata;
    this.#templates = templates;
  }

  /** Reads the chart and finds what renders it. */
  static async open(renderer?: Renderer): Promise<Chart> {
    const text = (name: string): Promise<string> => readFile(join(CHART, name), 'utf8');
    const record = async (name: string): Promise<Values> => {
      const value: unknown = parse(await text(name));
      if (!isRecord(value)) throw new Error(`${name} holds no mapping.`);
      return value;
    };
    const templates: Record<string, string> = {};
    for (const name of (await readdir(join(CHART, 'templates'))).sort()) {
      templates[name] = await text(join('templates', name));
    }
    const schema: unknown = JSON.parse(await text('values.schema.json'));
    const validate = new Ajv({ allErrors: true, strictTypes: false }).compile(schema as object);
    return new Chart(
      renderer ?? (await findRenderer()),
      validate,
      await record('values.yaml'),
      await record('Chart.yaml'),
      templates,
    );
  }

  /** The values that hold without others. */
  get defaults(): Values {
    return this.#defaults;
  }

  /** What values.schema.json has against these values together with the defaults: one line each, the path first. */
  objections(values: Values): string[] {
    if (this.#validate(merged(this.#defaults, values))) return [];
    return (this.#validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  /**
   * The objects that the chart makes.
   *
   * @throws Error for values that the schema or a template refuses
   */
  async render(values: Values = {}, release: ReleaseOptions = {}): Promise<Rendered> {
    const objections = this.objections(values);
    if (objections.length > 0) throw new Error(`values.schema.json refuses the values:\n${objections.join('\n')}`);
    const { name = 'tarmac', namespace = 'tarmac', kubeVersion = 'v1.30.0' } = release;
    if (this.#renderer.kind === 'helm') {
      return { objects: objectsOf(await this.#byHelm(values, name, namespace, kubeVersion)), notes: '' };
    }
    const texts = await this.#byOwn(values, name, namespace, kubeVersion);
    const { 'NOTES.txt': notes = '', ...manifests } = texts;
    return { objects: Object.values(manifests).flatMap(objectsOf), notes };
  }

  async #byHelm(values: Values, name: string, namespace: string, kubeVersion: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tarmac-values-'));
    try {
      const file = join(folder, 'values.json');
      await writeFile(file, JSON.stringify(values));
      const args = ['template', name, CHART, '--namespace', namespace, '--kube-version', kubeVersion, '--values', file];
      return await output(this.#renderer.program, args);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  async #byOwn(
    values: Values,
    name: string,
    namespace: string,
    kubeVersion: string,
  ): Promise<Readonly<Record<string, string>>> {
    const { name: chart, version, appVersion } = this.#metadata;
    const input = JSON.stringify({
      Templates: this.#templates,
      Values: merged(this.#defaults, values),
      Chart: { Name: chart, Version: version, AppVersion: appVersion },
      Release: { Name: name, Namespace: namespace, Service: 'Helm', IsInstall: true, IsUpgrade: false, Revision: 1 },
      KubeVersion: kubeVersion,
    });
    return JSON.parse(await output(this.#renderer.program, [], { input })) as Readonly<Record<string, string>>;
  }
}

/** Values over defaults as Helm lays them: mappings are merged, all else is replaced, and null removes. */
export function merged(defaults: Values, values: Values): Values {
  const result = new Map(Object.entries(defaults));
  for (const [key, value] of Object.entries(values)) {
    const below = result.get(key);
    if (value === null) result.delete(key);
    else result.set(key, isRecord(value) && isRecord(below) ? merged(below, value) : value);
  }
  return Object.fromEntries(result);
}

/** The objects in a text; what has no kind or no name is an error. */
function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw new Error(`${document.errors[0].message}\n${text}`);
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isKubeObject(value)) throw new Error(`This is no object of Kubernetes:\n${text}`);
    return [value];
  });
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isRecord(value)) return false;
  const { apiVersion, kind, metadata } = value;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    isRecord(metadata) &&
    typeof metadata['name'] === 'string'
  );
}
