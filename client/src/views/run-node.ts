/** What a line of the tree of runs is about. */
import type { Uri } from 'vscode';
import type { JobTreeNode } from '#runner';
import type { TreeEntry } from '../artifacts/member-tree.ts';

/** The line of a job. */
export interface JobNode {
  readonly kind: 'job';
  readonly id: string;
  readonly jobId: string;
}

/** A line below a job: a step, or what is around steps. */
export interface StepNode {
  readonly kind: 'step';
  readonly id: string;
  readonly jobId: string;
  readonly parent: RunNode;
  readonly line: JobTreeNode;
  /** Of a step: where it is in the plan. */
  readonly address?: string;
  /** The start of the step. */
  readonly step?: string;
  /** The run that it has begun last. */
  readonly run?: string;
}

/** One line of the tree. `id` is unique and stays the same, so that what is open and chosen stays so. */
export type RunNode =
  | JobNode
  | StepNode
  | { readonly kind: 'run'; readonly id: string; readonly run: string }
  | { readonly kind: 'input' | 'output'; readonly id: string; readonly run: string; readonly name: string }
  | { readonly kind: 'log' | 'pod' | 'failure'; readonly id: string; readonly run: string }
  | {
      readonly kind: 'file' | 'directory';
      readonly id: string;
      readonly run: string;
      readonly uri: Uri;
      readonly entry: TreeEntry;
      readonly parent: RunNode;
    }
  | { readonly kind: 'more'; readonly id: string; readonly of: RunNode | undefined; readonly left: number }
  | { readonly kind: 'message'; readonly id: string; readonly text: string; readonly parent: RunNode };
