import { expect, test, vi } from 'vitest';
import type { ArtifactSummary } from '#runner';
import { PlainEmitter } from '../testing/plain-emitter.ts';

vi.mock('vscode', () => {
  /** What the editor draws has no behavior of its own here. */
  class Drawn {
    readonly icon: unknown;
    constructor(icon?: unknown) {
      this.icon = icon;
    }
  }
  return {
    EventEmitter: PlainEmitter,
    MarkdownString: Drawn,
    ThemeColor: Drawn,
    ThemeIcon: Drawn,
    TreeItem: Drawn,
    TreeItemCollapsibleState: { None: 0, Collapsed: 1 },
  };
});
const { StoreTree } = await import('./store-tree.ts');

const place = { kubeconfig: '', context: 'kind', namespace: 'ci', claim: 'artifacts' };
const output = (run: string): ArtifactSummary => ({
  ...{ kind: 'output', name: 'out', id: run, run, bytes: 5, files: 1, digest: '', place: 'store' },
});

test('an output that is kept shows it, in its line and its menu, from the moment it is', async () => {
  const changed = new PlainEmitter<ReadonlySet<string>>();
  const pinned = new Set(['unit-1']);
  const access = {
    list: () => Promise.resolve([output('unit-1'), output('unit-2')]),
    isPinned: (_: unknown, run: string) => pinned.has(run),
    onDidChangePinned: changed.event,
  };
  using tree = disposing(new StoreTree(access as never, () => place));
  await tree.value.refresh();
  let drawn = 0;
  tree.value.onDidChangeTreeData(() => {
    drawn += 1;
  });
  const look = async (): Promise<unknown[]> => {
    const [outputs] = await tree.value.getChildren();
    const lines = outputs ? await tree.value.getChildren(outputs) : [];
    return lines.map((line) => {
      const { contextValue, description, iconPath } = tree.value.getTreeItem(line);
      // An icon as it is drawn above: the editor's own type does not say its name.
      return [contextValue, description, (iconPath as unknown as { readonly icon: string }).icon];
    });
  };
  const loose = ['tarmac.stored.output', '1 file, 5 B', 'package'];
  const kept = ['tarmac.stored.output.pinned', '1 file, 5 B · kept', 'pinned'];
  expect(await look()).toEqual([kept, loose]);
  pinned.add('unit-2');
  changed.fire(new Set(['unit-2']));
  expect(drawn).toBe(1);
  expect(await look()).toEqual([kept, kept]);
});

function disposing<T extends { dispose(): void }>(value: T): { readonly value: T } & Disposable {
  return { value, [Symbol.dispose]: () => value.dispose() };
}
