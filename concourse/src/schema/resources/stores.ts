/** The resource types s3 and github-release. Sources: their READMEs, concourse/s3-resource and concourse/github-release-resource. */
import { S3_STORAGE, type ResourceFacts } from './type.ts';

/** The resource type s3. */
export const S3: ResourceFacts = {
  page: 'https://github.com/concourse/s3-resource',
  summary: 'Files of an S3 bucket.',
  source: [
    { key: 'bucket', required: true, text: true, documentation: 'Name of the bucket.' },
    {
      key: 'regexp',
      text: true,
      documentation: 'Path with a group that is the version, e.g. `app-(.*).tgz`. This or `versioned_file`.',
    },
    { key: 'versioned_file', text: true, documentation: 'Path of one file, in a bucket with versioning.' },
    { key: 'access_key_id', text: true, documentation: 'AWS access key.' },
    { key: 'secret_access_key', text: true, documentation: 'AWS secret key; use a ((var)).' },
    { key: 'session_token', text: true, documentation: 'AWS session token; use a ((var)).' },
    { key: 'aws_role_arn', text: true, documentation: 'Role to assume.' },
    {
      key: 'enable_aws_creds_provider',
      boolean: true,
      documentation: 'Take the default credentials of the AWS SDK, such as those of the worker.',
    },
    { key: 'region_name', text: true, documentation: 'Region of the bucket. Default us-east-1.' },
    { key: 'private', boolean: true, documentation: 'The bucket is private: URLs are signed.' },
    { key: 'endpoint', text: true, documentation: 'Address of another store that speaks S3.' },
    { key: 'disable_ssl', boolean: true, documentation: 'Talk HTTP to the endpoint.' },
    { key: 'skip_ssl_verification', boolean: true, documentation: 'Do not verify its certificate.' },
    { key: 'ca_bundle', text: true, documentation: 'PEM certificates for it.' },
    { key: 'skip_download', boolean: true, documentation: 'Do not download the file.' },
    ...S3_STORAGE,
    { key: 'sse_kms_key_id', text: true, documentation: 'Key of KMS.' },
    { key: 'disable_multipart', boolean: true, documentation: 'No uploads in parts.' },
    { key: 'use_path_style', boolean: true, documentation: 'Path-style addresses.' },
    { key: 'initial_path', text: true, documentation: 'With `regexp`: path of a first version that is not there.' },
    { key: 'initial_version', text: true, documentation: 'With `versioned_file`: first version that is not there.' },
    { key: 'initial_content_text', text: true, documentation: 'Its content.' },
    { key: 'initial_content_binary', text: true, documentation: 'Its content in Base64.' },
    {
      key: 'cloudfront_url',
      text: true,
      documentation: 'CloudFront distribution before the bucket.',
      deprecated: 'Use `endpoint`.',
    },
  ],
  version: [
    { key: 'path', text: true, documentation: 'Path of the file, with `regexp`.' },
    { key: 'version_id', text: true, documentation: 'Version of the object, with `versioned_file`.' },
  ],
  get: [
    { key: 'unpack', boolean: true, documentation: 'Unpack an archive.' },
    { key: 'skip_download', boolean: true, documentation: 'Do not download the file.' },
    { key: 'download_tags', boolean: true, documentation: 'Leave `tags.json`.' },
  ],
  put: [
    { key: 'file', required: true, text: true, documentation: 'File to upload; a glob must match one file.' },
    { key: 'acl', text: true, documentation: 'Canned ACL of the object.' },
    { key: 'content_type', text: true, documentation: 'MIME type of the object.' },
  ],
  files: [
    { value: 'version', documentation: 'The version in the name of the file.' },
    { value: 'url', documentation: 'Address of the object.' },
    { value: 's3_uri', documentation: 'Its `s3://` address.' },
  ],
};

/** The resource type github-release. */
export const GITHUB_RELEASE: ResourceFacts = {
  page: 'https://github.com/concourse/github-release-resource',
  summary: 'Releases of a GitHub repository.',
  source: [
    { key: 'owner', required: true, text: true, documentation: 'User or organization.' },
    { key: 'repository', required: true, text: true, documentation: 'Repository.' },
    { key: 'access_token', text: true, documentation: 'Token; needed for a put. Use a ((var)).' },
    { key: 'release', boolean: true, documentation: 'Final releases. Default true.' },
    { key: 'pre_release', boolean: true, documentation: 'Pre-releases. Default false.' },
    { key: 'drafts', boolean: true, documentation: 'Drafts only. Default false.' },
    { key: 'semver_constraint', text: true, documentation: 'Range of versions, e.g. `~1.2.x`.' },
    { key: 'tag_filter', text: true, documentation: 'Regular expression for tags; a group is the version.' },
    {
      key: 'order_by',
      text: true,
      documentation: 'Order of releases.',
      values: [
        { value: 'version', documentation: 'By version (default).' },
        { value: 'time', documentation: 'By time.' },
      ],
    },
    { key: 'asset_dir', boolean: true, documentation: 'Assets go into a folder `assets`.' },
    { key: 'github_api_url', text: true, documentation: 'API of another GitHub.' },
    { key: 'github_v4_api_url', text: true, documentation: 'GraphQL API of another GitHub.' },
    { key: 'github_uploads_url', text: true, documentation: 'Address for uploads of another GitHub.' },
    { key: 'insecure', boolean: true, documentation: 'Do not verify its certificate.' },
  ],
  version: [
    { key: 'tag', text: true, documentation: 'Tag of the release.' },
    { key: 'id', text: true, documentation: 'Id of the release.' },
    { key: 'timestamp', text: true, documentation: 'Time of the release.' },
  ],
  get: [
    { key: 'globs', list: true, documentation: 'Assets to download. Default: all.' },
    { key: 'include_source_tarball', boolean: true, documentation: 'Leave `source.tar.gz`.' },
    { key: 'include_source_zip', boolean: true, documentation: 'Leave `source.zip`.' },
  ],
  put: [
    { key: 'name', required: true, text: true, documentation: 'File with the name of the release.' },
    { key: 'tag', required: true, text: true, documentation: 'File with the tag.' },
    { key: 'tag_prefix', text: true, documentation: 'Text before the tag of the file.' },
    { key: 'body', text: true, documentation: 'File with the description.' },
    { key: 'commitish', text: true, documentation: 'File with the commit, tag or branch of the release.' },
    { key: 'globs', list: true, documentation: 'Files to upload.' },
    { key: 'generate_release_notes', boolean: true, documentation: 'Let GitHub write notes.' },
  ],
  files: [
    { value: 'version', documentation: 'The version in the tag.' },
    { value: 'tag', documentation: 'The tag.' },
    { value: 'body', documentation: 'The description.' },
    { value: 'timestamp', documentation: 'When it was published.' },
    { value: 'commit_sha', documentation: 'The commit of the tag.' },
    { value: 'url', documentation: 'Its page.' },
  ],
};
