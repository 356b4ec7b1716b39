/**
 * The resource types registry-image and docker-image. Sources: their READMEs, concourse/registry-image-resource and
 * concourse/docker-image-resource. What stands in their `source` is in `schema/image.ts`: tasks have it, too.
 */
import { IMAGE_PARAM_KEYS, IMAGE_SOURCE_KEYS, IMAGE_VERSION_KEYS } from '../image.ts';
import type { ResourceFacts } from './type.ts';

const IDENTITY = [
  { value: 'repository', documentation: 'Name of the image.' },
  { value: 'tag', documentation: 'Its tag.' },
  { value: 'digest', documentation: 'Its digest.' },
];

/** The resource type registry-image. */
export const REGISTRY_IMAGE: ResourceFacts = {
  page: 'https://github.com/concourse/registry-image-resource',
  summary: 'Images of a registry.',
  source: IMAGE_SOURCE_KEYS['registry-image'] ?? [],
  version: IMAGE_VERSION_KEYS,
  get: IMAGE_PARAM_KEYS,
  put: [
    {
      key: 'image',
      required: true,
      text: true,
      documentation:
        'Image to push: a tarball such as `image/image.tar`, or a folder with an OCI layout. May be a glob.',
    },
    { key: 'version', text: true, documentation: 'Version number to use as a tag.' },
    {
      key: 'bump_aliases',
      boolean: true,
      documentation: 'With `version`: also push `1.2`, `1` and `latest` where this is the newest.',
    },
    { key: 'additional_tags', text: true, documentation: 'File with more tags, separated by white space.' },
    { key: 'tag_prefix', text: true, documentation: 'Text before the tags of `additional_tags`.' },
  ],
  files: [
    ...IDENTITY,
    { value: 'rootfs', documentation: 'The file system of the image (format rootfs).' },
    { value: 'metadata.json', documentation: 'Environment and user of the image (format rootfs).' },
    { value: 'labels.json', documentation: 'Labels of the image.' },
    { value: 'image.tar', documentation: 'The image as a tarball (format oci).' },
    { value: 'oci', documentation: 'The image as a folder (format oci-layout).' },
  ],
};

/** The resource type docker-image. */
export const DOCKER_IMAGE: ResourceFacts = {
  page: 'https://github.com/concourse/docker-image-resource',
  summary: 'Images of a registry, built by Docker. Its maintainers recommend `registry-image` instead.',
  source: IMAGE_SOURCE_KEYS['docker-image'] ?? [],
  version: [{ key: 'digest', required: true, text: true, documentation: 'Digest of the image.' }],
  get: [
    { key: 'save', boolean: true, documentation: 'Leave the image as docker save writes it.' },
    { key: 'rootfs', boolean: true, documentation: 'Leave `rootfs.tar`.' },
    { key: 'skip_download', boolean: true, documentation: 'Do not pull the image.' },
  ],
  put: [
    { key: 'build', text: true, documentation: 'Folder with the Dockerfile to build.' },
    { key: 'dockerfile', text: true, documentation: 'The Dockerfile, when it lies elsewhere.' },
    { key: 'target_name', text: true, documentation: 'Stage of the Dockerfile to build.' },
    { key: 'build_args', documentation: 'Build arguments.' },
    { key: 'build_args_file', text: true, documentation: 'JSON file with build arguments.' },
    { key: 'secrets', documentation: 'Build secrets.' },
    { key: 'docker_buildkit', documentation: '`1`: build with BuildKit.' },
    { key: 'tag_file', text: true, documentation: 'File with the tag.' },
    { key: 'tag_prefix', text: true, documentation: 'Text before the tag of the file.' },
    { key: 'tag_as_latest', boolean: true, documentation: 'Also push as `latest`.' },
    { key: 'additional_tags', text: true, documentation: 'File with more tags, separated by white space.' },
    { key: 'cache', boolean: true, documentation: 'Pull the image first, for its layers.' },
    { key: 'cache_tag', text: true, documentation: 'Tag to pull for `cache`.' },
    { key: 'cache_from', list: true, documentation: 'Folders of images to take layers from.' },
    { key: 'load', text: true, documentation: 'Folder of an image that was fetched with `save: true`.' },
    { key: 'load_base', text: true, documentation: 'Folder of an image to load before the build.' },
    { key: 'load_bases', list: true, documentation: 'Folders of images to load before the build.' },
    { key: 'load_file', text: true, documentation: 'Image file to load and push; needs `load_repository`.' },
    { key: 'load_repository', text: true, documentation: 'Repository of the image in `load_file`.' },
    { key: 'load_tag', text: true, documentation: 'Its tag. Default `latest`.' },
    { key: 'import_file', text: true, documentation: 'File to import as an image.' },
    { key: 'labels', documentation: 'Labels of the image.' },
    { key: 'labels_file', text: true, documentation: 'JSON file with labels.' },
    { key: 'tag', text: true, documentation: 'File with the tag.', deprecated: 'Use `tag_file`.' },
    {
      key: 'pull_repository',
      text: true,
      documentation: 'Image to pull and push.',
      deprecated: 'Use a get and `load`.',
    },
    { key: 'pull_tag', text: true, documentation: 'Its tag.', deprecated: 'Use a get and `load`.' },
  ],
  files: [
    ...IDENTITY,
    { value: 'image-id', documentation: 'Id of the image.' },
    { value: 'image', documentation: 'The image as docker save writes it (save).' },
    { value: 'rootfs.tar', documentation: 'Its file system (rootfs).' },
    { value: 'metadata.json', documentation: 'Environment and user of the image.' },
    { value: 'docker_inspect.json', documentation: 'What docker inspect says.' },
  ],
};
