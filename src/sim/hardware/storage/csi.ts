/**
 * What a storage driver is to the rest of the simulated cluster: what its CSI controller answers,
 * what its volumes hold, and what administrators, sidecars and CDI know of it beforehand. `rbd` and
 * `local` implement it; a third one implements this file and is chosen in `driver.ts`.
 */

import type { MetricFamily } from '../../monitoring/family.ts';
import type { ImageContent, VolumeContents } from './content.ts';

/** The gRPC codes that drivers give; sidecars treat them alike but name them. */
export type CsiCode =
  | 'Aborted'
  | 'AlreadyExists'
  | 'DeadlineExceeded'
  | 'Internal'
  | 'NotFound'
  | 'ResourceExhausted';

export type CsiOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: CsiCode; readonly message: string };

export interface VolumeRequest {
  /** Idempotency key: `pvc-<claim UID>`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly source?: VolumeRequestSource | undefined;
}

export interface VolumeRequestSource {
  readonly kind: 'volume' | 'snapshot';
  readonly handle: string;
}

export interface CsiVolume {
  readonly handle: string;
  readonly sizeBytes: number;
  /** volumeAttributes of the PersistentVolume. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SnapshotRequest {
  /** Idempotency key: `snapshot-<VolumeSnapshot UID>`. */
  readonly name: string;
  readonly sourceHandle: string;
}

export interface CsiSnapshot {
  readonly handle: string;
  readonly sizeBytes: number;
  /** Unix time in microseconds. */
  readonly createdUs: number;
}

/** A driver's controller service. Every call may fail; none rejects. */
export interface CsiController {
  createVolume(request: VolumeRequest): Promise<CsiOutcome<CsiVolume>>;
  deleteVolume(handle: string): Promise<CsiOutcome<void>>;
  createSnapshot(request: SnapshotRequest): Promise<CsiOutcome<CsiSnapshot>>;
  deleteSnapshot(handle: string): Promise<CsiOutcome<void>>;
  /** Resolves with the new size. */
  expandVolume(handle: string, sizeBytes: number): Promise<CsiOutcome<number>>;
}

/** What is known of a driver before it is asked for anything. */
export interface DriverTraits {
  /** Of StorageClass.provisioner and PersistentVolume.spec.csi.driver. */
  readonly name: string;
  readonly bindingMode: 'Immediate' | 'WaitForFirstConsumer';
  readonly expands: boolean;
  readonly takesSnapshots: boolean;
  readonly classParameters: Readonly<Record<string, string>>;
  /** Which the sidecars read before they call. */
  readonly secret: { readonly name: string; readonly namespace: string } | undefined;
  /** How CDI clones with it, and what claims it proposes (pkg/storagecapabilities). */
  readonly cloneStrategy: 'csi-clone' | 'copy';
  readonly sourceFormat: 'snapshot' | 'pvc';
  readonly claimPropertySets: readonly {
    readonly accessModes: readonly string[];
    readonly volumeMode: 'Block' | 'Filesystem';
  }[];
}

export interface StorageDriver extends VolumeContents {
  readonly traits: DriverTraits;
  readonly csi: CsiController;
  /** What is stored, before replication. */
  readonly pool: { readonly storedBytes: number; readonly objects: number };
  counters(): Readonly<Record<string, number>>;
  /** What the storage tells a Prometheus; nothing where it has no exporter. */
  families(): readonly MetricFamily[];
  /** An import or a blank creation fills the volume from its beginning. */
  fill(volumeHandle: string, content: ImageContent): void;
  /** Takes over what was made before this process, where it is not known already. */
  adopt(found: Findings): void;
}

/** What objects of the API tell of volumes and snapshots. */
export interface Findings {
  readonly volumes: readonly FoundVolume[];
  readonly snapshots: readonly FoundSnapshot[];
}

export interface FoundVolume extends CsiVolume {
  /** By which the driver would be asked for it again. */
  readonly requestName: string;
  /** Of a volume that is no clone, or whose source is gone. */
  readonly content?: ImageContent | undefined;
  readonly source?: VolumeRequestSource | undefined;
}

export interface FoundSnapshot extends CsiSnapshot {
  readonly requestName: string;
  readonly sourceHandle: string;
}

export function failed(code: CsiCode, message: string): CsiOutcome<never> {
  return { ok: false, code, message };
}

export function succeeded<T>(value: T): CsiOutcome<T> {
  return { ok: true, value };
}
