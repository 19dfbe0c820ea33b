/** What an act does to objects of others, and what it has to say. */

import { expect, test } from 'vitest';
import type { Node } from '../../src/api/compute.ts';
import { NODES } from '../../src/api/resources.ts';
import { askAction } from '../../src/drive/action-requests.ts';
import { createClient } from '../../src/kube/client.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { toyCluster } from '../support/toy-cluster.ts';

const OTHERS = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
const FENCE = 'node.kubernetes.io/out-of-service';

function nodeWith(taints: readonly object[]) {
  const toy = toyCluster();
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: { taints } };
  toy.send('POST', '/api/v1/nodes', node);
  const taint = (client: ReturnType<typeof createClient>, value: string | null) =>
    toy.kernel.run(() =>
      askAction(
        {
          client,
          resource: NODES,
          ref: { namespace: undefined, name: 'n1' },
          external: undefined,
          remove: () => expect.unreachable(),
        },
        { do: 'taint', taints: { [FENCE]: value } },
      ),
    );
  const taintsNow = () => (toy.server.peek(NODES, undefined, 'n1') as Node).spec.taints;
  return { toy, taint, taintsNow };
}

test('it is set, set anew and taken away; those of others stay', async () => {
  const { toy, taint, taintsNow } = nodeWith([OTHERS]);
  const client = createClient(toy.transport);
  await taint(client, 'old:NoSchedule');
  await taint(client, 'nodeshutdown:NoExecute');
  expect(taintsNow()).toEqual([OTHERS, { key: FENCE, value: 'nodeshutdown', effect: 'NoExecute' }]);
  await taint(client, null);
  expect(taintsNow()).toEqual([OTHERS]);
});

test('one that comes between the look and the patch is seen at the next', async () => {
  const { toy, taint, taintsNow } = nodeWith([]);
  const plain = createClient(toy.transport);
  let isFirst = true;
  const client = {
    ...plain,
    get: async (...args: Parameters<typeof plain.get>) => {
      const node = await plain.get(...args);
      if (isFirst) toy.send('PATCH', '/api/v1/nodes/n1', { spec: { taints: [OTHERS] } });
      isFirst = false;
      return node;
    },
  } as typeof plain;
  await taint(client, ':NoSchedule');
  expect(taintsNow()).toEqual([OTHERS, { key: FENCE, effect: 'NoSchedule' }]);
});

test('on anything but a node it is refused before anything is done', () => {
  const text = `
name: any
storage: { class: fast }
steps:
  - act: { on: { kind: Pod, name: p }, taint: { a: "b:NoExecute" } }
`;
  const parsed = parseScenario(text, 's.yaml');
  expect(parsed).toMatchObject({ problems: [{ message: 'taints a Pod', line: 5 }] });
});

test.each(['watch: true', 'evict: true', 'subresource: restart'])(
  '%s shows nothing of the object: it has to say what it waits for',
  (what) => {
    const text = `
name: any
storage: { class: fast }
steps:
  - act: { on: { kind: Node, name: p }, ${what} }
`;
    const parsed = parseScenario(text, 's.yaml');
    expect(parsed).toMatchObject({ problems: [{ message: 'does not say what it waits for' }] });
  },
);
