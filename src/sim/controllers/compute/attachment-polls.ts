/**
 * How the CSI attacher of kube-controller-manager waits for a VolumeAttachment
 * (pkg/volume/csi/csi_attacher.go waitForVolumeAttachDetachStatusWithLister): it looks after half a
 * second, and then at intervals that grow by a twentieth each. Computed on demand: nothing happens
 * at the looks that find nothing.
 */

import type { ComputeLab } from './lab.ts';

export interface AttachmentPolls {
  /** The wait for the attachment of that name begins now. */
  begin(name: string): void;
  /** Calls `notice` at the first look from now on, and ends the wait. */
  atNext(name: string, notice: () => void): void;
}

export function createAttachmentPolls({ clock, rng, parameters }: ComputeLab): AttachmentPolls {
  const { pollStartUs, pollMaxUs, pollGrowth, pollJitter } = parameters.attachDetach;
  const began = new Map<string, number>();
  return {
    begin(name) {
      began.set(name, clock.nowUs());
    },
    atNext(name, notice) {
      const nowUs = clock.nowUs();
      // One that was on its way before this process is looked at from now on.
      let lookUs = began.get(name) ?? nowUs;
      began.delete(name);
      const stream = rng.fork(`poll ${name} ${lookUs}`);
      let intervalUs = Math.max(1, pollStartUs);
      do {
        lookUs += intervalUs * (1 + stream.uniform(0, pollJitter));
        intervalUs = Math.min(pollMaxUs, intervalUs * Math.max(1, pollGrowth));
      } while (lookUs < nowUs);
      clock.schedule(Math.round(lookUs - nowUs), notice);
    },
  };
}
