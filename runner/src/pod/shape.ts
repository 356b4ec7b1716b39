/**
 * What a person may add to the pods of Tarmac: the task's own, and those that look into the store. Checked before a byte
 * is sent, so that a wrong value is told with its name and not as the API server's answer.
 */
import { annotations, labels } from './names.ts';
import { parseQuantity } from './quantity.ts';

/** One toleration of a pod, as Kubernetes writes it. */
export interface Toleration {
  readonly key?: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: TaintEffect;
  readonly tolerationSeconds?: number;
}

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
export type TaintEffect = (typeof taintEffects)[number];

/** `auto` is Kubernetes' own rule: `latest`, said or meant, is asked for anew, other tags are not. */
export const pullPolicies = ['auto', 'Always', 'IfNotPresent', 'Never'] as const;
export type PullPolicy = (typeof pullPolicies)[number];

/** Names of resources and their amounts, e.g. `{ cpu: '500m' }`. */
export type Resources = Readonly<Record<string, string>>;

/** What a person asks for, as in the setting `tarmac.pod`; names are those of Kubernetes. Not checked yet. */
export interface PodSettings {
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
  readonly labels?: Readonly<Record<string, unknown>> | undefined;
  readonly nodeSelector?: Readonly<Record<string, unknown>> | undefined;
  /** `key[=value][:Effect]`, or an object as in a pod. */
  readonly tolerations?: readonly (string | Readonly<Record<string, unknown>>)[] | undefined;
  readonly serviceAccountName?: string | undefined;
  readonly automountServiceAccountToken?: boolean | undefined;
  readonly priorityClassName?: string | undefined;
  readonly imagePullPolicy?: string | undefined;
  /** A quantity for both, or `request` and `limit`. */
  readonly ephemeralStorage?: string | { readonly request?: string; readonly limit?: string } | undefined;
  readonly helperResources?: { readonly cpu?: string | undefined; readonly memory?: string | undefined } | undefined;
}

/** Checked {@link PodSettings}. */
export interface PodShape {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly serviceAccountName?: string;
  /** Undefined: no token without a service account; with one, the account itself decides, as in Kubernetes. */
  readonly automountServiceAccountToken?: boolean;
  readonly priorityClassName?: string;
  readonly imagePullPolicy: PullPolicy;
  readonly ephemeralStorage: { readonly request?: string; readonly limit?: string };
  /** Requests and limits of our own containers. What is not said is chosen, and fitted into the namespace's ranges. */
  readonly helperResources: Resources;
}

/** A pod as Tarmac makes it by itself. */
export const plainShape: PodShape = {
  annotations: {},
  labels: {},
  nodeSelector: {},
  tolerations: [],
  imagePullPolicy: 'auto',
  ephemeralStorage: {},
  helperResources: {},
};

/** A value that cannot be used. */
export interface ShapeProblem {
  readonly code: 'invalid-pod-setting';
  readonly message: string;
  readonly nextStep: string;
}

/** The flag of the command line for each setting, for texts that name both. */
export const shapeFlags: Readonly<Record<keyof PodSettings, string | undefined>> = {
  annotations: '--pod-annotation',
  labels: '--pod-label',
  nodeSelector: '--node-selector',
  tolerations: '--toleration',
  serviceAccountName: '--service-account',
  automountServiceAccountToken: undefined,
  priorityClassName: '--priority-class',
  imagePullPolicy: '--pull-policy',
  ephemeralStorage: '--ephemeral-storage',
  helperResources: '--helper-cpu, --helper-memory',
};

