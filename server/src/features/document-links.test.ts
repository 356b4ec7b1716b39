import { describe, expect, test } from 'vitest';
import { documentLinks } from './document-links.ts';
import { imagePage } from './facts/image-page.ts';
import { requested, type TestSurroundings } from './testing/marked.ts';

/** `text → target` of each link. */
function links(text: string, surroundings: TestSurroundings = {}): string[] {
  const request = requested(text, surroundings);
  const lines = text.split('\n');
  return documentLinks(request).map(({ range, target }) => {
    return `${(lines[range.start.line] ?? '').slice(range.start.character, range.end.character)} → ${target ?? ''}`;
  });
}

describe('images', () => {
  const image = (source: string, type = 'registry-image'): string =>
    `image_resource: {type: ${type}, source: {${source}}}`;
  const rows: [string, string, string[]][] = [
    ['an official one', image('repository: busybox'), ['busybox → https://hub.docker.com/_/busybox']],
    [
      'with a tag',
      image('repository: "busybox", tag: "1.36"'),
      ['busybox → https://hub.docker.com/_/busybox/tags?name=1.36'],
    ],
    [
      'of an organisation',
      image('repository: concourse/git'),
      ['concourse/git → https://hub.docker.com/r/concourse/git'],
    ],
    [
      'docker-image',
      image('repository: concourse/git', 'docker-image'),
      ['concourse/git → https://hub.docker.com/r/concourse/git'],
    ],
    ['another type', image('repository: concourse/git', 'git'), []],
    ['behind a variable', image('repository: ((r))'), []],
    [
      'with a tag behind a variable',
      image('repository: busybox, tag: ((t))'),
      ['busybox → https://hub.docker.com/_/busybox'],
    ],
    ['of an AWS account', image('repository: x, aws_region: eu-west-1'), []],
    ['rootfs_uri', 'rootfs_uri: docker:///busybox', ['docker:///busybox → https://hub.docker.com/_/busybox']],
    [
      'a sidecar',
      'sidecars: [{name: db, image: "postgres:16"}]',
      ['postgres:16 → https://hub.docker.com/_/postgres/tags?name=16'],
    ],
  ];
  test.each(rows)('%s', (_name, text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  test.each([
    ['quay.io/org/name:1', 'https://quay.io/repository/org/name'],
    ['quay.io/name', undefined],
    ['ghcr.io/org/team/name', 'https://ghcr.io/org/team/name'],
    ['a/b/c', undefined],
    ['localhost:5000/x', undefined],
    ['No Image', undefined],
  ])('page of %s', (reference, page) => {
    expect(imagePage(reference)).toBe(page);
  });
});

describe('files', () => {
  const surroundings: TestSurroundings = {
    files: { '/ws/repo/ci/unit.sh': '', '/ws/repo/a.yml': '', '/ws/repo/x y#.sh': '' },
    folders: { repo: '/ws/repo' },
  };
  const rows: [string, string, string[]][] = [
    ['run.path', 'run: {path: repo/ci/unit.sh}', ['repo/ci/unit.sh → file:///ws/repo/ci/unit.sh']],
    ['an argument', 'run: {path: cat, args: [--x=repo/a.yml]}', ['repo/a.yml → file:///ws/repo/a.yml']],
    [
      'characters that a URI must escape',
      "run: {path: 'repo/x y#.sh'}",
      ['repo/x y#.sh → file:///ws/repo/x%20y%23.sh'],
    ],
    ['a file for a shell', 'run: {path: sh, dir: repo, args: [a.yml]}', ['a.yml → file:///ws/repo/a.yml']],
    ['no such file, a directory', 'run: {path: repo/none, args: [repo/ci]}', []],
  ];
  test.each(rows)('%s', (_name, text, expected) => {
    expect(links(`inputs: [{name: repo}]\n${text}`, surroundings)).toEqual(expected);
  });

  test('variables, at the line of the file that counts', () => {
    const vars = { '/ws/a.yml': 'x: 1\n\nb: 2\n', '/ws/b.yml': 'x: 3\n' };
    expect(links('a: ((x))((b))((z))((vault:x))', { files: {}, vars })).toEqual([
      '((x)) → file:///ws/b.yml#L1',
      '((b)) → file:///ws/a.yml#L3',
    ]);
  });
});
