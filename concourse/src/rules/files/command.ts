/** Rules about the file that a task starts: whether it is there, and whether Linux can start it. */
import { isWithin } from '../../text/local-path.ts';
import type { FileFact } from '../../task/environment.ts';
import { nodeAt } from '../../yaml/lookup.ts';
import type { ScalarNode } from '../../yaml/nodes.ts';
import { WORK_DIR } from '../../task/paths.ts';
import type { ProblemData } from '../../text/problem.ts';
import { readShebang } from '../../script/facts.ts';
import { startedFile, type StartedFile } from '../../script/script-file.ts';
import { didYouMean } from '../../text/suggest.ts';
import { findMissing, scalarInPlace, withEnding } from './local-names.ts';
import type { Rule, RuleContext } from '../rule.ts';

const RUN = 'Source: [run](https://concourse-ci.org/docs/tasks/).';
const EXECVE = 'Source: [execve(2)](https://man7.org/linux/man-pages/man2/execve.2.html).';

/** The file that the command starts, with the value that names it. */
interface Started extends StartedFile {
  readonly node: ScalarNode;
}

function started({ document, environment }: RuleContext): Started | undefined {
  const file = startedFile(document, environment);
  const node = file && nodeAt(document.root, file.named);
  return file && node?.kind === 'scalar' ? { ...file, node } : undefined;
}

/** A started file that is there. */
function present(context: RuleContext): (Started & { readonly local: string; readonly fact: FileFact }) | undefined {
  const file = started(context);
  if (file?.local === undefined) return undefined;
  const fact = context.environment.files?.stat(file.local);
  return fact && { ...file, local: file.local, fact };
}

/** The text of a started script. */
function textOf(context: RuleContext): (Started & { readonly text: string }) | undefined {
  const file = present(context);
  const text = file?.fact.type === 'file' ? context.environment.files?.read(file.local) : undefined;
  return file && text !== undefined ? { ...file, text } : undefined;
}

/** A directory of the task is written in a way that cannot be read: which directories there are is not known. */
function hasUnreadableDirectory({ document: { root, config } }: RuleContext): boolean {
  return (['inputs', 'outputs', 'caches'] as const).some((key) => {
    const node = nodeAt(root, [key]);
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return false;
    return node.kind !== 'list' || node.items.length !== (config[key]?.length ?? 0);
  });
}

/** A path that no directory of the task holds: the working directory has nothing else in it. */
function reportOutside(context: RuleContext, { written, path, node, named, shell }: Started): void {
  const { config } = context.document;
  const mounts = [...(config.inputs ?? []), ...(config.outputs ?? []), ...(config.caches ?? [])];
  if (mounts.some((mount) => `${mount.path ?? ''}${'name' in mount ? mount.name : ''}`.includes('(('))) return;
  if (!isWithin(path, WORK_DIR) || hasUnreadableDirectory(context)) return;
  if (shell !== undefined && written.trim().includes('\n')) {
    const message = `${shell} takes this text for the name of a file. Put '-c' before it.`;
    context.report({ start: node.range.start, end: node.range.start + 1 }, message, { data: { path: named } });
    return;
  }
  const [first = '', ...rest] = path.slice(WORK_DIR.length + 1).split('/');
  const names = (config.inputs ?? []).map((input) => input.path ?? input.name);
  const meant = didYouMean(first, names);
  const whole = meant === undefined ? undefined : [meant, ...rest].join('/');
  const replacement = whole === undefined || !written.startsWith(`${first}/`) ? undefined : scalarInPlace(node, whole);
  const advice = whole === undefined ? 'Add the input that holds it, or correct the path.' : `Did you mean '${whole}'?`;
  const message = `No input of this task holds '${written}', so it will not be there when the task starts. ${advice}`;
  context.report(node.range, message, { data: dataOf(named, whole, replacement) });
}

function dataOf(
  path: ProblemData['path'],
  suggestion: string | undefined,
  replacement: string | undefined,
): ProblemData {
  return {
    path,
    suggestion,
    replacement,
  };
}

