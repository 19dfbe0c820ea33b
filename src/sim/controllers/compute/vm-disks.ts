/**
 * The disks of a VM as virt-controller sees them: it makes a DataVolume for each template that has
 * none, and says what stands behind the VM's volumes (kubevirt v1.1.1 watch/vm.go
 * handleDataVolumes).
 */

import type { VirtualMachine } from '../../../api/compute.ts';
import { CLAIMS, DATA_VOLUMES } from '../../../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { ApiError, isAlreadyExists, isConflict } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { ComputeLab } from './lab.ts';
import { buildDataVolume } from './vm-objects.ts';
import { claimBehind } from './volume-claim.ts';

export interface Failure {
  readonly reason: string;
  readonly message: string;
}

export interface VmDisks {
  /** Makes what is missing; gives what it failed of, where it was refused. */
  create(vm: VirtualMachine): Promise<Failure | undefined>;
  /** Of the templates; a finished claim of that name stands for a DataVolume that was deleted. */
  ofTemplates(vm: VirtualMachine): readonly (DataVolume | undefined)[];
  /** What the copies show of the objects behind the volumes. */
  behindVolumes(vm: VirtualMachine): {
    readonly dataVolumes: readonly DataVolume[];
    readonly claims: readonly PersistentVolumeClaim[];
  };
}

/** Stands for a DataVolume that was removed after it had succeeded. */
const COLLECTED = { status: { phase: 'Succeeded' } } as DataVolume;

export function createVmDisks(
  lab: ComputeLab,
  client: KubeClient,
  record: EventRecorder['record'],
): VmDisks {
  const dataVolumes = lab.informer(DATA_VOLUMES);
  const claims = lab.informer(CLAIMS);
  return {
    async create(vm) {
      const { namespace } = vm.metadata;
      for (const template of vm.spec.dataVolumeTemplates ?? []) {
        const { name } = template.metadata;
        if (dataVolumes.get(namespace, name) ?? claims.get(namespace, name)) continue;
        try {
          await client.create(DATA_VOLUMES, buildDataVolume(vm, template));
          record(vm, 'Normal', 'SuccessfulDataVolumeCreate', `Created DataVolume ${name}`);
        } catch (error) {
          if (isAlreadyExists(error)) continue;
          if (!isRefusal(error)) throw error;
          const cause = error.status?.message ?? error.message;
          const message = `Error creating DataVolume ${name}: ${cause}`;
          record(vm, 'Warning', 'FailedDataVolumeCreate', message);
          return failed(`failed to create DataVolume: ${cause}`);
        }
      }
      return undefined;
    },
    ofTemplates: ({ metadata, spec }) =>
      (spec.dataVolumeTemplates ?? []).map((template) => {
        const { name } = template.metadata;
        const disk = dataVolumes.get(metadata.namespace, name);
        return disk ?? (claims.get(metadata.namespace, name) ? COLLECTED : undefined);
      }),
    behindVolumes({ metadata, spec }) {
      const { namespace } = metadata;
      const behind: { dataVolumes: DataVolume[]; claims: PersistentVolumeClaim[] } = {
        dataVolumes: [],
        claims: [],
      };
      for (const volume of spec.template.spec.volumes ?? []) {
        const disk = volume.dataVolume && dataVolumes.get(namespace, volume.dataVolume.name);
        if (disk) behind.dataVolumes.push(disk);
        const name = claimBehind(volume);
        const claim = name && claims.get(namespace, name);
        if (claim) behind.claims.push(claim);
      }
      return behind;
    },
  };
}

function failed(cause: string): Failure {
  const message = `Error encountered while creating DataVolumes: ${cause}`;
  return { reason: 'FailedCreate', message };
}

/** Whether the server said no for good; conflicts and overload pass. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code < 500 && error.code !== 429 && !isConflict(error);
}
