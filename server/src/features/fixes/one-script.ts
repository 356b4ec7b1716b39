/** Making one shell script of commands that stand in a list, one an item. */
import { readScript } from '#concourse';

/** A command of the list, with the comments that stand before it in the file. */
export interface ListedCommand {
  readonly text: string;
  /** Comment lines with their `#`. */
  readonly comments?: readonly string[];
}

/** Programs and commands of the shell that begin a command on their own, beside paths. */
const COMMANDS: ReadonlySet<string> = new Set(
  (
    'cd ls pwd env exit export set source . make npm npx yarn pnpm node go cargo python python3 pip pip3 bundle rake ruby gem mvn ' +
    'gradle ant docker git terraform ansible-playbook helm kubectl apt-get apt apk yum dnf curl wget cp mv rm mkdir cat tar unzip ' +
    'sh bash chmod chown touch find grep sed awk jq yq test true false date whoami id tox pytest dotnet php composer fly bosh cf'
  ).split(' '),
);

/**
 * True for items that are commands each, false for the words of one command (`[echo, hello]`). One item with blanks may
 * be a quoted argument.
 */
export function areCommands(items: readonly string[]): boolean {
  const [first = '', ...rest] = items;
  const several = (text: string): boolean => /\S\s+\S/u.test(text.trim());
  if (items.some((text) => /\n\s*\S/u.test(text.trimEnd()) || /(?:&&|\|\|?|;|\\)\s*$/u.test(text))) return true;
  if (rest.some((text) => /^\s*(?:&&|\|\|?|#)/u.test(text))) return true;
  if (!several(first) && /^(?:echo|printf)$/u.test(first.trim())) return false;
  const begins = (text: string): boolean => {
    const [word = ''] = text.trim().split(/\s+/u);
    return COMMANDS.has(word) || /^\.{0,2}\/./u.test(word) || /^[A-Za-z_]\w*=/u.test(word);
  };
  if (several(first)) return rest.some((text) => several(text) || begins(text));
  return rest.filter(several).length > 1 || (begins(first) && rest.some((text) => several(text) && begins(text)));
}

/**
 * The script of some commands, a line each. Where one of them fails, the script ends with its status.
 *
 * @param errexit the shell is started with `-e` already
 * @returns undefined when the commands cannot be put together without changing them
 */
export function oneScript(commands: readonly ListedCommand[], errexit: boolean): string | undefined {
  const lines: string[] = [];
  for (const { text, comments = [] } of commands) {
    const command = text.replace(/\s+$/u, '');
    if (command.trim() === '') continue;
    const before = lines.at(-1);
    if (before !== undefined && /^\s*(?:&&|\|\|?|;)/u.test(command)) {
      // An operator cannot begin a line; behind a comment nothing can be added.
      if (comments.length > 0 || /(?:^|\s)#/u.test(before.split('\n').at(-1) ?? '')) return undefined;
      lines[lines.length - 1] = `${before} ${command.trimStart()}`;
      continue;
    }
    // A comment would end a line that goes on.
    if (comments.length > 0 && before !== undefined && /\\$/u.test(before)) return undefined;
    lines.push(...comments, command);
  }
  if (lines.length === 0) return undefined;
  const last = lines.length - 1;
  const checked = lines.map((line, index) => (index < last && leavesErrors(line) ? `${line} || exit` : line));
  const own = errexit || /^(?:#!.*\n)?\s*set\s+-[a-z]*e/u.test(lines[0] ?? '');
  const script = `${own ? '' : 'set -e\n'}${checked.join('\n')}\n`;
  return closed(script) ? script : undefined;
}

/** True for `a && b`: `set -e` does not end a script when `a` fails there. */
function leavesErrors(line: string): boolean {
  if (/[\n#;\\`]|\$\(|<<|\|\|[^|]*$/u.test(line)) return false;
  const bare = line.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/gu, '');
  if (!/&&/u.test(bare) || /(?:&&|\|\|?|&)\s*$/u.test(bare) || /\(\(|\[\[|[(){}]/u.test(bare)) return false;
  return (
    !/^\s*(?:if|while|until|for|case|function|!)\b/u.test(bare) &&
    !/(?:^|\s)(?:then|do|done|fi|esac|else)\b/u.test(bare)
  );
}

/** True where every quote and here-document is closed. */
function closed(script: string): boolean {
  const marker = 'tarmac_end_of_script';
  const { commands } = readScript(`${script}${marker}\n`);
  return commands.some(({ words, nested }) => !nested && words.length === 1 && words[0]?.text === marker);
}
