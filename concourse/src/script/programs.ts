/** How far a script can be understood from its text alone, and what shells and Concourse set. */
import type { ScriptFacts } from './facts.ts';
import type { ShellWord, SimpleCommand } from './syntax.ts';

/** Commands that open what their arguments name and run nothing else: the shell's own, coreutils and a few more. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    ': [ [[ alias apk apt apt-get awk base64 basename break bunzip2 bzip2 cat cd chgrp chmod chown cksum cmp comm continue cp curl ' +
    'cut date dd declare df diff dirname dnf du echo egrep exit expand export expr false fgrep file find fold getopts git grep ' +
    'gunzip gzip hash head hexdump hostname id install jq join kill less let ln local ls mapfile md5sum mkdir mktemp more mv nl ' +
    'od paste popd printf ps pushd pwd read readarray readlink readonly realpath return rev rm rmdir sed seq set sha1sum ' +
    'sha256sum sha512sum shift shopt shuf sleep sort split stat sum sync tac tail tar tee test times touch tr trap tree true ' +
    'truncate type typeset ulimit umask unalias uname uniq unset unxz unzip wait wc wget which whoami xxd xz yes yq yum zcat zip'
  ).split(' '),
);

/** Commands that run the command behind them. */
const WRAPPERS: ReadonlySet<string> = new Set(['builtin', 'command', 'exec', 'nice', 'nohup', 'time', 'sudo']);

/** The name of the command that runs in the end; undefined where it is computed. */
function commandName({ words }: SimpleCommand): string | undefined {
  let index = 0;
  const isSkipped = (word: ShellWord | undefined): boolean =>
    word !== undefined && (WRAPPERS.has(word.text) || (index > 0 && word.text.startsWith('-')));
  while (isSkipped(words[index])) index++;
  const word = words[index];
  // A wrapper alone, such as `exec > log`, runs nothing.
  if (!word) return ':';
  return word.literal ? word.text : undefined;
}

/**
 * True when the script starts something that cannot be seen through: a program or script that may read any variable
 * and open any path, or text that is evaluated.
 */
export function isOpaque(facts: ScriptFacts): boolean {
  if (facts.openEnded) return true;
  return facts.commands.some((command) => {
    if (command.kind !== 'command' || command.words.length === 0) return false;
    const name = commandName(command);
    if (name === undefined) return true;
    if (name === 'find') return command.words.some(({ text }) => /^-(?:exec|ok)/.test(text));
    return !PLAIN.has(name) && !facts.functions.has(name);
  });
}

/** Commands that look at the directory they run in when no path is given. */
const LISTING: ReadonlySet<string> = new Set(['ls', 'find', 'du', 'tree']);

/** True when the script looks at whatever is in its directory: globs, listings, `.` as an argument. */
export function looksAround(facts: ScriptFacts): boolean {
  return facts.commands.some(({ kind, words }) => {
    if (kind === 'case' || kind === 'pattern') return false;
    const name = kind === 'for' ? undefined : words[0];
    const args = kind === 'for' ? words : words.slice(1);
    if (name?.text === '[' || name?.text === '[[' || name?.text === 'test') return false;
    if (args.some(({ text, glob }) => (glob && !/[^./]/.test(text)) || /^\.{1,2}\/*$/.test(text))) return true;
    if (name?.text === 'grep') return args.some(({ text }) => /^(?:-\w*[rR]|--recursive)/.test(text));
    return name !== undefined && LISTING.has(name.text) && args.every(({ text }) => text.startsWith('-'));
  });
}

/** Set by shells, by the kernel's caller or by every image: bash(1), POSIX shell, and what runtimes add. */
const SHELL_VARIABLES: ReadonlySet<string> = new Set(
  (
    '_ BASH BASHOPTS BASHPID CDPATH CI COLUMNS COPROC DIRSTACK EDITOR ENV EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTFILE ' +
    'HOME HOSTNAME HOSTTYPE IFS LANG LANGUAGE LINENO LINES LOGNAME MACHTYPE MAIL MAPFILE OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH ' +
    'PIPESTATUS PPID PS1 PS2 PS3 PS4 PWD RANDOM REPLY SECONDS SHELL SHELLOPTS SHLVL SRANDOM TERM TMPDIR TZ UID USER ' +
    'ATC_EXTERNAL_URL TRACEPARENT GOPATH GOROOT'
  ).split(' '),
);

/** True for a variable that a shell sets, or that images commonly set: `JAVA_HOME`, `NODE_VERSION`, `LC_ALL`, proxies. */
export function isProvided(name: string): boolean {
  return SHELL_VARIABLES.has(name) || /^(?:BASH_|LC_|KUBERNETES_)|(?:_HOME|_VERSION|_proxy|_PROXY)$/.test(name);
}

/** True for a variable that the plain commands read themselves: git, ssh, curl, apt, locale and time. */
export function isReadByTools(name: string): boolean {
  return (
    isProvided(name) || /^(?:APT_|CURL_|DEBIAN_|GIT_|GREP_|GZIP|JQ_|LESS|SSH_|SSL_|TAR_|WGETRC|XZ_)|^NETRC$/.test(name)
  );
}

/** Metadata that Concourse gives to get and put steps and not to tasks (https://concourse-ci.org/docs/resource-types/implementing/#resource-metadata). */
export function isBuildMetadata(name: string): boolean {
  return /^BUILD_(?:ID|NAME|JOB_ID|JOB_NAME|PIPELINE_ID|PIPELINE_NAME|PIPELINE_INSTANCE_VARS|TEAM_ID|TEAM_NAME|CREATED_BY|URL|URL_SHORT)$/.test(
    name,
  );
}
