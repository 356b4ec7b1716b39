/** What a line of the tree of runs is about. */
import type { Uri } from 'vscode';
import type { TreeEntry } from '../artifacts/member-tree.ts';

/** One line of the tree. `id` is unique and stays the same, so that what is open and chosen stays so. */
export type RunNode =
  | { readonly kind: 'job'; readonly id: string; readonly jobId: string }
  /** `run`: the last one that it has begun. */
  | { readonly kind: 'step'; readonly id: string; readonly jobId: string; readonly step: string; readonly run?: string }
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
