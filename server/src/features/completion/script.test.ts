import { describe, expect, it } from 'vitest';
import { after, labelsAt } from '../testing/completed.ts';
import type { TestSurroundings } from '../testing/marked.ts';

describe('params in scripts', () => {
  const script = (line: string): string =>
    `params:\n  NAME: x\n  TOKEN:\n  not-a-name: y\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      ${line}\n`;
  it.each<[string, string, string, string]>([
    ['plain', 'echo $<*>', 'NAME', 'echo $NAME'],
    ['half typed', 'echo $NA<*>', 'NAME', 'echo $NAME'],
    ['in braces', 'echo ${NA<*>', 'NAME', 'echo ${NAME}'],
    ['in closed braces', 'echo ${<*>}', 'NAME', 'echo ${NAME}'],
    ['in quotes', 'echo "a $<*> b"', 'TOKEN', 'echo "a $TOKEN b"'],
  ])('%s', (_title, line, label, expected) => {
    expect(after(script(line), label)).toBe(script(expected));
  });

  it('offers those that are names in a shell', () => {
    expect(labelsAt(script('echo $<*>'))).toEqual(['NAME', 'TOKEN']);
  });

  it('works in an argument behind -c and while the file does not parse', () => {
    expect(labelsAt('params: {A: 1}\nrun:\n  path: sh\n  args: [-c, "echo $<*>"]')).toEqual(['A']);
    expect(
      labelsAt('params:\n  A: 1\nfoo\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      echo $<*>\n bad: ['),
    ).toEqual(['A']);
    expect(labelsAt('params: {A: 1}\nrun:\n  path: echo\n  args: ["$<*>"]')).toEqual([]);
  });
});

describe('names of params', () => {
  const RUN = 'run:\n  path: sh\n  args:\n    - -c\n    - |\n      A=1\n      echo $A $USER_NAME ${TOKEN} $HOME $?\n';
  it.each<[string, string, string[]]>([
    ['those that the script reads', `params:\n  <*>\n${RUN}`, ['TOKEN', 'USER_NAME']],
    ['without those that are there', `params:\n  TOKEN:\n  <*>\n${RUN}`, ['USER_NAME']],
    ['half typed', `params:\n  TO<*>\n${RUN}`, ['TOKEN', 'USER_NAME']],
    ['no values', `params:\n  A: <*>\n${RUN}`, []],
  ])('%s', (_title, text, labels) => {
    expect(labelsAt(text)).toEqual(labels);
  });

  it('are read from the script file too', () => {
    const surroundings: TestSurroundings = {
      folders: { repo: '/ws' },
      files: { '/ws/x.sh': '#!/bin/sh\necho $NAME\n' },
    };
    const text = 'inputs: [{name: repo}]\nrun: {path: repo/x.sh}\nparams:\n  <*>';
    expect(after(text, 'NAME', surroundings)).toBe(text.replace('<*>', 'NAME:'));
  });
});
