/** The commands of the palette and the menus that are about tasks, their runs and the cluster: one file for each group. */
import type { Disposable } from 'vscode';
import type { RunningParts } from '../parts.ts';
import { clusterCommands } from './cluster.ts';
import { executeCommands } from './execute.ts';
import { jobCommands } from './jobs.ts';
import { register } from './register.ts';
import { runCommands } from './runs.ts';

/** Registers them all; whoever calls disposes of them. */
export function registerCommands(parts: RunningParts): Disposable[] {
  const { handlers, terminals } = executeCommands(parts);
  const groups = [handlers, jobCommands(parts), runCommands(parts), clusterCommands(parts)];
  return [...groups.flatMap((group) => register(group, parts)), terminals];
}
