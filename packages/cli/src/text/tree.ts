import { printable } from './printable.ts';

/** A node of a tree that is printed with box-drawing characters. */
export interface TreeNode {
  readonly label: string;
  readonly children: readonly TreeNode[];
}

/** A node from foreign text; control characters become escapes. */
export function node(label: string, children: readonly TreeNode[] = []): TreeNode {
  return { label: printable(label), children };
}

/** A node `key: value`. */
export function pair(key: string, value: string, children: readonly TreeNode[] = []): TreeNode {
  return node(`${key}: ${value}`, children);
}

/** The tree as lines, the root without a prefix. */
export function formatTree(root: TreeNode): string {
  return [root.label, ...root.children.flatMap((child, i) => branch(child, i, root))]
    .map((line) => `${line}\n`)
    .join('');
}

function branch(child: TreeNode, index: number, parent: TreeNode): readonly string[] {
  const last = index === parent.children.length - 1;
  const below = child.children.flatMap((grandchild, i) => branch(grandchild, i, child));
  return [
    `${last ? '└── ' : '├── '}${child.label}`,
    ...below.map((line) => `${last ? '    ' : '│   '}${line}`),
  ];
}
