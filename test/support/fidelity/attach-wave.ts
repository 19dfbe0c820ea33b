/** A hundred volumes attached at once, each on a node of its own, as it was recorded. */

import type { Node } from '../../../src/api/compute.ts';
import { NODES, PODS } from '../../../src/api/resources.ts';
import type { VolumeAttachment } from '../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../src/core/duration.ts';
import { RECORDED_API } from './recorded-api.ts';
import { NAMESPACE, seedSucceeded, startComputeCluster } from '../compute-cluster.ts';

export interface AttachTimes {
  /** Seconds. */
  readonly attached: number;
  readonly onNode: number;
}

export async function runAttachWave(count: number, seed = 1): Promise<readonly AttachTimes[]> {
  const cluster = startComputeCluster({
    seed,
    overrides: { nodes: { count }, api: RECORDED_API },
  });
  const { server, clock, client } = cluster;
  const attached = new Map<string, number>();
  const onNode = new Map<string, number>();
  server.onCommit(({ event }) => {
    const { object } = event;
    const at = clock.nowUs() / SECOND;
    if (object.kind === 'VolumeAttachment') {
      const { spec, status } = object as VolumeAttachment;
      if (status?.attached && !attached.has(spec.nodeName)) attached.set(spec.nodeName, at);
    } else if (object.kind === 'Node' && (object as Node).status?.volumesAttached?.length) {
      if (!onNode.has(object.metadata.name)) onNode.set(object.metadata.name, at);
    }
  });
  let nodes: readonly string[] = [];
  await clock.run(async () => {
    await cluster.controllers.ready;
    nodes = (await client.list(NODES)).items.map(({ metadata }) => metadata.name);
    for (const [i, node] of nodes.entries()) {
      seedSucceeded(server, NAMESPACE, `disk-${i}`);
      void client.create(PODS, podOn(node, i));
    }
    await clock.sleep(seconds(60));
  });
  return nodes.map((node) => ({
    attached: attached.get(node) ?? Number.NaN,
    onNode: onNode.get(node) ?? Number.NaN,
  }));
}

function podOn(nodeName: string, i: number) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${i}`, namespace: NAMESPACE },
    spec: {
      nodeName,
      containers: [
        {
          name: 'main',
          image: 'registry.example/main',
          volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }],
        },
      ],
      volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: `disk-${i}` } }],
    },
  };
}
