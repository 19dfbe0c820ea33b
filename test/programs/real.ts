/**
 * `npm run real -- --binaries DIR --kubevirt NAME=MANIFESTS`: bench against the real programs, which
 * the user has got or built: etcd, kube-apiserver, and in DIR/NAME virt-api and virt-controller;
 * kube-controller-manager and kube-scheduler where they are there. Nodes, storage and whatever else
 * is missing are played by `bench cluster --controllers-only`. Not part of CI.
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { performActs } from '../support/real/acts.ts';
import { openArm } from '../support/real/arm.ts';

const { values } = parseArgs({
  options: {
    binaries: { type: 'string' },
    kubevirt: { type: 'string' },
    cdi: { type: 'string' },
    csi: { type: 'string' },
    folder: { type: 'string' },
    record: { type: 'string' },
    'virt-api-replicas': { type: 'string' },
    act: { type: 'string', multiple: true },
    keep: { type: 'boolean' },
  },
});
const { binaries, kubevirt, csi, record, act, keep } = values;
if (binaries === undefined) throw new Error('name the folder of the binaries: --binaries DIR');
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'bench-real-'));
const [name, manifests] = kubevirt?.split('=') ?? [];
const [cdi, cdiManifests] = values.cdi?.split('=') ?? [];
process.stdout.write(`logs and results: ${folder}\n`);
const arm = await openArm({
  binaries,
  folder,
  kubeVirt: name,
  manifests,
  virtApiReplicas: Number(values['virt-api-replicas'] ?? 1),
  cdi: cdi && cdiManifests ? { binaries: cdi, manifests: cdiManifests } : undefined,
  csi,
  record,
});
try {
  const failed = await performActs(arm, act);
  process.exitCode = failed === 0 ? 0 : 1;
  if (keep) {
    process.stdout.write(`export KUBECONFIG=${arm.plane.kubeconfig}\nCtrl-C ends it\n`);
    await new Promise((resolve) => process.once('SIGINT', resolve));
  }
} finally {
  await arm.close();
}
