import { describe, expect, test } from 'vitest';
import { decodeTask } from './document.ts';
import { credentialsServer, parseImageReference } from './image-reference.ts';
import { resolveImage, type ImageOptions } from './image.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function resolve(image: string, options: ImageOptions = {}): ReturnType<typeof resolveImage> {
  return resolveImage(decodeTask(`platform: linux\n${image}\n`).config, options);
}

const registryImage = (source: string, rest = ''): string =>
  `image_resource: {type: registry-image, source: {${source}}${rest}}`;

describe('references', () => {
  test.each([
    ['a repository', registryImage('repository: busybox'), 'busybox', 'docker.io'],
    ['a tag', registryImage('repository: busybox, tag: "1.36"'), 'busybox:1.36', 'docker.io'],
    ['a numeric tag', registryImage('repository: golang, tag: 1.20'), 'golang:1.2', 'docker.io'],
    [
      'a pinned digest',
      registryImage('repository: a/b, tag: x', `, version: {digest: "${DIGEST}"}`),
      `a/b@${DIGEST}`,
      'docker.io',
    ],
    ['a pinned tag', registryImage('repository: a/b', ', version: {tag: "2"}'), 'a/b:2', 'docker.io'],
    [
      'a private registry',
      registryImage('repository: "reg.example.com:5000/a/b"'),
      'reg.example.com:5000/a/b',
      'reg.example.com:5000',
    ],
    ['a variant', registryImage('repository: ruby, variant: alpine'), 'ruby:alpine', 'docker.io'],
    ['docker-image', 'image_resource: {type: docker-image, source: {repository: ruby}}', 'ruby', 'docker.io'],
    ['mock', 'image_resource: {type: mock, source: {mirror_self: true}}', 'concourse/mock-resource', 'docker.io'],
    ['rootfs_uri', 'rootfs_uri: docker:///busybox#1.36', 'busybox:1.36', 'docker.io'],
    ['rootfs_uri with a host', 'rootfs_uri: docker://ghcr.io/a/b', 'ghcr.io/a/b', 'ghcr.io'],
    [
      'ECR',
      registryImage('repository: a, aws_region: eu-west-1, aws_account_id: "123"'),
      '123.dkr.ecr.eu-west-1.amazonaws.com/a',
      '123.dkr.ecr.eu-west-1.amazonaws.com',
    ],
  ])('%s', (_name, image, reference, registry) => {
    expect(resolve(image)).toMatchObject({ reference, registry });
  });

  test('an override wins', () => {
    expect(resolve(registryImage('repository: a'), { override: 'docker://ghcr.io/x/y:1' })).toMatchObject({
      reference: 'ghcr.io/x/y:1',
    });
  });
});

describe('what cannot be resolved says what to do', () => {
  test.each([
    ['', 'names no image'],
    ['image_resource: {type: git, source: {}}', "type 'git' cannot be fetched"],
    ['image_resource: {source: {}}', 'has no type'],
    [registryImage(''), 'has no repository'],
    [registryImage('repository: a, tag_regex: x'), 'source.tag_regex needs the list of all tags'],
    [registryImage('repository: A'), 'must be in lower case'],
    [registryImage('repository: a, tag: ((t))'), 'undefined vars: t'],
    [registryImage('repository: a, aws_region: us-east-1'), 'aws_account_id'],
    ['image_resource: {type: mock, source: {}}', 'mirror_self: true'],
  ])('%s', (image, message) => {
    expect(resolve(image)).toMatchObject({ unresolved: expect.stringContaining(message) as string });
    expect(resolve(image)).toMatchObject({ unresolved: expect.stringContaining('image override') as string });
  });
});

test('credentials name the registry as a Docker credentials file does', () => {
  expect(resolve(registryImage('repository: a/b, username: u, password: p'))).toMatchObject({
    credentials: { server: 'https://index.docker.io/v1/', username: 'u', password: 'p' },
  });
  expect(credentialsServer('ghcr.io')).toBe('ghcr.io');
});

test('a mirror serves only names without a host; the origin is the fallback', () => {
  const mirror = 'registry_mirror: {host: mirror.example.com}';
  expect(resolve(registryImage(`repository: busybox, tag: "1", ${mirror}`))).toMatchObject({
    reference: 'mirror.example.com/library/busybox:1',
    registry: 'mirror.example.com',
    fallbackReference: 'busybox:1',
  });
  expect(resolve(registryImage(`repository: ghcr.io/a/b, ${mirror}`))).toMatchObject({ reference: 'ghcr.io/a/b' });
  expect(resolve(registryImage('repository: a/b'), { mirrors: { 'docker.io': 'm.example.com/hub' } })).toMatchObject({
    reference: 'm.example.com/hub/a/b',
    fallbackReference: 'a/b',
  });
});

test('the architecture is passed on', () => {
  expect(resolve(registryImage('repository: a, platform: {architecture: arm64}'))).toMatchObject({
    architecture: 'arm64',
  });
});

describe('the grammar of references', () => {
  test.each([
    ['busybox', { registry: 'docker.io', repository: 'library/busybox' }],
    ['localhost/a', { registry: 'localhost', repository: 'a' }],
    ['index.docker.io/a', { registry: 'docker.io', repository: 'library/a' }],
    ['h:5000/a:b', { registry: 'h:5000', repository: 'a', tag: 'b' }],
    [`a/b:c@${DIGEST}`, { registry: 'docker.io', repository: 'a/b', tag: 'c', digest: DIGEST }],
  ])('%s', (text, image) => {
    expect(parseImageReference(text)).toMatchObject({ ok: true, image });
  });

  test.each(['', 'a//b', 'a b', '-a', 'a:', 'a:-x', 'a@sha256:12', 'a/B', 'h_x.y/a:', `a:${'t'.repeat(129)}`])(
    '%j is none',
    (text) => {
      expect(parseImageReference(text).ok).toBe(false);
    },
  );
});
