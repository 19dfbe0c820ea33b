/** What a history proves about the lateness of its own sightings. Times are seconds. */

import { describe, expect, test } from 'vitest';
import { collectEvidence, type Evidence } from '../../../src/analyse/narrowing/evidence.ts';
import { seconds, toSeconds } from '../../../src/core/duration.ts';
import { type HistoryDraft, history } from '../../support/history.ts';

const EPOCH = 1_700_000_000;
const FOR_EVER = Number.POSITIVE_INFINITY;

function evidenceOf(write: (draft: HistoryDraft) => void): Evidence {
  const draft = history();
  draft.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  write(draft);
  return collectEvidence(draft.run());
}

function late(evidence: Evidence, kind: string, at: number): number | undefined {
  const latenessUs = evidence.facts(kind).latenessUs(seconds(at));
  return latenessUs === undefined ? undefined : toSeconds(latenessUs);
}

describe('our own creations', () => {
  test('seen promptly after their answer leave nothing to narrow', () => {
    const evidence = evidenceOf((draft) => void draft.clone({ step: 0, name: 'a', seen: 10 }));
    expect(evidence.isIdle).toBe(true);
    expect(late(evidence, 'DataVolume', 10)).toBeUndefined();
    expect(evidence.commitOf(0)).toBeDefined();
    expect(evidence.commitOf(1)).toBeUndefined();
  });

  test('seen long after it prove their stream late, and no other', () => {
    const evidence = evidenceOf((draft) => {
      draft.clone({ step: 0, name: 'a', sent: 10, seen: 13 });
      draft.object({ kind: 'Pod', name: 'p', at: 12 });
    });
    expect(evidence.isIdle).toBe(false);
    expect(late(evidence, 'DataVolume', 12)).toBe(FOR_EVER);
    expect(late(evidence, 'Pod', 12)).toBeUndefined();
  });

  test('that took several tries, or were listed, prove nothing', () => {
    const evidence = evidenceOf((draft) => {
      const operation = draft.operation({ step: 0, name: 'a', sent: 10, status: undefined });
      draft.add({ e: 'ack', t: seconds(11), p: operation, c: 201, u: 'u-a', tries: 2 });
      draft.object({ kind: 'DataVolume', name: 'a', at: 15, uid: 'u-a' });
      draft.operation({ step: 0, name: 'b', sent: 20, uid: 'u-b' });
      draft.object({ kind: 'DataVolume', name: 'b', at: 25, uid: 'u-b', after: 19 });
    });
    expect(evidence.isIdle).toBe(true);
  });
});

describe('causes seen after their effects prove their stream late', () => {
  test('an owner after what it owns', () => {
    const evidence = evidenceOf((draft) => {
      draft.object({ kind: 'Pod', name: 'p', at: 10, ownerUid: 'vmi' });
      draft.object({ kind: 'VirtualMachineInstance', name: 'a', at: 13, uid: 'vmi' });
    });
    expect(late(evidence, 'VirtualMachineInstance', 11)).toBe(FOR_EVER);
    expect(late(evidence, 'Pod', 10)).toBeUndefined();
  });

  test('what an owner showed before this one was there is no effect of it', () => {
    const evidence = evidenceOf((draft) => {
      const vm = draft.object({ kind: 'VirtualMachine', name: 'vm', at: 10 });
      const boot = (at: number) => {
        const kind = 'VirtualMachineInstance';
        const uid = `boot-${at}`;
        const vmi = draft.object({ kind, name: 'vm', at, uid, owner: vm });
        draft.change(vmi, at + 5, ['phase', 'Running']);
        draft.change(vm, at + 5.02, ['printableStatus', 'Running']);
      };
      boot(20);
      draft.change(vm, 40, ['printableStatus', 'Stopped']);
      boot(50);
    });
    expect(evidence.isIdle).toBe(true);
  });

  test('but a claim that is bound after its DataVolume has succeeded, as of an import', () => {
    const claimedAt = (boundAt: number) =>
      evidenceOf((draft) => {
        const volume = draft.object({ kind: 'DataVolume', name: 'a', at: 10 });
        const kind = 'PersistentVolumeClaim';
        const claim = draft.object({ kind, name: 'a', at: 11, owner: volume });
        draft.change(volume, 20, ['phase', 'Succeeded']);
        draft.change(claim, boundAt, ['phase', 'Bound']);
      });
    expect(claimedAt(22).isIdle).toBe(true);
    expect(claimedAt(18).isIdle).toBe(true);
  });
});

test('an object that shows a milestone at first sight was late, or several in one', () => {
  const evidence = evidenceOf((draft) => {
    const volume = draft.object({ kind: 'DataVolume', name: 'a', at: 10 });
    draft.change(volume, 10, ['phase', 'Succeeded']);
    const other = draft.object({ kind: 'DataVolume', name: 'b', at: 20 });
    draft.change(other, 20.5, ['phase', 'Succeeded']);
  });
  expect(late(evidence, 'DataVolume', 10)).toBe(FOR_EVER);
  expect(late(evidence, 'DataVolume', 20)).toBeUndefined();
});

