/** Advice about a task that Concourse accepts. */
import type { TaskNode } from './nodes.ts';
import type { Problems } from './problem.ts';
import type { Target, TaskConfig } from './task-config.ts';

/** Adds warnings, information and hints; never an error. */
export function adviseTask(config: TaskConfig, root: TaskNode, problems: Problems, target: Target): void {
  void config;
  void root;
  void problems;
  void target;
}
