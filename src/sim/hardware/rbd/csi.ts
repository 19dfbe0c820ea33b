/** What CSI calls ask and answer: the vocabulary between the sidecars and ceph-csi. */

/** The gRPC codes that ceph-csi gives (its errors.go); sidecars treat them alike but name them. */
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

/** ceph-csi's controller service. Every call may fail; none rejects. */
export interface CsiController {
  createVolume(request: VolumeRequest): Promise<CsiOutcome<CsiVolume>>;
  deleteVolume(handle: string): Promise<CsiOutcome<void>>;
  createSnapshot(request: SnapshotRequest): Promise<CsiOutcome<CsiSnapshot>>;
  deleteSnapshot(handle: string): Promise<CsiOutcome<void>>;
  /** Resolves with the new size. */
  expandVolume(handle: string, sizeBytes: number): Promise<CsiOutcome<number>>;
}

export function failed(code: CsiCode, message: string): CsiOutcome<never> {
  return { ok: false, code, message };
}

export function succeeded<T>(value: T): CsiOutcome<T> {
  return { ok: true, value };
}

/** ceph-csi's volume id: version, length of the cluster id, cluster, pool, and a UUID. */
export function composeHandle(clusterId: string, poolId: number, uuid: string): string {
  const length = clusterId.length.toString(16).padStart(4, '0');
  return `0001-${length}-${clusterId}-${poolId.toString(16).padStart(16, '0')}-${uuid}`;
}

/** The UUID at the end of a handle, which names the image. */
export function uuidOfHandle(handle: string): string {
  return handle.slice(-36);
}