describe('stamps', () => {
  const clocks = (draft: HistoryDraft) => {
    for (const [c, name] of ['apiserver', 'node/w1', 'node/w2', 'cdi'].entries()) {
      draft.add({ e: 'clock', c, name });
      draft.add({ e: 'offset', t: seconds(1), clock: name, lo: 0, hi: 0 });
    }
  };
  /** Pods that a node stamps; seen so much after the second of the stamp was over. */
  const stamped = (draft: HistoryDraft, count: number, lag: number, clock = 1) => {
    for (let i = 0; i < count; i++) {
      const at = 20 + 10 * i;
      const pod = draft.object({ kind: 'Pod', name: `p${clock}-${i}`, at });
      draft.change(pod, at + 1 + lag, ['Ready', 'True', EPOCH + at, clock]);
    }
  };

  test('of the API server prove no late first sight: webhooks come after them', () => {
    const evidence = evidenceOf((draft) => {
      clocks(draft);
      const entry = { e: 'obj', k: 'VirtualMachine', n: 'vm', u: 'u' } as const;
      // The longest that was seen of cross-namespace clone sources on KubeVirt 1.1.1.
      draft.add({ ...entry, o: 0, t: seconds(26.49), at: EPOCH + 20 });
    });
    expect(late(evidence, 'VirtualMachine', 25)).toBeUndefined();
    expect(evidence.isIdle).toBe(true);
    const committedUs = evidence.facts('VirtualMachine').committedAfterUs(seconds(27));
    expect(toSeconds(committedUs)).toBeCloseTo(20, 1);
  });

  test('that are copied from another object prove nothing, nor do those of unknown writers', () => {
    const changes = [
      ['VirtualMachineInstance', ['Ready', 'True', EPOCH + 20, 0]],
      ['VirtualMachine', ['Ready', 'True', EPOCH + 20, 0]],
      ['VirtualMachineInstance', ['PodScheduled', 'False', EPOCH + 20, 0]],
      ['VirtualMachineInstance', ['Synchronized', 'False', EPOCH + 20, 0]],
      ['DataVolume', ['Invented', 'True', EPOCH + 20, 0]],
    ] as const;
    for (const [kind, change] of changes) {
      const evidence = evidenceOf((draft) => {
        clocks(draft);
        const object = draft.object({ kind, name: 'a', at: 19 });
        draft.change(object, 23, change);
      });
      expect(evidence.isIdle).toBe(true);
      expect(evidence.facts(kind).committedAfterUs(seconds(60))).toBe(-FOR_EVER);
    }
  });

  test('that a writer sets itself prove a late change, where nothing shows the stream fresh', () => {
    const evidence = evidenceOf((draft) => {
      clocks(draft);
      const pod = draft.object({ kind: 'Pod', name: 'p', at: 19 });
      draft.change(pod, 23, ['Ready', 'True', EPOCH + 20, 1]);
    });
    expect(late(evidence, 'Pod', 22)).toBe(FOR_EVER);
  });

  test('of a writer that is prompt twenty times say how late it is at the most', () => {
    const lagOf = (count: number) => {
      const evidence = evidenceOf((draft) => {
        clocks(draft);
        stamped(draft, count, 0.1);
      });
      return evidence.writerLagUs(1);
    };
    expect(lagOf(19)).toBeUndefined();
    expect(toSeconds(lagOf(20) ?? 0)).toBeCloseTo(0.2, 1);
  });

  test('of all nodes are of one writer, those of others apart', () => {
    const evidence = evidenceOf((draft) => {
      clocks(draft);
      stamped(draft, 10, 0.05, 1);
      stamped(draft, 10, 0.2, 2);
    });
    expect(toSeconds(evidence.writerLagUs(1) ?? 0)).toBeCloseTo(0.3, 1);
    expect(evidence.writerLagUs(2)).toBe(evidence.writerLagUs(1));
    expect(evidence.writerLagUs(3)).toBeUndefined();
    expect(evidence.writerLagUs(undefined)).toBeUndefined();
  });

  test('show that what came after a change was committed after it', () => {
    const evidence = evidenceOf((draft) => {
      clocks(draft);
      stamped(draft, 1, 0.1);
    });
    const committedUs = evidence.facts('Pod').committedAfterUs(seconds(60));
    expect(toSeconds(committedUs)).toBeCloseTo(20, 1);
    expect(evidence.facts('DataVolume').committedAfterUs(seconds(60))).toBe(-FOR_EVER);
  });
});

test('gaps belong to the stream of their kind', () => {
  const evidence = evidenceOf((draft) => {
    const [from, t] = [seconds(10), seconds(20)];
    draft.add({ e: 'gap', k: 'datavolumes', from, t, cause: 'broken', relist: false });
    draft.object({ kind: 'DataVolume', name: 'a', at: 30 });
    draft.clone({ step: 0, name: 'b', seen: 31 });
  });
  expect(evidence.isIdle).toBe(false);
  expect(evidence.facts('DataVolume').upSinceUs(seconds(15))).toBeUndefined();
  expect(evidence.facts('DataVolume').upSinceUs(seconds(30))).toBe(seconds(20));
  expect(evidence.facts('Pod').upSinceUs(seconds(15))).toBe(0);
});

test('a stream of which nothing else is known has its gaps all the same', () => {
  const evidence = evidenceOf((draft) => {
    const [from, t] = [seconds(10), seconds(20)];
    const k = 'virtualmachineinstances';
    draft.add({ e: 'gap', k, from, t, cause: 'broken', relist: false });
    draft.object({ kind: 'VirtualMachineInstance', name: 'a', at: 30 });
  });
  const { upSinceUs } = evidence.facts('VirtualMachineInstance');
  expect([5, 15, 30].map((at) => upSinceUs(seconds(at)))).toEqual([0, undefined, seconds(20)]);
});
