/** What Concourse checks of a task as a whole (concourse/concourse atc/task.go, `TaskConfig.Validate`). */
import { entryOf, firstKeyRange } from '../yaml/lookup.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import { pathText } from '../text/path-text.ts';
import type { Problems } from '../text/problem.ts';
import type { Target, TaskConfig } from '../task/config.ts';
import { isSingleVar } from '../vars/vars.ts';

/** What the validation looks at. */
export interface Validated {
  readonly config: TaskConfig;
  /** The tree that the configuration was decoded from. */
  readonly root: TaskNode;
  /** Paths of keys that are there but misspelled: they have been reported as such. */
  readonly misspelled: ReadonlySet<string>;
  readonly target: Target;
  /** Variables that are left stand for a value of any shape. */
  readonly templated: boolean;
}

function isVariable(node: TaskNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && isSingleVar(node.value);
}

/** Adds an error for everything that upstream's validation rejects. */
export function validateTask(validated: Validated, problems: Problems): void {
  const { config, root, misspelled, target, templated } = validated;
  // What is there in a wrong shape, or under a misspelled key, has been reported as that; of a variable nobody knows yet.
  const wrong = (...nodes: readonly (TaskNode | undefined)[]): boolean =>
    nodes.some((node) => node !== undefined && (problems.hasError(node.range) || (templated && isVariable(node))));
  // Of a file that is no mapping at all, that has been said.
  const noTask = !(root.kind === 'map' || (root.kind === 'scalar' && root.value === null));
  const platform = entryOf(root, 'platform');
  if ((config.platform ?? '') === '' && !noTask && !misspelled.has('platform') && !wrong(platform?.value)) {
    const written = platform && platform.value.range.end > platform.value.range.start;
    problems.add(
      'error',
      'missing-platform',
      written ? platform.value.range : (platform?.key.range ?? firstKeyRange(root)),
      "Concourse rejects a task without a platform (missing 'platform'). Add 'platform: linux'.",
      { path: ['platform'], key: 'platform', suggestion: 'platform: linux' },
    );
  }
  if (target === '5.5' && config.run.path === '' && !noTask && !misspelled.has('run') && !misspelled.has('run.path')) {
    const run = entryOf(root, 'run');
    const path = run && entryOf(run.value, 'path');
    if (!wrong(run?.value, path?.value)) {
      problems.add(
        'error',
        'missing-run-path',
        path?.key.range ?? run?.key.range ?? firstKeyRange(root),
        "Concourse before 8.0 rejects a task without 'run.path' (missing path to executable to run). Name the executable.",
        { path: ['run', 'path'], key: 'path' },
      );
    }
  }
  for (const kind of ['input', 'output'] as const) {
    const list = entryOf(root, `${kind}s`)?.value;
    config[`${kind}s`]?.forEach((item, position) => {
      const path = [`${kind}s`, position, 'name'];
      if (item.name !== '' || misspelled.has(pathText(path))) return;
      const node = list?.kind === 'list' ? list.items[position] : undefined;
      const name = node === undefined ? undefined : entryOf(node, 'name');
      if (wrong(node, name?.value)) return;
      problems.add(
        'error',
        'missing-name',
        name?.key.range ?? (node && firstKeyRange(node)) ?? firstKeyRange(root),
        `Concourse rejects an ${kind} without a name (${kind} in position ${position} is missing a name). Add 'name:'.`,
        { path, key: 'name' },
      );
    });
  }
}
