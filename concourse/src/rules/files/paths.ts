/** Rules about the directory and the arguments of a task, beside the files that it will find there. */
import { containerPath } from '../../text/container-path.ts';
import { nodeAt } from '../../yaml/lookup.ts';
import { WORK_DIR, effectivePath } from '../../task/paths.ts';
import { shellCommand } from '../../script/command.ts';
import { ContainerPlaces } from '../../script/container-places.ts';
import { didYouMean } from '../../text/suggest.ts';
import { findMissing, scalarInPlace, withEnding } from './local-names.ts';
import type { Rule } from '../rule.ts';
import { entryAt, hasVar, isText, itemsOf } from '../tree.ts';

const RUN = 'Source: [run](https://concourse-ci.org/docs/tasks/).';

/** More arguments than a command that anybody writes. */
const MOST_ARGUMENTS = 500;

/** The path in an argument: the argument itself, or what is behind the `=` of an option. */
function pathIn(argument: string): string | undefined {
  const value = /^--?[\w-]+=(.*)$/s.exec(argument)?.[1] ?? argument;
  return /^[\w.@+,:-]+(?:\/[\w.@+,:-]+)+\/?$/.test(value) && !value.includes('...') && !value.includes('://')
    ? value
    : undefined;
}

/** `run.dir` and `run.args`. */
export const PATH_FILE_RULES: readonly Rule[] = [
  {
    id: 'dir-missing',
    group: 'files',
    severity: 'information',
    title: 'The directory to run in will be empty',
    documentation: `\`run.dir\` starts at the working directory. A directory that does not exist is created, so a misspelled one is not an error: the command starts in an empty directory.\n\n${RUN}`,
    example: 'platform: linux\ninputs: [{name: repo}]\nrun:\n  path: make\n  dir: rep\n',
    fixable: true,
    check({ document, environment, report }) {
      const { dir } = document.config.run;
      const node = nodeAt(document.root, ['run', 'dir']);
      if (dir === undefined || dir === '' || hasVar(dir) || !isText(node)) return;
      const place = new ContainerPlaces(document, environment).at(effectivePath(dir));
      const base = { path: ['run', 'dir'] };
      if (!place.mount) {
        const inputs = (document.config.inputs ?? []).map((input) => input.path ?? input.name);
        if (dir.startsWith('/') || place.path === WORK_DIR) return;
        const [first = '', ...rest] = dir.split('/');
        const meant = didYouMean(first, inputs);
        if (meant === undefined) return;
        const whole = [meant, ...rest].join('/');
        const replacement = JSON.stringify(whole);
        const message = `No input has the path '${first}', so the command starts in an empty directory. Did you mean '${whole}'?`;
        report(node.range, message, { data: { ...base, suggestion: whole, replacement } });
        return;
      }
      const folder = place.mount.kind === 'input' ? environment.inputFolders.get(place.mount.name) : undefined;
      if (!environment.files || !folder || place.rest === '') return;
      const missing = findMissing(environment.files, folder.directory, place.rest);
      if (!missing) return;
      const whole = missing.suggestion === undefined ? undefined : withEnding(dir, place.rest, missing.suggestion);
      const replacement = whole === undefined ? undefined : scalarInPlace(node, whole);
      const advice = whole === undefined ? 'Correct the path if that is not meant.' : `Did you mean '${whole}'?`;
      const message = `There is no '${place.rest}' in ${folder.directory}, the folder of the input '${place.mount.name}': the command starts in an empty directory. ${advice}`;
      report(node.range, message, {
        data: {
          ...base,
          suggestion: whole,
          replacement,
        },
      });
    },
  },
  {
    id: 'argument-file-missing',
    group: 'files',
    severity: 'hint',
    title: 'An argument names a file that is not there',
    documentation: `An argument that begins with the path of an input, without variables and globs, leads to nothing in the local folder of that input: its directory is not there, or a file of a similar name is. Commands create files too, so this is only a hint.\n\n${RUN}`,
    fixable: true,
    check({ document, environment, report }) {
      const { run } = document.config;
      const { files } = environment;
      const command = shellCommand(run);
      const start = effectivePath(run.dir ?? '');
      if (!files || command?.script !== undefined || hasVar(start)) return;
      const places = new ContainerPlaces(document, environment);
      const items = itemsOf(entryAt(document.root, 'run', 'args')?.value).slice(0, MOST_ARGUMENTS);
      items.forEach((node, index) => {
        // The script of a shell is the command itself: script-missing looks at it.
        if (!isText(node) || index === command?.file) return;
        const written = pathIn(node.value);
        const path = written === undefined ? undefined : containerPath(written, start);
        const place = path === undefined ? undefined : places.at(path);
        if (written === undefined || place?.mount?.kind !== 'input' || place.rest === '') return;
        const { mount, rest } = place;
        // Only words that begin with the input's path: inside of the input every word could be a path.
        if (start === mount.path || start.startsWith(`${mount.path}/`)) return;
        const guess = environment.inputFolders.get(mount.name);
        // What is only the likeliest folder proves nothing about the files in it.
        const folder = guess?.reason === 'task-repository' ? undefined : guess;
        const missing = folder && findMissing(files, folder.directory, rest);
        if (!missing || (missing.last && missing.suggestion === undefined)) return;
        const whole = missing.suggestion === undefined ? undefined : withEnding(node.value, rest, missing.suggestion);
        const replacement = whole === undefined ? undefined : scalarInPlace(node, whole);
        const advice =
          missing.suggestion === undefined
            ? 'Correct the path if it should exist.'
            : `Did you mean '${missing.suggestion}'?`;
        const message = `There is no '${rest}' in ${folder.directory}, the folder of the input '${mount.name}'. ${advice}`;
        report(node.range, message, {
          data: {
            path: ['run', 'args', index],
            suggestion: whole,
            replacement,
          },
        });
      });
    },
  },
];
