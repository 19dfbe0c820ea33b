/**
 * How fast the CSI sidecars of a driver may ask the API server, as their containers are started:
 * what a clone and an attachment wait for at scale. Which pod serves a driver is told by the lease
 * that its sidecar holds, so no name of a Deployment is guessed.
 */

import { LEASES, PODS } from '../api/resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { find, findAll } from './check.ts';

/** The sidecar's image, and how csi-lib-utils names its lease after the driver. */
const SIDECARS = {
  attacher: { image: 'attacher', lease: 'external-attacher-leader-' },
  provisioner: { image: 'provisioner', lease: '' },
  snapshotter: { image: 'snapshotter', lease: 'external-snapshotter-leader-' },
} as const;

const FLAGS = { qps: 'kube-api-qps', burst: 'kube-api-burst' } as const;

/** `csi.attacher.qps` and its like, where a flag sets them. Rejects with ApiError. */
export async function sidecarFacts(
  client: KubeClient,
  driver: string,
): Promise<Readonly<Record<string, string>>> {
  const leases = await findAll(client, LEASES);
  const facts: Record<string, string> = {};
  for (const [name, { image, lease }] of Object.entries(SIDECARS)) {
    const wanted = `${lease}${driver}`.replaceAll(/[^a-zA-Z0-9-]/g, '-');
    const held = leases.find(({ metadata }) => metadata.name === wanted);
    const holder = held?.spec?.holderIdentity;
    const namespace = held?.metadata.namespace;
    if (holder === undefined || namespace === undefined) continue;
    const pod = await find(client, PODS, { namespace, name: holder });
    const container = pod?.spec.containers.find((each) => each.image?.includes(image));
    for (const [limit, flag] of Object.entries(FLAGS)) {
      const value = flagValue(container?.args ?? [], flag);
      if (value !== undefined) facts[`csi.${name}.${limit}`] = value;
    }
  }
  return facts;
}

/** `--flag=value` or `--flag value`, with one dash or two. */
function flagValue(args: readonly string[], flag: string): string | undefined {
  for (const [i, arg] of args.entries()) {
    const [, name, , value] = /^--?([\w-]+)(=(.*))?$/s.exec(arg) ?? [];
    if (name === flag) return value ?? args[i + 1];
  }
  return undefined;
}