/** Checks what a person asks for. What is wrong is left out of the shape and reported; all of it together. */
export function podShape(settings: PodSettings | undefined): {
  readonly shape: PodShape;
  readonly problems: readonly ShapeProblem[];
} {
  const problems: ShapeProblem[] = [];
  if (settings === undefined) return { shape: plainShape, problems };
  const given: unknown = settings;
  if (!isRecord(given)) {
    problem(problems, 'tarmac.pod', `must be an object`, 'see the guide, "Shape the pod"');
    return { shape: plainShape, problems };
  }
  for (const key of Object.keys(given)) {
    if (!(key in shapeFlags)) {
      problem(problems, `tarmac.pod: ${quoted(key)}`, 'is not known', `it has ${Object.keys(shapeFlags).join(', ')}`);
    }
  }
  const serviceAccountName = nameOf(given['serviceAccountName'], 'serviceAccountName', problems);
  const priorityClassName = nameOf(given['priorityClassName'], 'priorityClassName', problems);
  const token = given['automountServiceAccountToken'];
  if (token !== undefined && typeof token !== 'boolean') {
    problem(problems, 'automountServiceAccountToken', `cannot be ${shown(token)}`, 'it is true or false');
  }
  return {
    shape: {
      annotations: pairs(given['annotations'], 'annotations', problems),
      labels: pairs(given['labels'], 'labels', problems),
      nodeSelector: pairs(given['nodeSelector'], 'nodeSelector', problems),
      tolerations: tolerationsOf(given['tolerations'], problems),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(typeof token === 'boolean' ? { automountServiceAccountToken: token } : {}),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      imagePullPolicy: policyOf(given['imagePullPolicy'], problems),
      ephemeralStorage: storageOf(given['ephemeralStorage'], problems),
      helperResources: helperOf(given['helperResources'], problems),
    },
    problems,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(text: string): string {
  return `'${text}'`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

/** How a person has said it: by flag or by setting. */
function named(key: keyof PodSettings): string {
  const flag = shapeFlags[key];
  return flag === undefined ? `setting tarmac.pod, ${key}` : `${flag} (setting tarmac.pod, ${key})`;
}

function problem(problems: ShapeProblem[], what: string, why: string, nextStep: string): void {
  const where = what in shapeFlags ? named(what as keyof PodSettings) : what;
  problems.push({ code: 'invalid-pod-setting', message: `${where} ${why}`, nextStep });
}

/** `[prefix/]name` as labels and annotations are named (kubernetes.io, "Labels and Selectors"). */
const keyPattern =
  /^(?:(?=.{1,253}\/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/u;
const labelValuePattern = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/u;
/** A DNS subdomain, as service accounts and priority classes are named. */
const namePattern = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u;
/** What all annotations of an object may have together. */
const mostAnnotationBytes = 256 * 1024;

/** Tarmac finds its pods, and what belongs to them, by these. */
const ours = new Set<string>([...Object.values(labels), ...Object.values(annotations)]);

function isOurs(key: string): boolean {
  return ours.has(key) || key.startsWith('tarmac/');
}

function pairs(
  given: unknown,
  what: 'annotations' | 'labels' | 'nodeSelector',
  problems: ShapeProblem[],
): Record<string, string> {
  const found: Record<string, string> = {};
  if (given === undefined || given === null) return found;
  if (!isRecord(given)) {
    problem(problems, what, `cannot be ${shown(given)}`, 'it is an object of names and texts');
    return found;
  }
  for (const [key, raw] of Object.entries(given)) {
    // YAML and JSON make `true` of what is a text in a pod.
    const value = typeof raw === 'boolean' || typeof raw === 'number' ? String(raw) : raw;
    if (typeof value !== 'string') {
      problem(problems, what, `gives ${quoted(key)} the value ${shown(raw)}`, 'the value must be a text');
    } else if (!keyPattern.test(what === 'annotations' ? key.toLowerCase() : key)) {
      problem(
        problems,
        what,
        `cannot have the name ${quoted(key)}`,
        "a name has letters, digits, '-', '_' and '.', at most 63, and may have a domain before a '/'",
      );
    } else if (what !== 'nodeSelector' && isOurs(key)) {
      problem(problems, what, `cannot set ${quoted(key)}`, 'Tarmac sets it itself, to find its pods: leave it out');
    } else if (what !== 'annotations' && !labelValuePattern.test(value)) {
      problem(
        problems,
        what,
        `cannot give ${quoted(key)} the value ${quoted(value)}`,
        "the value has letters, digits, '-', '_' and '.', at most 63, and begins and ends with a letter or digit",
      );
    } else if (what === 'nodeSelector' && key === 'kubernetes.io/os' && value !== 'linux') {
      problem(problems, what, `cannot choose ${quoted(value)} for kubernetes.io/os`, 'tasks run on Linux nodes only');
    } else {
      found[key] = value;
    }
  }
  if (what === 'annotations' && Buffer.byteLength(JSON.stringify(found)) > mostAnnotationBytes) {
    problem(
      problems,
      what,
      'are longer than 256 KiB together',
      'That is the most that Kubernetes accepts: shorten them',
    );
  }
  return found;
}

function nameOf(
  given: unknown,
  what: 'serviceAccountName' | 'priorityClassName',
  problems: ShapeProblem[],
): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string' && namePattern.test(given)) return given;
  problem(problems, what, `cannot be ${shown(given)}`, "a name has lower-case letters, digits, '-' and '.'");
  return undefined;
}

/** `if-not-present` as on the command line, `IfNotPresent` as in a pod. */
function policyOf(given: unknown, problems: ShapeProblem[]): PullPolicy {
  if (given === undefined || given === null || given === '') return 'auto';
  const plain = (text: string): string => text.replaceAll('-', '').toLowerCase();
  const found = typeof given === 'string' ? pullPolicies.find((each) => plain(each) === plain(given)) : undefined;
  if (found !== undefined) return found;
  problem(problems, 'imagePullPolicy', `cannot be ${shown(given)}`, 'it is auto, always, if-not-present or never');
  return 'auto';
}

function quantityOf(given: unknown, what: keyof PodSettings, name: string, problems: ShapeProblem[]): string {
  const text = typeof given === 'number' ? String(given) : given;
  if (typeof text === 'string' && (parseQuantity(text) ?? 0) > 0) return text.trim();
  problem(problems, what, `cannot be ${shown(given)} for ${name}`, 'it is a quantity of Kubernetes, e.g. 250m or 2Gi');
  return '';
}

function storageOf(given: unknown, problems: ShapeProblem[]): PodShape['ephemeralStorage'] {
  if (given === undefined || given === null || given === '') return {};
  if (!isRecord(given)) {
    const value = quantityOf(given, 'ephemeralStorage', 'disk', problems);
    return value === '' ? {} : { request: value, limit: value };
  }
  const found: { request?: string; limit?: string } = {};
  for (const name of Object.keys(given)) {
    if (name !== 'request' && name !== 'limit') {
      problem(problems, 'ephemeralStorage', `has no ${quoted(name)}`, 'it is a quantity, or has request and limit');
      continue;
    }
    if (given[name] === undefined || given[name] === '') continue;
    const value = quantityOf(given[name], 'ephemeralStorage', name, problems);
    if (value !== '') found[name] = value;
  }
  const [request, limit] = [parseQuantity(found.request ?? ''), parseQuantity(found.limit ?? '')];
  if (request !== undefined && limit !== undefined && request > limit) {
    problem(problems, 'ephemeralStorage', 'asks for more than its limit', 'request is at most limit');
  }
  return found;
}

function helperOf(given: unknown, problems: ShapeProblem[]): Resources {
  if (given === undefined || given === null) return {};
  const found: Record<string, string> = {};
  if (!isRecord(given)) {
    problem(problems, 'helperResources', `cannot be ${shown(given)}`, 'it is an object with cpu and memory');
    return found;
  }
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'cpu' && name !== 'memory') {
      problem(problems, 'helperResources', `has no ${quoted(name)}`, 'it has cpu and memory');
      continue;
    }
    if (value === undefined || value === '') continue;
    const quantity = quantityOf(value, 'helperResources', name, problems);
    if (quantity !== '') found[name] = quantity;
  }
  return found;
}

function tolerationsOf(given: unknown, problems: ShapeProblem[]): readonly Toleration[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    problem(problems, 'tolerations', `cannot be ${shown(given)}`, 'it is a list');
    return [];
  }
  return given.flatMap((each: unknown) => {
    const found = typeof each === 'string' ? parseToleration(each) : isRecord(each) ? tolerationOf(each) : 'a text';
    if (typeof found !== 'string') return [found];
    problem(
      problems,
      'tolerations',
      `cannot be ${shown(each)}`,
      `it is KEY, KEY=VALUE, KEY:EFFECT or KEY=VALUE:EFFECT; EFFECT is ${taintEffects.join(', ')}`,
    );
    return [];
  });
}

/** `key[=value][:Effect]`, as `kubectl taint` writes taints. @returns what is wrong, as text */
function parseToleration(text: string): Toleration | string {
  const [, key = '', value, effect] = /^([^=:]*)(?:=([^:]*))?(?::(.*))?$/u.exec(text) ?? [];
  return tolerationOf({
    key,
    operator: value === undefined ? 'Exists' : 'Equal',
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
  });
}

function tolerationOf(given: Readonly<Record<string, unknown>>): Toleration | string {
  const { key, value, effect, tolerationSeconds } = given;
  const operator = given['operator'] ?? (value === undefined ? 'Exists' : 'Equal');
  const unknown = Object.keys(given).filter(
    (name) => !['key', 'operator', 'value', 'effect', 'tolerationSeconds'].includes(name),
  );
  if (unknown.length > 0) return `unknown ${unknown.join(', ')}`;
  if (operator !== 'Exists' && operator !== 'Equal') return 'operator';
  if (key === undefined ? operator !== 'Exists' || !('operator' in given) : !isText(key, keyPattern)) return 'key';
  if (value !== undefined && (operator === 'Exists' || !isText(value, labelValuePattern))) return 'value';
  const known = taintEffects.find((each) => each === effect);
  if (effect !== undefined && known === undefined) return 'effect';
  if (tolerationSeconds !== undefined && (typeof tolerationSeconds !== 'number' || known !== 'NoExecute')) {
    return 'tolerationSeconds';
  }
  return {
    ...(isText(key, keyPattern) ? { key } : {}),
    operator,
    ...(operator === 'Equal' ? { value: isText(value, labelValuePattern) ? value : '' } : {}),
    ...(known === undefined ? {} : { effect: known }),
    ...(typeof tolerationSeconds === 'number' ? { tolerationSeconds } : {}),
  };
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
