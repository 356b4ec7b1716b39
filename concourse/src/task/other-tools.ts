/**
 * Files of other tools, told by their keys. They may lie where the names of task files point (`ci/tasks/…`), and then
 * get no diagnostics. A row stands for one kind of file; what every kind shares is that nothing of a task is in it.
 */
import type { Outline, OutlineEntry } from '../yaml/outline.ts';
import { didYouMean } from '../text/suggest.ts';

/** A kind of file that is no task. */
export interface OtherTool {
  /** Its name, for messages and tests. */
  readonly name: string;
  /** Keys that stand at its top: each group must be there with one of its keys. */
  readonly keys: readonly (readonly string[])[];
  /** A key that one of its top-level values must have. */
  readonly below?: { readonly of?: string; readonly keys: readonly string[] };
}

/**
 * Kinds that have keys of a task (`inputs`, `image`, `platform`, `run`, `params` …) or may have them beside their own.
 * A mapping without any key of a task needs no row.
 */
export const OTHER_TOOLS: readonly OtherTool[] = [
  { name: 'Kubernetes object', keys: [['apiVersion'], ['kind']] },
  { name: 'Helm chart', keys: [['apiVersion'], ['name'], ['version', 'dependencies', 'appVersion']] },
  { name: 'Drone pipeline', keys: [['kind'], ['type', 'steps', 'services', 'trigger', 'workspace', 'clone']] },
  { name: 'GitHub workflow', keys: [['jobs'], ['on', 'true', 'permissions', 'concurrency', 'env', 'defaults']] },
  { name: 'GitHub workflow', keys: [['jobs']], below: { of: 'jobs', keys: ['runs-on', 'uses', 'steps'] } },
  { name: 'GitHub reusable workflow', keys: [['on'], ['jobs', 'env', 'name']] },
  { name: 'GitHub action', keys: [['runs']], below: { of: 'runs', keys: ['using'] } },
  { name: 'dependabot', keys: [['version'], ['updates']] },
  { name: 'GitLab CI', keys: [['stages', 'include', 'before_script', 'after_script', 'workflow', 'spec']] },
  { name: 'GitLab CI', keys: [], below: { keys: ['script', 'extends', 'stage', 'before_script', 'trigger'] } },
  { name: 'Azure pipeline', keys: [['trigger', 'pr', 'pool', 'steps', 'stages', 'parameters', 'extends', 'strategy']] },
  { name: 'Azure pipeline', keys: [['jobs']], below: { of: 'jobs', keys: ['job', 'template', 'deployment'] } },
  { name: 'Taskfile or Evergreen', keys: [['tasks']] },
  { name: 'Taskfile', keys: [['version'], ['includes', 'vars', 'env', 'dotenv', 'tasks', 'output']] },
  { name: 'Evergreen', keys: [['functions', 'buildvariants', 'command_type', 'task_groups', 'exec_timeout_secs']] },
  { name: 'Compose', keys: [['services']] },
  {
    name: 'Compose',
    keys: [
      ['networks', 'volumes', 'configs', 'secrets'],
      ['version', 'name', 'networks'],
    ],
  },
  {
    name: 'CircleCI',
    keys: [
      ['version', 'setup'],
      ['orbs', 'workflows', 'commands', 'executors', 'jobs'],
    ],
  },
  { name: 'CircleCI', keys: [['docker', 'machine', 'macos', 'executor', 'steps', 'usage']] },
  { name: 'Woodpecker', keys: [['steps', 'pipeline', 'when', 'matrix', 'clone', 'depends_on']] },
  { name: 'Buildkite', keys: [['steps', 'agents', 'notify']] },
  { name: 'Bitbucket Pipelines', keys: [['pipelines', 'definitions', 'clone']] },
  { name: 'Travis CI', keys: [['language', 'script', 'install', 'before_install', 'before_script', 'matrix', 'dist']] },
  {
    name: 'AppVeyor',
    keys: [
      ['build_script', 'test_script', 'environment', 'before_build'],
      ['image', 'platform', 'version', 'build_script'],
    ],
  },
  {
    name: 'Cirrus CI',
    keys: [
      ['container', 'env'],
      ['task', 'script'],
    ],
  },
  { name: 'Semaphore', keys: [['version'], ['blocks', 'agent', 'global_job_config', 'promotions']] },
  { name: 'AWS CodeBuild', keys: [['version'], ['phases', 'artifacts', 'proxy']] },
  { name: 'Google Cloud Build', keys: [['steps', 'substitutions', 'availableSecrets']] },
  { name: 'CloudFormation', keys: [['AWSTemplateFormatVersion', 'Resources', 'Transform']] },
  {
    name: 'cloud-init',
    keys: [['runcmd', 'write_files', 'bootcmd', 'packages', 'ssh_authorized_keys', 'cloud_final_modules']],
  },
  { name: 'OpenAPI', keys: [['openapi', 'swagger', 'asyncapi']] },
  { name: 'MkDocs', keys: [['site_name']] },
  { name: 'pre-commit', keys: [['repos']] },
  { name: 'golangci-lint', keys: [['linters', 'linters-settings', 'issues']] },
  { name: 'GoReleaser', keys: [['builds', 'archives', 'dockers', 'nfpms', 'project_name']] },
  { name: 'docker bake', keys: [['target'], ['group', 'variable', 'function']] },
  { name: 'Ansible', keys: [['hosts', 'roles', 'handlers', 'galaxy_info', 'collections', 'provisioner']] },
  { name: 'Pulumi or Serverless', keys: [['runtime', 'provider', 'functions']] },
  { name: 'BOSH', keys: [['instance_groups', 'stemcells', 'releases', 'addons', 'templates']] },
  { name: 'Cloud Foundry', keys: [['applications', 'product-properties', 'product-name']] },
  { name: 'Tekton', keys: [['spec'], ['metadata', 'kind', 'apiVersion']] },
];

