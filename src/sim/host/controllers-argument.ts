/** `--controllers LIST`, in the manner of kube-controller-manager: `*,-scheduler`. */

import type { ComputeControllerName } from '../controllers/start-compute.ts';
import type { StorageControllerName } from '../controllers/start-storage.ts';
import { UsageError } from '../../core/usage-error.ts';

export type ServerControllerName = ComputeControllerName | StorageControllerName;

/** What calls the storage driver, or waits beside those that do: real ones need `--csi`. */
export const SIDECARS: readonly ServerControllerName[] = [
  'external-provisioner',
  'external-attacher',
  'external-resizer',
  'csi-snapshotter',
];

/**
 * What a server may have itself: parts of Kubernetes, KubeVirt, CDI, sidecars. Nodes and storage
 * are never left out.
 */
const LEFT_OUT: readonly ServerControllerName[] = [
  'scheduler',
  'garbage-collector',
  'namespaces',
  'attach-detach',
  'node-lifecycle',
  'volume-binder',
  'volume-protection',
  'snapshot-controller',
  'virt-controller',
  'cdi',
  ...SIDECARS,
];

/** What answers for a server of its own alone: on another one nobody plays it. */
const NEVER_PLAYED: ReadonlySet<string> = new Set(['virt-api', 'cdi-apiserver']);

/**
 * What is left out; undefined where the list is not given. `*` has no sidecar where the driver has
 * a endpoint (`csi`): real ones call it, unless they are named here. Throws UsageError.
 */
export function parseControllers(
  list: string | undefined,
  csi: boolean,
): readonly ServerControllerName[] | undefined {
  if (list === undefined) return undefined;
  const words = list.split(',').map((word) => word.trim());
  for (const word of words) {
    const name = word.replace(/^-/, '');
    if (word === '*' || LEFT_OUT.includes(name as ServerControllerName)) continue;
    if (NEVER_PLAYED.has(name)) {
      if (word !== name) continue;
      throw new UsageError(`--controllers: ${name} is never played on another server`);
    }
    throw new UsageError(`--controllers: no ${word}; there are *, ${LEFT_OUT.join(', ')}`);
  }
  const all = words.includes('*');
  const isOurs = (name: ServerControllerName) =>
    words.includes(name) ||
    (all && !words.includes(`-${name}`) && !(csi && SIDECARS.includes(name)));
  const leftOut = LEFT_OUT.filter((name) => !isOurs(name));
  const sidecar = leftOut.find((name) => SIDECARS.includes(name));
  if (sidecar !== undefined && !csi) {
    throw new UsageError(
      `--controllers: a real ${sidecar} needs --csi, the driver that it talks to`,
    );
  }
  return leftOut;
}

/** What the holder of each lease of kube-system does already. */
const BY_LEASE: Readonly<Record<string, readonly ServerControllerName[]>> = {
  'kube-scheduler': ['scheduler'],
  'kube-controller-manager': [
    'garbage-collector',
    'namespaces',
    'attach-detach',
    'node-lifecycle',
    'volume-binder',
    'volume-protection',
  ],
  'snapshot-controller-leader': ['snapshot-controller'],
};

/** What a server does itself, by the names of the leases that are held in kube-system. */
export function servedBy(leases: readonly string[]): readonly ServerControllerName[] {
  return leases.flatMap((lease) => BY_LEASE[lease] ?? []);
}
