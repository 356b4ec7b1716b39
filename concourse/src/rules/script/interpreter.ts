/** The rule about interpreters that an image does not have. */
import type { ImageResource } from '../../task/config.ts';
import { nodeAt } from '../../yaml/lookup.ts';
import { baseName, shellCommand } from '../../script/command.ts';
import { readShebang } from '../../script/facts.ts';
import { scriptFile } from '../../script/script-file.ts';
import type { Rule } from '../rule.ts';
import { entryAt } from '../tree.ts';

/** Programs that run scripts. */
const INTERPRETERS = ['bash', 'zsh', 'ksh', 'python', 'python2', 'python3', 'perl', 'node', 'ruby', 'php'];

/** What images do not bring along: Docker's official images, as their Dockerfiles and packages say. */
const LACKING: Readonly<Record<string, readonly string[]>> = {
  alpine: INTERPRETERS,
  busybox: INTERPRETERS,
  debian: ['zsh', 'ksh', 'python', 'python2', 'python3', 'node', 'ruby', 'php'],
  ubuntu: ['zsh', 'ksh', 'python', 'python2', 'python3', 'node', 'ruby', 'php'],
};

/** Official images whose `-alpine` tags have BusyBox's shell only. */
const ALPINE_VARIANTS: ReadonlySet<string> = new Set(['golang', 'node', 'python', 'ruby']);

/** Places where Docker's official images are found. */
const OFFICIAL =
  /^(?:(?:(?:index\.|registry-1\.)?docker\.io\/|mirror\.gcr\.io\/)?(?:library\/)?|public\.ecr\.aws\/docker\/library\/)([a-z]+)$/;

/** Programs that an image lacks for sure; none where that is not known. */
function lackingIn({ type, source }: ImageResource): { readonly image: string; readonly programs: readonly string[] } {
  const none = { image: '', programs: [] };
  if ((type !== 'registry-image' && type !== 'docker-image') || !source) return none;
  const { repository, tag, variant } = source;
  if (typeof repository !== 'string') return none;
  const name = OFFICIAL.exec(repository)?.[1];
  if (name === undefined) return none;
  const written = [tag, variant].filter((part) => typeof part === 'string').join('-');
  const image = written === '' ? name : `${name}:${written}`;
  if (Object.hasOwn(LACKING, name)) return { image, programs: LACKING[name] ?? [] };
  return ALPINE_VARIANTS.has(name) && /(?:^|-)alpine/.test(written)
    ? { image, programs: ['bash', 'zsh', 'ksh'] }
    : none;
}

/** Interpreters and images. */
export const INTERPRETER_RULES: readonly Rule[] = [
  {
    id: 'interpreter-missing',
    group: 'script',
    severity: 'information',
    title: 'The image does not have the interpreter of the script',
    documentation:
      'Alpine and BusyBox images have a plain `sh` and no `bash`; Alpine, BusyBox, Debian and Ubuntu images have no Python, Node.js or Ruby. The program that starts the task, or that the `#!` line of its script names, must be in the image before any command of the script can install it. Only Docker’s official images are looked at.\n\nSource: [Docker official images](https://github.com/docker-library/official-images).',
    example:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: alpine, tag: "3.22"}\nrun:\n  path: bash\n  args: [-c, echo hello]\n',
    fixable: true,
    check({ document, environment, report }) {
      const { image_resource: resource, run } = document.config;
      if (!resource) return;
      const { image, programs } = lackingIn(resource);
      if (programs.length === 0) return;
      const other = (program: string): string =>
        ['bash', 'zsh', 'ksh'].includes(program) ? 'Use sh, or an image that has it.' : 'Use an image that has it.';
      const related = entryAt(document.root, 'image_resource', 'source', 'repository')?.value.range;
      const data = (path: readonly (string | number)[]) => ({ data: { path, related } });
      const program = baseName(run.path);
      const node = nodeAt(document.root, ['run', 'path']);
      const inSystem = !run.path.includes('/') || /^\/(?:usr\/)?bin\/[^/]+$/.test(run.path);
      if (node && inSystem && programs.includes(program)) {
        const message = `The image ${image} has no ${program}. ${other(program)}`;
        report(node.range, message, data(['run', 'path']));
        return;
      }
      if (shellCommand(run)) return;
      const file = scriptFile(document, environment);
      const shebang = file && readShebang(file.text);
      if (!file || !shebang || !programs.includes(shebang.interpreter)) return;
      // A program that lies in an input or in a place of its own may well be there.
      if (!/^\/(?:usr\/)?bin\/[^/]+$/.test(shebang.path)) return;
      const named = nodeAt(document.root, file.named);
      const message = `'${file.written}' is run by ${shebang.interpreter}, which the image ${image} does not have. ${other(shebang.interpreter)}`;
      if (named) report(named.range, message, data(file.named));
    },
  },
];
