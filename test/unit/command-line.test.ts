import { expect, test } from 'vitest';
import { commandInPath, decodeTask } from '#concourse';
import { fixtureEnvironment } from '../golden/fixture.ts';

const files = [{ path: 'app/my tool.sh', text: '#!/bin/sh\n', executable: true }];

/** What a `run.path` means beside the file `app/my tool.sh`. */
function meant(path: string) {
  const task = decodeTask(`platform: linux\ninputs: [{name: app}]\nrun: {path: ${JSON.stringify(path)}}\n`);
  return commandInPath(task, fixtureEnvironment(files));
}

test.each([
  ['npm test', 'npm', ['test']],
  ['./app/test.sh --fast', './app/test.sh', ['--fast']],
  [`bash -c "echo \\"$HOME\\" && ls"`, 'bash', ['-c', 'echo "$HOME" && ls']],
  [`grep 'a b' app/x`, 'grep', ['a b', 'app/x']],
  ['/bin/sh app/x.sh', '/bin/sh', ['app/x.sh']],
  ['make ', 'make', []],
])('%s is a program and its words', (path, program, args) => {
  expect(meant(path)).toEqual({ path: program, args, shell: false });
});

test.each([
  'a && b',
  'a | b',
  'a > b',
  'ls app/*.sh',
  'echo $HOME',
  'A=b make',
  'cd app; make',
  'source app/env',
  'a\nb',
  'echo `date`',
])('%s needs a shell', (path) => {
  expect(meant(path)).toEqual({ path: 'sh', args: ['-ec', path], shell: true });
});

test.each(['make', 'app/my tool.sh', './app/my tool.sh', '/opt/My App/run', '((path)) x', ''])(
  '%s is a path',
  (path) => {
    expect(meant(path)).toBeUndefined();
  },
);
