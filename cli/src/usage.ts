/** Reading the values of flags. Problems are collected, so that all wrong flags are reported together. */
import { parseDuration } from './duration.ts';
import { alternatives, parseQuantity, spareLimits } from '#runner/model';

/** Something that the user must change. Printed as `error: MESSAGE`, exit code 1; several lines are indented. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly problems: readonly string[];

  /** `problems`: one text for each thing that is wrong; at least one. */
  constructor(...problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** go-flags, with which fly reads its flags, also takes `-c=task.yml`; commander hands us the `=` then. */
function withoutEquals(value: string): string {
  return value.startsWith('=') ? value.slice(1) : value;
}

/** Collects what is wrong while commander parses. Each method gives a parser for one option. */
export class FlagValues {
  readonly problems: string[] = [];

  /** A path or a name. */
  text = (value: string): string => withoutEquals(value);

  /** A flag that may be repeated. */
  list = (value: string, previous: readonly string[] | undefined): readonly string[] => [
    ...(previous ?? []),
    withoutEquals(value),
  ];

  /**
   * A repeatable NAME=VALUE; the last one of a name counts.
   * @param form what is right, e.g. `name=path`
   */
  pairs(kind: PairKind, form: string): (value: string, previous: PairMap | undefined) => PairMap {
    return (value, previous) => {
      const pair = this.#split(withoutEquals(value), value, kind, form);
      return pair ? { ...previous, [pair[0]]: pair[1] } : (previous ?? {});
    };
  }

  /** A repeatable NAME=VALUE that is kept as it was given, in order. */
  rawPairs(kind: PairKind): (value: string, previous: readonly string[] | undefined) => readonly string[] {
    return (value, previous) => {
      const given = withoutEquals(value);
      return this.#split(given, value, kind, 'name=value') ? [...(previous ?? []), given] : (previous ?? []);
    };
  }

  /** One of `names`. */
  choice<T extends string>(flag: string, names: readonly T[]): (value: string) => T | undefined {
    return (value) => {
      const chosen = names.find((name) => name === withoutEquals(value));
      if (chosen === undefined) {
        this.problems.push(`invalid value '${value}' for ${flag}: must be ${alternatives(names)}`);
      }
      return chosen;
    };
  }

  /** A duration as Go writes it, `1h30m`, in milliseconds. */
  duration(flag: string): (value: string) => number | undefined {
    return (value) => {
      const milliseconds = parseDuration(withoutEquals(value));
      if (milliseconds === undefined) {
        this.problems.push(`invalid duration '${value}' for ${flag}: must be like 90s, 10m or 1h30m`);
      }
      return milliseconds;
    };
  }

  /** How long a pod is kept ready, in milliseconds; 0 for `off`. The API server counts seconds. */
  spare(flag: string): (value: string) => number | undefined {
    return (value) => {
      const given = withoutEquals(value);
      const milliseconds = given === 'off' ? 0 : parseDuration(given);
      if (
        milliseconds === undefined ||
        (milliseconds > 0 && milliseconds < spareLimits.shortestMs) ||
        milliseconds > spareLimits.longestMs
      ) {
        this.problems.push(`invalid value '${value}' for ${flag}: must be off, or a time from 1m to 1h, like 10m`);
        return undefined;
      }
      return milliseconds;
    };
  }

  /** A size as Kubernetes writes it, `15Gi`, in bytes. */
  bytes(flag: string): (value: string) => number | undefined {
    return (value) => {
      const bytes = parseQuantity(withoutEquals(value));
      if (bytes === undefined) {
        this.problems.push(`invalid size '${value}' for ${flag}: must be like 500Mi, 15Gi or 1.5T`);
      }
      return bytes;
    };
  }

  /** A flag of fly that cannot be done without a Concourse server. */
  impossible(flag: string, instead: string): (value: string) => string {
    return (value) => {
      this.problems.push(`${flag} needs a Concourse server, and Tarmac has none: ${instead}`);
      return value;
    };
  }

  #split(given: string, value: string, kind: PairKind, form: string): [name: string, value: string] | undefined {
    const at = given.indexOf('=');
    const nameless = at === 0 || (at < 0 && value.startsWith('='));
    // Whoever forgets the name of a secret has typed the secret. A path is none.
    const shown =
      kind === 'input' || kind === 'output' || kind === 'rule' || kind === 'annotation' || kind === 'label'
        ? ` '${given}'`
        : '';
    if (nameless) this.problems.push(`invalid ${kind} pair (must be ${form}): the name is empty`);
    else if (at < 0) this.problems.push(`invalid ${kind} pair${shown} (must be ${form})`);
    else return [given.slice(0, at), given.slice(at + 1)];
    return undefined;
  }
}

/** What a NAME=VALUE is, as fly words it. */
type PairKind =
  'input' | 'output' | 'variable' | 'param' | 'rule' | 'annotation' | 'label' | 'version' | 'resource type';

/** Values by name. */
export type PairMap = Readonly<Record<string, string>>;