/** The started file and how it can be started. */
export const COMMAND_FILE_RULES: readonly Rule[] = [
  {
    id: 'script-missing',
    group: 'files',
    severity: 'warning',
    title: 'The command is a file that will not be there',
    documentation: `\`run.path\` with a slash, or the file that a shell is given, starts at the working directory. That holds the inputs, the caches and empty outputs, and nothing else. The local folder of the input is the one that a run would send. Correct the path, or add the input.\n\n${RUN}`,
    example: 'platform: linux\ninputs: [{name: repo}]\nrun:\n  path: rep/ci/test.sh\n',
    fixable: true,
    check(context) {
      const file = started(context);
      if (!file) return;
      const { mount, node, written, named } = file;
      if (!mount) {
        if (written.includes('/')) reportOutside(context, file);
        return;
      }
      if (mount.kind === 'output' && file.rest !== '') {
        const message = `'${written}' lies in the output '${mount.name}', which is empty when the task starts. Take the script from an input.`;
        context.report(node.range, message, { data: { path: named } });
        return;
      }
      const { files, inputFolders } = context.environment;
      const folder = mount.kind === 'input' ? inputFolders.get(mount.name) : undefined;
      if (!files || !folder || file.rest === '') return;
      const missing = findMissing(files, folder.directory, file.rest);
      if (!missing) return;
      const whole = missing.suggestion === undefined ? undefined : withEnding(written, file.rest, missing.suggestion);
      const advice = whole === undefined ? 'Correct the path, or create it.' : `Did you mean '${whole}'?`;
      const message = `There is no '${file.rest}' in ${folder.directory}, the folder of the input '${mount.name}'. ${advice}`;
      const replacement = whole === undefined ? undefined : scalarInPlace(node, whole);
      context.report(node.range, message, { data: dataOf(named, whole, replacement) });
    },
  },
  {
    id: 'script-not-a-file',
    group: 'files',
    severity: 'warning',
    title: 'The command is a directory',
    documentation: `\`run.path\` names what is executed; a directory cannot be. To run in a directory set \`run.dir\`.\n\n${RUN}`,
    example: 'platform: linux\ninputs: [{name: repo}]\nrun:\n  path: ./repo\n',
    check(context) {
      const file = started(context);
      if (!file) return;
      const isMount = file.mount !== undefined && file.rest === '';
      const type = isMount ? 'directory' : present(context)?.fact.type;
      if (type === undefined || type === 'file') return;
      const what = type === 'directory' ? 'a directory' : 'no regular file';
      const message = `'${file.written}' is ${what}, which cannot be run. Name the script itself; the directory to run in is run.dir.`;
      context.report(file.node.range, message, { data: { path: file.named } });
    },
  },
  {
    id: 'script-not-executable',
    group: 'files',
    severity: 'warning',
    title: 'The command is a file that is not executable',
    documentation: `A file that \`run.path\` names is started by the kernel, which asks for the executable bit; Concourse then says \`permission denied\`. Run \`chmod +x\` on it, and \`git update-index --chmod=+x\` so that the pipeline sees it too; or start it with \`path: sh\` and the file as argument.\n\n${EXECVE}`,
    fixable: true,
    check(context) {
      const file = present(context);
      if (!file || file.shell !== undefined || file.fact.type !== 'file' || file.fact.executable) return;
      const message = `'${file.written}' is not executable, so it cannot be started. Run 'chmod +x ${file.rest}' in the folder of the input, and commit that.`;
      context.report(file.node.range, message, { data: { path: file.named } });
    },
  },
  {
    id: 'script-crlf',
    group: 'files',
    severity: 'warning',
    title: 'A script with CR LF line endings',
    documentation: `The kernel takes everything behind \`#!\` up to the line feed for the interpreter, so it looks for \`/bin/sh\\r\` and says \`no such file or directory\`. A shell that is given such a file takes the carriage return as part of each command. Save the file with LF line endings; \`*.sh text eol=lf\` in .gitattributes keeps it so.\n\n${EXECVE}`,
    fixable: true,
    check(context) {
      const file = textOf(context);
      if (!file) return;
      const shebang = readShebang(file.text);
      const found = file.shell === undefined ? shebang?.carriageReturn === true : /^[^\n]{0,10000}\r\n/.test(file.text);
      if (!found) return;
      const effect =
        file.shell === undefined
          ? 'Linux looks for an interpreter whose name ends with a carriage return'
          : `${file.shell} takes the carriage return as part of each command`;
      const message = `'${file.written}' has CR LF line endings, so ${effect}. Save it with LF line endings.`;
      context.report(file.node.range, message, { data: { path: file.named } });
    },
  },
  {
    id: 'script-no-shebang',
    group: 'files',
    severity: 'warning',
    title: 'A script without #!',
    documentation: `The kernel reads from the first line of a script what is to run it. Without \`#!\` it says \`exec format error\`; only a shell, which Concourse does not put in between, would try to read the file itself. Begin the file with \`#!/bin/sh\` or the like.\n\n${EXECVE}`,
    fixable: true,
    check(context) {
      const file = textOf(context);
      if (!file || file.shell !== undefined || file.text.startsWith('#!')) return;
      const why = file.text.startsWith('\ufeff#!')
        ? 'begins with a byte order mark in front of its #!'
        : "does not begin with '#!'";
      const message = `'${file.written}' ${why}, so Linux cannot tell what runs it (exec format error). Let its first line be '#!/bin/sh', without anything before.`;
      context.report(file.node.range, message, { data: { path: file.named } });
    },
  },
];
