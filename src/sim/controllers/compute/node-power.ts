/**
 * Which nodes have lost their power. Nothing on such a node moves or speaks: its guests are gone
 * at once, but the cluster learns of it only as it does in life, by silence.
 */

export interface NodePower {
  isDown(node: string): boolean;
  fail(node: string): void;
  recover(node: string): void;
  /** Handlers are called in the order in which they were added. */
  onChange(handler: (node: string, down: boolean) => void): void;
}

export function createNodePower(): NodePower {
  const down = new Set<string>();
  const handlers: ((node: string, down: boolean) => void)[] = [];
  const tell = (node: string, isDown: boolean) => {
    for (const handler of handlers) handler(node, isDown);
  };
  return {
    isDown: (node) => down.has(node),
    fail(node) {
      if (down.has(node)) return;
      down.add(node);
      tell(node, true);
    },
    recover(node) {
      if (down.delete(node)) tell(node, false);
    },
    onChange: (handler) => {
      handlers.push(handler);
    },
  };
}
