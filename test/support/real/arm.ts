/** The whole arm: the real control plane, real KubeVirt, and `bench` playing what is left. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtMain, startBench, type RunningBench } from '../built-bench.ts';
import { crdsText } from '../../../src/sim/host/crds.ts';
import { writeFileSync } from 'node:fs';
import { type CdiSettings, startCdi } from './cdi.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { type Replica, startKubeVirt } from './kubevirt.ts';
import { apply, readManifests } from './manifests.ts';
import { openRecorder, type Recorder } from './recorder.ts';
import { findSidecars, startSidecars } from './sidecars.ts';

export interface ArmSettings {
  readonly binaries: string;
  readonly folder: string;
  /** Folder of virt-api and virt-controller below the binaries; played where undefined. */
  readonly kubeVirt: string | undefined;
  readonly manifests: string | undefined;
  readonly virtApiReplicas: number;
  /** Folder of cdi-controller, and its manifests; played where undefined. */
  readonly cdi: CdiSettings | undefined;
  /** Folder of the sidecars; played where undefined. */
  readonly csi: string | undefined;
  /** File that exchanges with the server are written to. */
  readonly record: string | undefined;
}

export interface Arm {
  readonly plane: ControlPlane;
  readonly folder: string;
  /** The way that `bench` takes: through the recorder where there is one. */
  readonly kubeconfig: string;
  /** What is real of what the conformance suite asks about. */
  readonly products: readonly string[];
  readonly virtApis: readonly Replica[];
  readonly recorder: Recorder | undefined;
  close(): Promise<void>;
}

export async function openArm(settings: ArmSettings): Promise<Arm> {
  const { binaries, folder, kubeVirt, manifests, cdi, csi } = settings;
  // Before anything runs that would miss us: compiling stops the world of this process.
  builtMain();
  const plane = await startControlPlane(binaries, folder);
  const isReal = kubeVirt !== undefined && existsSync(join(binaries, kubeVirt, 'virt-api'));
  await installOtherKinds(plane, { kubeVirt: isReal, cdi: cdi !== undefined });
  // First: virt-api and virt-controller end themselves when CDI comes, to be started again.
  const realCdi = cdi && (await startCdi(plane, cdi));
  const replicas = settings.virtApiReplicas;
  const real =
    isReal && manifests !== undefined
      ? await startKubeVirt(plane, { binaries: kubeVirt, manifests, version: kubeVirt, replicas })
      : undefined;
  const sidecars = csi === undefined ? undefined : findSidecars(plane, csi);
  const socket = join(folder, 'csi.sock');
  const left = [
    ...plane.real,
    ...(isReal ? ['virt-controller'] : []),
    ...(cdi ? ['cdi'] : []),
    ...(sidecars?.real.includes('snapshot-controller') ? ['snapshot-controller'] : []),
  ].map((name) => `-${name}`);
  const rest = startBench(
    [
      'cluster',
      '--controllers-only',
      `--kubeconfig=${plane.kubeconfig}`,
      `--controllers=${['*', ...left, ...(sidecars?.played ?? [])].join(',')}`,
      '--set=simulation.nodes.count=20',
      ...(sidecars ? [`--csi=unix://${socket}`] : []),
    ],
    folder,
  );
  await rest.told('playing KubeVirt');
  if (csi !== undefined && sidecars) startSidecars(plane, csi, sidecars, socket);
  const recorder =
    settings.record === undefined ? undefined : await openRecorder(plane, settings.record);
  return {
    plane,
    folder,
    kubeconfig: recorder?.kubeconfig ?? plane.kubeconfig,
    products: [...(isReal ? ['kubevirt'] : []), ...(cdi ? ['cdi'] : [])],
    virtApis: real?.virtApis ?? [],
    recorder,
    async close() {
      await recorder?.close();
      await end(rest);
      await plane.stop();
      real?.close();
      await realCdi?.close();
    },
  };
}

async function end(rest: RunningBench): Promise<void> {
  rest.process.kill('SIGTERM');
  await rest.done;
}

/** Kinds of products that are played: those of real ones come with them. */
async function installOtherKinds(
  plane: ControlPlane,
  real: { readonly kubeVirt: boolean; readonly cdi: boolean },
): Promise<void> {
  const file = join(plane.folder, 'crds.yaml');
  writeFileSync(file, crdsText());
  for (const object of readManifests(file)) {
    const { name } = object.metadata;
    const isCdi = name.endsWith('cdi.kubevirt.io');
    const isKubeVirt = !isCdi && /(^|\.)kubevirt\.io$/.test(name);
    if ((isCdi && real.cdi) || (isKubeVirt && real.kubeVirt)) continue;
    await apply(plane.client, object);
  }
}