/** What a mapping shows of a task: something that only tasks have, a key that says what it is, keys that others have, too. */
export type TaskEvidence = 'sure' | 'core' | 'side' | 'none';

/** Keys that say what a task is. */
const CORE = ['platform', 'image_resource', 'rootfs_uri'];
/** Keys that other files have, too. */
const SIDE = ['inputs', 'outputs', 'caches', 'params', 'container_limits', 'sidecars'];
const COMMAND = ['path', 'args', 'dir', 'user'];

/** How much of a task a text shows: its keys, also misspelled ones and in other letter case. */
export function taskEvidence({ root, keys }: Outline): TaskEvidence {
  if (root !== 'map') return 'none';
  if (isSurelyTask(keys)) return 'sure';
  let side = 0;
  let other = 0;
  for (const [key, entry] of keys) {
    if (isCore(key, entry)) return 'core';
    if (isSide(key, entry)) side += 1;
    else if (key !== '<<') other += 1;
  }
  if (keys.has('path') && keys.has('args')) return 'core';
  return side > 0 && side >= other ? 'side' : 'none';
}

function isSurelyTask(keys: ReadonlyMap<string, OutlineEntry>): boolean {
  if (keys.has('image_resource') || keys.has('rootfs_uri')) return true;
  if (keys.get('run')?.children.has('path') === true) return true;
  return /^["']?(?:linux|darwin|windows|\(\(.*\)\))["']?$/u.test(keys.get('platform')?.rest ?? '');
}

function isCore(key: string, entry: OutlineEntry): boolean {
  const { children, rest, list } = entry;
  // A task that stands one level too deep, or in a key that holds anchors.
  if (children.has('image_resource') || (children.has('platform') && children.has('run'))) return true;
  if (/^(?:run|rum|rnu|urn|runn|rn|ru|ran|runs|command|cmd|exec)$/iu.test(key)) return isCommand(entry);
  if (children.has('path') && children.has('args')) return true;
  if (key === 'image') return rest.startsWith('docker://');
  if (key.length < 5) return false;
  const meant = didYouMean(key, CORE);
  if (meant !== 'platform') return meant !== undefined;
  return rest !== '' && (!list || key === 'platform') && children.size === 0 && !rest.includes('/');
}

/** What stands below `run`, or will. */
function isCommand({ children, list, rest }: OutlineEntry): boolean {
  if (list) return false;
  if (children.size === 0) return true;
  return rest.startsWith('*') || [...children.keys()].some((child) => didYouMean(child, COMMAND) !== undefined);
}

function isSide(key: string, { rest, list, children }: OutlineEntry): boolean {
  if (SIDE.includes(key.toLowerCase())) return true;
  const filled = list || children.size > 0 || rest === '';
  return key.length >= 5 && filled && didYouMean(key, SIDE) !== undefined;
}

/** The row that a mapping is of; undefined for none. A key of a task outweighs a row that is a single word. */
export function otherTool(outline: Outline): OtherTool | undefined {
  const { root, keys } = outline;
  const evidence = taskEvidence(outline);
  if (root !== 'map' || evidence === 'sure') return undefined;
  return OTHER_TOOLS.find(({ keys: groups, below }) => {
    if (evidence === 'core' && groups.length < 2 && !below) return false;
    if (!groups.every((group) => group.some((key) => keys.has(key)))) return false;
    if (!below) return true;
    const holders =
      below.of === undefined
        ? [...keys].filter(([key]) => !SIDE.includes(key)).map(([, holder]) => holder)
        : [keys.get(below.of)];
    return holders.some((holder) => holder && below.keys.some((key) => holder.children.has(key)));
  });
}

/**
 * True for a file that is surely no task: it has nothing of a task, and it is a list of mappings (a task never is), of a
 * known kind, or a mapping of values.
 */
export function isOthers(outline: Outline): boolean {
  const { root, keys, items } = outline;
  if (root === 'none') return false;
  if (root === 'list') {
    // A task that somebody began with a dash is still one.
    const task = items.length === 1 && isSurelyTask(keys);
    return !task && items.some((key) => key !== '');
  }
  if (otherTool(outline)) return true;
  // A key without anything behind it may be the first of a task in the making.
  const filled = [...keys.values()].some(({ rest, children, list }) => rest !== '' || list || children.size > 0);
  return filled && taskEvidence(outline) === 'none';
}
