/** A whole command line where the name of one program must stand: `path: npm test`. */
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import { SHELLS, baseName } from './command.ts';
import { readScript } from './facts.ts';
import { ContainerPlaces } from './container-places.ts';
import { containerPath } from '../text/container-path.ts';
import { effectivePath } from '../task/paths.ts';

/** The command that a text means. */
export interface MeantCommand {
  readonly path: string;
  readonly args: readonly string[];
  /** It needs a shell: pipes, `&&`, redirections, variables, patterns, or commands of the shell's own. */
  readonly shell: boolean;
}

/** Commands that only a shell has. */
const OWN: ReadonlySet<string> = new Set(
  '. source cd export set unset eval exec exit trap ulimit umask alias shift wait read if for while until case { ( [['.split(
    ' ',
  ),
);

/**
 * The command that `run.path` means where it is no name of a program: it has blanks in it.
 *
 * @returns undefined for a path that has none, holds variables of Concourse, or names a file that is there
 */
export function commandInPath(task: TaskDocument, environment: Environment): MeantCommand | undefined {
  const { run } = task.config;
  const text = run.path;
  if (!/\s/u.test(text) || text.includes('((') || text.trim() === '') return undefined;
  if (isThere(text, task, environment)) return undefined;
  const words = text.trim().split(/\s+/u);
  // `/opt/My App/run`: nobody knows what the image holds.
  if (words.length > 1 && /^\/\S*$/u.test(words[0] ?? '') && isOnePath(words)) return undefined;
  const args = run.args ?? [];
  const plain = plainWords(text.trim());
  if (plain) return { path: plain[0] ?? '', args: [...plain.slice(1), ...args], shell: false };
  const script = [text.trim(), ...args.map(shellWord)].join(' ');
  return { path: 'sh', args: ['-ec', script], shell: true };
}

function isOnePath(words: readonly string[]): boolean {
  const [first = '', second = ''] = words;
  if (SHELLS.has(baseName(first))) return false;
  // A folder with a blank in its name ends with a slash later on.
  return (
    /^[^-/.$"'|&;<>][^\s"'|&;<>$]*\//u.test(second) &&
    !/\.\w+$/u.test(baseName(first)) &&
    !/^\/(?:usr\/|s?bin\/)/u.test(first)
  );
}

function isThere(text: string, task: TaskDocument, environment: Environment): boolean {
  const path = containerPath(text, effectivePath(task.config.run.dir ?? ''));
  const local = path === undefined ? undefined : new ContainerPlaces(task, environment).at(path).local;
  return local !== undefined && environment.files?.stat(local) !== undefined;
}

/** The words of a command that needs no shell; undefined for any other. */
function plainWords(text: string): string[] | undefined {
  const facts = readScript(text);
  const [command] = facts.commands;
  if (!command || facts.commands.length !== 1 || facts.openEnded || /[\n`]/u.test(text)) return undefined;
  const { kind, words, assignments, redirects, terminator } = command;
  if (kind !== 'command' || assignments.length > 0 || redirects.length > 0 || terminator !== '') return undefined;
  const name = words[0]?.text ?? '';
  if (name === '' || OWN.has(name) || /[#&|;<>]/u.test(text.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/gu, ''))) {
    return undefined;
  }
  const shell = SHELLS.has(baseName(name));
  const found: string[] = [];
  for (const word of words) {
    const written = text.slice(word.range.start, word.range.end);
    if (word.literal && !word.glob) {
      found.push(word.text);
    }
    // The variables in a shell's script are that shell's.
    else if (shell && /^"(?:[^"\\]|\\.)*"$/su.test(written)) {
      found.push(written.slice(1, -1).replaceAll(/\\(["\\])/gu, '$1'));
    } else {
      return undefined;
    }
  }
  return found;
}

/** A word of a shell command, quoted where the shell would read more into it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
