/** Real CSI sidecars and the snapshot-controller: the driver behind them is the simulated Ceph. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';

/** By the names of `bench cluster --controllers`; the socket is waited for by each of them. */
const SIDECARS = {
  'external-provisioner': 'csi-provisioner',
  'external-attacher': 'csi-attacher',
  'external-resizer': 'csi-resizer',
  'csi-snapshotter': 'csi-snapshotter',
} as const;

export interface Sidecars {
  /** What of `bench cluster` stands back. */
  readonly real: readonly string[];
  /** What has no binary, and is played though the driver has a socket. */
  readonly played: readonly string[];
}

/** Which of the sidecars have a binary in the folder. */
export function findSidecars(plane: ControlPlane, folder: string): Sidecars {
  const has = (binary: string) => existsSync(join(plane.binaries, folder, binary));
  const names = Object.keys(SIDECARS) as (keyof typeof SIDECARS)[];
  const real = names.filter((name) => has(SIDECARS[name]));
  return {
    real: [...real, ...(has('snapshot-controller') ? ['snapshot-controller'] : [])],
    played: names.filter((name) => !real.includes(name)),
  };
}

export function startSidecars(
  plane: ControlPlane,
  folder: string,
  { real }: Sidecars,
  socket: string,
): void {
  const kubeconfig = `--kubeconfig=${plane.kubeconfig}`;
  for (const name of real) {
    const binary = SIDECARS[name as keyof typeof SIDECARS] ?? name;
    const toDriver = name === 'snapshot-controller' ? [] : [`--csi-address=${socket}`];
    // ceph-csi's deployments have them wait longer than by default.
    const patient = ['csi-provisioner', 'csi-snapshotter'].includes(binary)
      ? ['--timeout=150s']
      : [];
    plane.start(name, join(folder, binary), [kubeconfig, ...toDriver, ...patient]);
  }
}
