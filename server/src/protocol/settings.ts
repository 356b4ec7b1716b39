/** The user's settings, read from whatever an editor sends. */
import { DEFAULT_PROBLEM_LIMIT, type Severity, type Target, TARGETS } from '#concourse';
import type { ChosenKind, RenderCommand } from '#workspace';

/** A severity, or `off`. */
export type RuleLevel = Severity | 'off';

/** The settings below `tarmac.` that the server reads, for one file. package.json describes them to the user. */
export interface Settings {
  /** `concourse.version` */
  readonly target: Target;
  /** `rules`: by id of the rule. */
  readonly rules: Readonly<Record<string, RuleLevel>>;
  /** `tasks.include`: globs of further task files. */
  readonly include: readonly string[];
  /** `fileKinds`: what files are, by glob, whatever their names and texts say; of several that match, the last one counts. */
  readonly fileKinds: Readonly<Record<string, ChosenKind>>;
  /** `inputs`: folder by name of the input, relative to the workspace folder. */
  readonly inputs: Readonly<Record<string, string>>;
  /** `varsFiles`: relative to the workspace folder; later ones win. */
  readonly varsFiles: readonly string[];
  /** `validate.enable` */
  readonly validate: boolean;
  /** `validate.workspace`: also the files that are not open. */
  readonly validateWorkspace: boolean;
  /** `validate.maxProblems`: per file. */
  readonly maxProblems: number;
  /** `inlayHints.*` */
  readonly inlayHints: { readonly paths: boolean; readonly images: boolean; readonly values: boolean };
  /** `pipelines.render`: command by glob. */
  readonly render: Readonly<Record<string, RenderCommand>>;
  /** `codeLens` */
  readonly codeLens: boolean;
}

type Bag = Readonly<Record<string, unknown>>;

const LEVELS: readonly RuleLevel[] = ['error', 'warning', 'information', 'hint', 'off'];

function bag(value: unknown): Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {};
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];
}

function textByKey(value: unknown): Record<string, string> {
  const entries = Object.entries(bag(value));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const KINDS: readonly ChosenKind[] = ['task', 'pipeline', 'none'];

function kindByGlob(value: unknown): Record<string, ChosenKind> {
  const entries = Object.entries(textByKey(value)).flatMap(([glob, text]): [string, ChosenKind][] => {
    const kind = KINDS.find((each) => each === text);
    return kind === undefined ? [] : [[glob, kind]];
  });
  return Object.fromEntries(entries);
}

function commandByGlob(value: unknown): Record<string, RenderCommand> {
  const entries = Object.entries(bag(value)).flatMap(([glob, command]): [string, RenderCommand][] => {
    if (typeof command === 'string') return [[glob, command]];
    const words = texts(command);
    return Array.isArray(command) && words.length === command.length ? [[glob, words]] : [];
  });
  return Object.fromEntries(entries);
}

/**
 * Reads the section `tarmac`. A setting that is missing or of another type has its default: a typing mistake in one does
 * not take the others down.
 */
export function readSettings(section: unknown): Settings {
  const root = bag(section);
  const validate = bag(root['validate']);
  const hints = bag(root['inlayHints']);
  const version = bag(root['concourse'])['version'];
  const max = validate['maxProblems'];
  return {
    target: TARGETS.find((target) => target === version) ?? 'current',
    rules: Object.fromEntries(
      Object.entries(textByKey(root['rules'])).filter((entry): entry is [string, RuleLevel] =>
        (LEVELS as readonly string[]).includes(entry[1]),
      ),
    ),
    include: texts(bag(root['tasks'])['include']),
    fileKinds: kindByGlob(root['fileKinds']),
    inputs: textByKey(root['inputs']),
    varsFiles: texts(root['varsFiles']),
    validate: flag(validate['enable'], true),
    validateWorkspace: flag(validate['workspace'], false),
    maxProblems: typeof max === 'number' && max >= 1 ? Math.floor(max) : DEFAULT_PROBLEM_LIMIT,
    inlayHints: {
      paths: flag(hints['paths'], true),
      images: flag(hints['images'], true),
      values: flag(hints['values'], true),
    },
    render: commandByGlob(bag(root['pipelines'])['render']),
    codeLens: flag(root['codeLens'], true),
  };
}
