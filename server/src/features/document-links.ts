/** Links: pages of images, local files behind paths of the task, values of `((vars))` in the configured files. */
import type { DocumentLink } from 'vscode-languageserver';
import { decodeTask, nodeAt, type TaskDocument, type TaskNode, type TaskPath, type TextRange } from '#concourse';
import { lspRange, type FeatureRequest } from './facts/feature.ts';
import { imagePage } from './facts/image-page.ts';
import { commandFile, localFiles } from './facts/local-file.ts';
import { pathUses } from './facts/path-uses.ts';
import { fileUri, rangesIn } from './facts/places.ts';
import { pathSteps } from './facts/task-paths.ts';
import { entryNamed } from './facts/vars-file.ts';
import { writtenText } from './facts/written-text.ts';

/** Image types whose source has a `repository` in the grammar of image references. */
const REGISTRY_TYPES: ReadonlySet<string> = new Set(['registry-image', 'docker-image']);

/** A link before its place is an LSP range. */
interface Link {
  readonly range: TextRange;
  readonly target: string;
  readonly tooltip: string;
}

/** All links of a task, in the order of the text; of several at one place the first counts. */
export function documentLinks(request: FeatureRequest): DocumentLink[] {
  const { task } = request;
  const links = new Map<number, Link>();
  for (const link of [...fileLinks(request), ...imageLinks(task), ...varLinks(request)]) {
    if (!links.has(link.range.start)) links.set(link.range.start, link);
  }
  return [...links.values()]
    .sort((a, b) => a.range.start - b.range.start)
    .map(({ range, target, tooltip }) => ({ range: lspRange(task, range), target, tooltip }));
}

function fileLinks(request: FeatureRequest): Link[] {
  const { task } = request;
  const links: Link[] = [];
  const add = (range: TextRange, path: string): void => {
    links.push({ range, target: fileUri(path), tooltip: 'Open the local file' });
  };
  const localFile = localFiles(request);
  for (const { use, reader } of pathUses(task)) {
    const whole = pathSteps(use.text, use.base, reader).at(-1);
    const path = whole && localFile(whole.path);
    const range = use.rangeOf({ start: 0, end: use.text.length });
    if (path !== undefined && task.text.slice(range.start, range.end) === use.text) add(range, path);
  }
  const command = commandFile(request);
  const written = command && writtenText(task, nodeAt(task.root, command.named));
  if (command && written) add(written.range, command.local);
  return links;
}

function imageLinks(task: TaskDocument): Link[] {
  const links: Link[] = [];
  const add = (path: TaskPath, tag?: string, prefix = ''): void => {
    const written = writtenText(task, nodeAt(task.root, path));
    if (!written?.text.startsWith(prefix)) return;
    const target = imagePage(written.text.slice(prefix.length), tag);
    if (target !== undefined) links.push({ range: written.range, target, tooltip: 'Open the page of the image' });
  };
  const type = task.config.image_resource?.type ?? '';
  const source = nodeAt(task.root, ['image_resource', 'source']);
  if (REGISTRY_TYPES.has(type) && source && !isMirrored(source)) {
    const tag = nodeAt(source, ['tag']);
    add(
      ['image_resource', 'source', 'repository'],
      tag?.kind === 'scalar' && !tag.text.includes('((') ? tag.text : undefined,
    );
  }
  add(['rootfs_uri'], undefined, 'docker:///');
  task.sidecars?.forEach((_entry, index) => add(['sidecars', index, 'image']));
  return links;
}

/** With an AWS account, or a mirror, the repository does not name its registry. */
function isMirrored(source: TaskNode): boolean {
  return ['aws_account_id', 'aws_region', 'registry_mirror'].some((key) => nodeAt(source, [key]) !== undefined);
}

function varLinks({ task, environment }: FeatureRequest): Link[] {
  const links: Link[] = [];
  const files = [...(environment.vars?.files ?? [])].reverse().flatMap((path) => {
    const text = task.vars.length > 0 ? environment.files?.read(path) : undefined;
    return text === undefined ? [] : [{ path, root: decodeTask(text).root, toRange: rangesIn(text) }];
  });
  for (const { reference, range } of task.vars) {
    // Files hold static variables only; `((vault:x))` is the server's.
    if (reference?.source !== '') continue;
    for (const { path, root, toRange } of files) {
      const entry = entryNamed(root, reference);
      if (!entry) continue;
      const line = toRange(entry.key.range).start.line + 1;
      links.push({ range, target: `${fileUri(path)}#L${line}`, tooltip: 'Open the value in the vars file' });
      break;
    }
  }
  return links;
}
