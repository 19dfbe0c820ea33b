/** What the parts of the snapshot controller share. */

import type { VolumeSnapshot, VolumeSnapshotContent } from '../../../api/storage.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { StorageLab } from './lab.ts';
import type { Latest } from '../chassis/latest.ts';

export interface SnapshotController {
  readonly lab: StorageLab;
  /** Of snapshots and contents. */
  readonly client: KubeClient;
  /** Of claims, volumes and events. */
  readonly core: KubeClient;
  readonly snapshots: Latest<VolumeSnapshot>;
  readonly contents: Latest<VolumeSnapshotContent>;
  readonly events: EventRecorder;
}
