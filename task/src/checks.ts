/** What holds for a task as a whole: upstream's validation, and advice about what it lets pass. */
import type { TaskNode } from './nodes.ts';
import type { Problems } from './problem.ts';
import type { Target, TaskConfig } from './task-config.ts';
import { adviseTask } from './advice.ts';
import { entryOf, firstKeyRange } from './lookup.ts';

/** Upstream's `TaskConfig.Validate`. */
function validate(config: TaskConfig, root: TaskNode, problems: Problems, target: Target): void {
  if ((config.platform ?? '') === '') {
    const entry = entryOf(root, 'platform');
    problems.add(
      'error',
      'missing-platform',
      entry
        ? entry.value.range.end > entry.value.range.start
          ? entry.value.range
          : entry.key.range
        : firstKeyRange(root),
      "Concourse rejects a task without a platform (missing 'platform'). Add 'platform: linux'.",
      { path: ['platform'], key: 'platform', suggestion: 'platform: linux' },
    );
  }
  if (target === '5.5' && config.run.path === '') {
    const entry = entryOf(root, 'run');
    problems.add(
      'error',
      'missing-run-path',
      entry?.key.range ?? firstKeyRange(root),
      "Concourse before 8.0 rejects a task without 'run.path' (missing path to executable to run). Name the executable.",
      { path: ['run', 'path'], key: 'path' },
    );
  }
  for (const kind of ['input', 'output'] as const) {
    const list = entryOf(root, `${kind}s`)?.value;
    config[`${kind}s`]?.forEach((item, position) => {
      if (item.name !== '') return;
      const node = list?.kind === 'list' ? list.items[position] : undefined;
      const name = node === undefined ? undefined : entryOf(node, 'name');
      problems.add(
        'error',
        'missing-name',
        name?.key.range ?? (node && firstKeyRange(node)) ?? firstKeyRange(root),
        `Concourse rejects an ${kind} without a name (${kind} in position ${position} is missing a name). Add 'name:'.`,
        { path: [`${kind}s`, position, 'name'], key: 'name' },
      );
    });
  }
}

/**
 * Checks a decoded task.
 *
 * @param root the tree that the configuration was decoded from
 */
export function checkTask(config: TaskConfig, root: TaskNode, problems: Problems, target: Target): void {
  validate(config, root, problems, target);
  adviseTask(config, root, problems, target);
}
