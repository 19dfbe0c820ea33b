/** What is on a disk, as far as timing cares; it travels with every clone of the volume. */

import type { GuestProfile } from '../../../parameters/guests.ts';

export interface ImageContent {
  /** The scenario's key of the image; for counters and messages, never for decisions. */
  readonly key: string;
  readonly dataBytes: number;
  /** Undefined for a disk that nothing boots from. */
  readonly guest: GuestProfile | undefined;
}

/** What the compute side asks of the storage side, by the volume handle of a PersistentVolume. */
export interface VolumeContents {
  contentOf(volumeHandle: string): ImageContent | undefined;
  /** A guest wrote so many bytes for the first time since its clone: copy-up and new data. */
  wrote(volumeHandle: string, bytes: number): void;
}
