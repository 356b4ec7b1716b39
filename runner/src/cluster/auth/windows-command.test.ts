import { describe, expect, test } from 'vitest';
import { windowsCommand } from './windows-command.ts';

const env = { Path: 'C:\\tools;C:\\Program Files\\az', PATHEXT: '.EXE;.CMD', ComSpec: 'C:\\cmd.exe' };
const installed = ['C:\\tools\\aws.EXE', 'C:\\Program Files\\az\\az.CMD', 'C:\\team\\login.cmd'];
const exists = (path: string) => installed.some((each) => each.toLowerCase() === path.toLowerCase());

describe('a program on Windows', () => {
  test('is found through PATH and PATHEXT', () => {
    expect(windowsCommand('aws', ['eks'], env, exists)).toEqual({
      file: 'C:\\tools\\aws.EXE',
      args: ['eks'],
      windowsVerbatimArguments: false,
    });
  });

  test('that is a batch file goes through cmd.exe, with nothing left to interpret', () => {
    const args = ['get-token', 'a b', 'x&calc', '%PATH%', 'say "hi"', 'end\\'];
    expect(windowsCommand('az', args, env, exists)).toEqual({
      file: 'C:\\cmd.exe',
      args: [
        '/d',
        '/s',
        '/c',
        [
          '"C:\\Program^ Files\\az\\az.CMD',
          '^^^"get-token^^^"',
          '^^^"a^^^ b^^^"',
          '^^^"x^^^&calc^^^"',
          '^^^"^^^%PATH^^^%^^^"',
          '^^^"say^^^ \\^^^"hi\\^^^"^^^"',
          '^^^"end\\\\^^^""',
        ].join(' '),
      ],
      windowsVerbatimArguments: true,
    });
  });

  test.each([
    ['a path is taken as it is, with an extension added', 'C:\\team\\login', true],
    ['a complete path too', 'C:\\team\\login.cmd', true],
    ['what is nowhere is not found', 'kubelogin', false],
  ])('%s', (_, command, found) => {
    expect(windowsCommand(command, [], env, exists) !== undefined).toBe(found);
  });
});
