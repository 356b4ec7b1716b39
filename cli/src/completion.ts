/** Completion scripts for shells, made from the command tree, so that they cannot go out of date. */
import type { Command } from 'commander';

/** A shell that we write a script for. */
export type CompletionShell = 'bash' | 'zsh' | 'fish';

interface Node {
  /** Words after `tarmac`, e.g. `store init`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly {
    readonly long: string;
    readonly short: string | undefined;
    readonly description: string;
  }[];
}

/** The script; the user's shell is to source it. */
export function completionScript(program: Command, shell: CompletionShell): string {
  const nodes = collect(program, '');
  return shell === 'fish' ? fishScript(nodes) : bashScript(nodes, shell === 'zsh');
}

function collect(command: Command, path: string): Node[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const node: Node = {
    path,
    commands: commands.map((child) => ({ name: child.name(), description: child.description() })),
    flags: help
      .visibleOptions(command)
      .map((option) => ({ long: option.long ?? '', short: option.short, description: option.description })),
  };
  return [node, ...commands.flatMap((child) => collect(child, `${path} ${child.name()}`.trim()))];
}

/** zsh reads bash's functions with `bashcompinit`. */
function bashScript(nodes: readonly Node[], zsh: boolean): string {
  const cases = nodes.map((node) => {
    const words = [...node.commands.map((command) => command.name), ...node.flags.map((flag) => flag.long)];
    return `    '${node.path}') words='${words.join(' ')}' ;;`;
  });
  const paths = nodes.filter((node) => node.path !== '').map((node) => `'${node.path}'`);
  return `${zsh ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n' : ''}_tarmac() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' words='' word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in ${paths.join('|')}) path="$next" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
}
complete -o default -o bashdefault -F _tarmac tarmac
`;
}

function fishScript(nodes: readonly Node[]): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap((node) => {
    const names = node.commands.map((command) => command.name).join(' ');
    const seen = node.path
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const condition = [...seen, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ');
    const when = condition === '' ? '' : ` -n ${quote(condition)}`;
    return [
      ...node.commands.map(
        (command) => `complete -c tarmac${when} -f -a ${command.name} -d ${quote(command.description)}`,
      ),
      ...node.flags.map((flag) => {
        const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
        return `complete -c tarmac${when} -l ${flag.long.slice(2)}${short} -d ${quote(flag.description)}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}
