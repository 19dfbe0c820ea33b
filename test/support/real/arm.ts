/** The whole arm: the real control plane, real KubeVirt, and `bench` playing what is left. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startBench, type RunningBench } from '../built-bench.ts';
import { crdsText } from '../../../src/sim/host/crds.ts';
import { writeFileSync } from 'node:fs';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { startKubeVirt } from './kubevirt.ts';
import { apply, readManifests } from './manifests.ts';
import { openRecorder, type Recorder } from './recorder.ts';

export interface ArmSettings {
  readonly binaries: string;
  readonly folder: string;
  /** Folder of virt-api and virt-controller below the binaries; played where undefined. */
  readonly kubeVirt: string | undefined;
  readonly manifests: string | undefined;
  /** File that exchanges with the server are written to. */
  readonly record: string | undefined;
}

export interface Arm {
  readonly plane: ControlPlane;
  readonly folder: string;
  /** The way that `bench` takes: through the recorder where there is one. */
  readonly kubeconfig: string;
  readonly isKubeVirtReal: boolean;
  readonly recorder: Recorder | undefined;
  close(): Promise<void>;
}

export async function openArm(settings: ArmSettings): Promise<Arm> {
  const { binaries, folder, kubeVirt, manifests } = settings;
  const plane = await startControlPlane(binaries, folder);
  const isReal = kubeVirt !== undefined && existsSync(join(binaries, kubeVirt, 'virt-api'));
  await installOtherKinds(plane, isReal);
  if (isReal && manifests !== undefined) {
    await startKubeVirt(plane, { binaries: kubeVirt, manifests, version: kubeVirt });
  }
  const left = [...plane.real, ...(isReal ? ['virt-controller'] : [])];
  const rest = startBench(
    [
      'cluster',
      '--controllers-only',
      `--kubeconfig=${plane.kubeconfig}`,
      `--controllers=*${left.map((name) => `,-${name}`).join('')}`,
      '--set=simulation.nodes.count=20',
    ],
    folder,
  );
  await rest.told('playing KubeVirt');
  const recorder =
    settings.record === undefined ? undefined : await openRecorder(plane, settings.record);
  return {
    plane,
    folder,
    kubeconfig: recorder?.kubeconfig ?? plane.kubeconfig,
    isKubeVirtReal: isReal,
    recorder,
    async close() {
      await recorder?.close();
      await end(rest);
      await plane.stop();
    },
  };
}

async function end(rest: RunningBench): Promise<void> {
  rest.process.kill('SIGTERM');
  await rest.done;
}

/** Kinds of products that are played: those of KubeVirt come with the real one. */
async function installOtherKinds(plane: ControlPlane, withoutKubeVirt: boolean): Promise<void> {
  const file = join(plane.folder, 'crds.yaml');
  writeFileSync(file, crdsText());
  for (const object of readManifests(file)) {
    const { name } = object.metadata;
    if (withoutKubeVirt && /(^|\.)kubevirt\.io$/.test(name) && !name.includes('cdi')) continue;
    await apply(plane.client, object);
  }
}
