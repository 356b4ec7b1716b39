import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { FakeIo, fakeServices, tarmac } from './testing/doubles.ts';

async function script(shell: string): Promise<string> {
  const io = new FakeIo();
  expect(await tarmac(['completion', shell], fakeServices(), io)).toBe(0);
  return io.stdout.text;
}

describe('bash', () => {
  it.each([
    ['tarmac ex', ['execute']],
    ['tarmac store ', ['init', 'status', 'prune']],
    ['tarmac store prune --ol', ['--older-than']],
    ['tarmac execute -c x --no', ['--no-color', '--no-claim']],
  ])('completes %j', async (line, expected) => {
    const words = line.split(' ');
    const test = `${await script('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_tarmac; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', test], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const offered = stdout.trim().split('\n');
    expect(offered.filter((word) => !['--help', '--json'].includes(word) || expected.includes(word))).toEqual(
      expect.arrayContaining(expected),
    );
    expect(offered.every((word) => word.startsWith(words.at(-1) ?? ''))).toBe(true);
  });
});

it('zsh reads the script of bash', async () => {
  expect(await script('zsh')).toMatch(/^autoload -U \+X compinit && compinit\nautoload -U \+X bashcompinit/u);
});

it('fish gets a line for each command and flag', async () => {
  const text = await script('fish');
  expect(text).toContain("complete -c tarmac -n 'not __fish_seen_subcommand_from validate execute");
  expect(text).toMatch(/-n '__fish_seen_subcommand_from store; and __fish_seen_subcommand_from prune' -l older-than/u);
  expect(text).toMatch(/-n '__fish_seen_subcommand_from execute' -l config -s c -d/u);
});
