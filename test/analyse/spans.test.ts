import { describe, expect, test } from 'vitest';
import { SECOND, toSeconds } from '../../src/core/duration.ts';
import type { Metric } from '../../src/catalogue/metrics.ts';
import type { Span } from '../../src/analyse/span.ts';
import { measuredOperations, makeSpans } from '../../src/analyse/spans.ts';
import type { Run } from '../../src/record/run.ts';
import { type HistoryDraft, history } from '../support/history.ts';

function spans(run: Run, metric: Metric): readonly Span[] {
  return makeSpans(run, measuredOperations(run)).filter((span) => span.metric === metric);
}

/** `reached 3`, `reached (2, 3]`, `censored 5`, `failed`. */
function told({ outcome }: Span): string {
  switch (outcome.state) {
    case 'failed':
      return 'failed';
    case 'censored':
      return `censored ${toSeconds(outcome.at)}`;
    case 'reached':
      return outcome.lo === outcome.hi
        ? `reached ${outcome.hi / SECOND}`
        : `reached (${outcome.lo / SECOND}, ${outcome.hi / SECOND}]`;
  }
}

function tell(draft: HistoryDraft, metric: Metric): readonly string[] {
  return spans(draft.run(), metric).map(told);
}

const CLONES = { kind: 'clone', name: 'clones', until: 'dataVolumeSucceeded' } as const;
const BOOTS = { kind: 'boot', name: 'boots', until: 'guestReady' } as const;

function cloning(variants = [{ image: 'rhel9', source: 'pvc' }]): HistoryDraft {
  const draft = history();
  draft.step({ ...CLONES, variants });
  draft.wave({ step: 0, wave: 0, at: 0, n: 2 });
  return draft;
}

function booting(until: 'guestReady' | 'instanceRunning' = 'guestReady'): HistoryDraft {
  const draft = history();
  draft.step({ ...BOOTS, until, variants: [{ image: 'rhel9', template: 'small' }] });
  draft.wave({ step: 0, wave: 0, at: 0, n: 2 });
  return draft;
}

describe('a clone', () => {
  test('runs from the first sight of the DataVolume, its response from the intended start', () => {
    const draft = cloning();
    draft.clone({ step: 0, name: 'a', intended: 1, sent: 1.5, seen: 2, succeeded: 10 });
    draft.end(11);
    expect(tell(draft, 'clone')).toEqual(['reached 8']);
    expect(tell(draft, 'cloneResponse')).toEqual(['reached 9']);
    expect(tell(draft, 'sendLag')).toEqual(['reached 0.5']);
    expect(spans(draft.run(), 'clone')[0]?.dimensions).toEqual({
      step: 'clones',
      image: 'rhel9',
      source: 'pvc',
    });
  });

  test('stands in admission from its sending to its answer, or as long as it is not seen', () => {
    const draft = cloning();
    draft.clone({ step: 0, name: 'a', intended: 1, sent: 1.5, seen: 9, succeeded: 10 });
    draft.end(11);
    const [made] = draft.run().operations;
    const [answered] = spans(draft.run(), 'acknowledged');
    expect(answered?.dimensions).toEqual(spans(draft.run(), 'clone')[0]?.dimensions);
    const until = made?.ack?.atUs ?? 9 * SECOND;
    expect(answered && told(answered)).toBe(`reached ${(until - 1.5 * SECOND) / SECOND}`);
    const lost = { ...draft.run(), operations: [{ ...made, ack: undefined } as never] };
    expect(spans(lost, 'acknowledged').map(told)).toEqual(['reached 7.5']);
  });

  test('that was still under way at its deadline is censored there, whatever came later', () => {
    const draft = cloning();
    const { operation } = draft.clone({ step: 0, name: 'a', seen: 2, succeeded: 20 });
    draft.miss(operation, 12, 'censored');
    draft.end(30);
    expect(tell(draft, 'clone')).toEqual(['censored 10']);
    expect(tell(draft, 'cloneResponse')).toEqual(['censored 10']);
  });

  test('that failed is a failure, not a censored value', () => {
    const draft = cloning();
    const { operation } = draft.clone({ step: 0, name: 'a', seen: 2 });
    draft.miss(operation, 5, 'failed', 'DataVolumeFailed');
    expect(tell(draft, 'clone')).toEqual(['failed']);
  });

  test('that says itself that it has failed is a failure, though nobody has noted a miss', () => {
    const draft = cloning();
    const { object } = draft.clone({ step: 0, name: 'a', seen: 2 });
    draft.change(object, 5, ['phase', 'Failed']);
    draft.end(9);
    expect(tell(draft, 'clone')).toEqual(['failed']);
  });

  test('that was refused has no object and still counts', () => {
    const draft = cloning();
    const operation = draft.operation({ step: 0, name: 'a', sent: 1, status: 403 });
    draft.miss(operation, 1.01, 'failed', 'Forbidden');
    const unanswered = draft.operation({ step: 0, name: 'b', sent: 2, status: undefined });
    draft.miss(unanswered, 60, 'censored');
    expect(tell(draft, 'clone')).toEqual(['failed', 'censored 58']);
  });

  test('that was refused is not the one of another client that has its name', () => {
    const draft = cloning();
    const operation = draft.operation({ step: 0, name: 'a', sent: 1, status: 409 });
    const object = draft.object({ kind: 'DataVolume', name: 'a', at: 1.1, source: 'pvc' });
    draft.change(object, 2, ['phase', 'Succeeded']);
    draft.miss(operation, 3, 'failed', 'AlreadyExists');
    expect(tell(draft, 'clone')).toEqual(['failed']);
  });

  test('of a run that was cut off is censored at the last entry', () => {
    const draft = cloning();
    draft.clone({ step: 0, name: 'a', seen: 2, inProgress: 4 });
    draft.clone({ step: 0, name: 'b', seen: 3, succeeded: 9 });
    expect(tell(draft, 'clone')).toEqual(['censored 7', 'reached 6']);
  });

  test('from a web server is an import', () => {
    const draft = cloning([{ image: 'rhel9', source: 'http' }]);
    draft.clone({ step: 0, name: 'a', seen: 2, succeeded: 4 });
    expect(tell(draft, 'clone')).toEqual([]);
    expect(tell(draft, 'import')).toEqual(['reached 2']);
  });
});

describe('late sightings', () => {
  test('of the end give an interval from when it had surely not happened', () => {
    const draft = cloning();
    const { object } = draft.clone({ step: 0, name: 'a', seen: 2 });
    draft.change(object, 30, ['phase', 'Succeeded'], 10);
    expect(tell(draft, 'clone')).toEqual(['reached (8, 28]']);
  });

  test('of the beginning do so too, and both together never go below zero', () => {
    const draft = cloning();
    draft.operation({ step: 0, name: 'a', sent: 1, uid: 'u' });
    const late = draft.object({ kind: 'DataVolume', name: 'a', at: 9, after: 3, uid: 'u' });
    draft.change(late, 20, ['phase', 'Succeeded']);
    draft.operation({ step: 0, name: 'b', sent: 1, uid: 'v' });
    const both = draft.object({ kind: 'DataVolume', name: 'b', at: 9, after: 3, uid: 'v' });
    draft.change(both, 9, ['phase', 'Succeeded'], 3);
    expect(tell(draft, 'clone')).toEqual(['reached (11, 17]', 'reached (0, 6]']);
  });

  test('after the deadline count if it may have happened before', () => {
    const draft = cloning();
    const a = draft.clone({ step: 0, name: 'a', seen: 0 });
    const b = draft.clone({ step: 0, name: 'b', seen: 0 });
    draft.miss(a.operation, 10, 'censored');
    draft.miss(b.operation, 10, 'censored');
    draft.change(a.object, 15, ['phase', 'Succeeded'], 8);
    draft.change(b.object, 15, ['phase', 'Succeeded'], 10);
    expect(tell(draft, 'clone')).toEqual(['reached (8, 15]', 'censored 10']);
  });
});

describe('a re-created object', () => {
  test('is another one: the first was censored when it was deleted', () => {
    const draft = cloning();
    const { object } = draft.clone({ step: 0, name: 'a', uid: 'first', seen: 1 });
    draft.gone(object, 4);
    const second = draft.object({ kind: 'DataVolume', name: 'a', at: 5, uid: 'second' });
    draft.change(second, 9, ['phase', 'Succeeded']);
    expect(tell(draft, 'clone')).toEqual(['censored 3']);
  });

  test('does not become the subject of a create whose answer was lost', () => {
    const draft = cloning();
    draft.object({ kind: 'DataVolume', name: 'a', at: 1, uid: 'older' });
    draft.operation({ step: 0, name: 'a', sent: 2, status: undefined });
    const own = draft.object({ kind: 'DataVolume', name: 'a', at: 3, uid: 'own' });
    draft.change(own, 7, ['phase', 'Succeeded']);
    expect(tell(draft, 'clone')).toEqual(['reached 4']);
  });
});

describe('a deployed VM', () => {
  const variant = { image: 'rhel9', source: 'snapshot', template: 'two' };

  function deploying(): HistoryDraft {
    const draft = history();
    draft.step({ kind: 'deploy', name: 'deploy', variants: [variant], until: 'provisioned' });
    draft.wave({ step: 0, wave: 0, at: 0 });
    return draft;
  }

  function vm(draft: HistoryDraft, name: string, at: number): number {
    const uid = `vm-${name}`;
    const kind = 'VirtualMachine';
    draft.operation({ step: 0, kind, name, sent: at, uid, disks: 2 });
    return draft.object({ kind, name, at, uid });
  }

  function disk(draft: HistoryDraft, owner: number, source: string, at: number, end?: number) {
    const name = `${source}-${owner}`;
    const object = draft.object({ kind: 'DataVolume', name, at, owner, source });
    if (end !== undefined) draft.change(object, end, ['phase', 'Succeeded']);
  }

  test('clones its root disk and imports its blank one, in whatever order they appear', () => {
    const draft = deploying();
    const made = vm(draft, 'a', 1);
    disk(draft, made, 'blank', 2, 5);
    disk(draft, made, 'snapshot', 3, 13);
    expect(tell(draft, 'clone')).toEqual(['reached 10']);
    expect(tell(draft, 'import')).toEqual(['reached 3']);
    const [clone] = spans(draft.run(), 'clone');
    const [blank] = spans(draft.run(), 'import');
    expect(clone?.dimensions).toEqual({ step: 'deploy', image: 'rhel9', source: 'snapshot' });
    expect(blank?.dimensions).toEqual({ step: 'deploy', source: 'blank' });
  });

  test('misses the disks that never appeared, of the kinds that other VMs had', () => {
    const draft = deploying();
    const first = vm(draft, 'a', 1);
    disk(draft, first, 'snapshot', 2);
    const second = vm(draft, 'b', 1);
    disk(draft, second, 'blank', 2, 4);
    disk(draft, second, 'snapshot', 2, 8);
    vm(draft, 'c', 5);
    draft.end(20);
    expect(tell(draft, 'clone')).toEqual(['censored 18', 'reached 6', 'censored 15']);
    expect(tell(draft, 'import')).toEqual(['censored 19', 'reached 2', 'censored 15']);
  });

  test('that was never created misses its disks even where no VM tells their kinds', () => {
    const draft = deploying();
    const kind = 'VirtualMachine';
    const operation = draft.operation({ step: 0, kind, name: 'a', sent: 1, status: 403, disks: 2 });
    draft.miss(operation, 1, 'failed', 'Forbidden');
    expect(tell(draft, 'clone')).toEqual(['failed']);
    expect(spans(draft.run(), 'import').map(({ dimensions }) => dimensions.source)).toEqual([
      'unknown',
    ]);
  });
});

describe('a boot', () => {
  test('runs from the first sight of the VMI to Running and on to the guest', () => {
    const draft = booting();
    draft.boot({ step: 0, name: 'v', intended: 1, sent: 2, seen: 3, running: 9, guestReady: 30 });
    expect(tell(draft, 'vmiRunning')).toEqual(['reached 6']);
    expect(tell(draft, 'guestReady')).toEqual(['reached 27']);
    expect(tell(draft, 'runningResponse')).toEqual(['reached 8']);
    expect(tell(draft, 'guestReadyResponse')).toEqual(['reached 29']);
    const [span] = spans(draft.run(), 'guestReady');
    expect(span?.dimensions).toEqual({ step: 'boots', image: 'rhel9' });
  });

  test('whose guest fails has reached Running all the same', () => {
    const draft = booting();
    const { operation } = draft.boot({ step: 0, name: 'v', seen: 1, running: 5 });
    draft.miss(operation, 20, 'failed', 'InstanceFailed');
    expect(tell(draft, 'vmiRunning')).toEqual(['reached 4']);
    expect(tell(draft, 'guestReady')).toEqual(['failed']);
  });

  test('that found no VMI is censored from its intended start on', () => {
    const draft = booting();
    const kind = 'VirtualMachine';
    const times = { intended: 2, sent: 300 };
    const operation = draft.operation({ step: 0, verb: 'start', kind, name: 'v', ...times });
    draft.miss(operation, 602, 'censored');
    expect(tell(draft, 'vmiRunning')).toEqual(['censored 600']);
  });

  test('does not take the instance of an earlier boot, nor of a later one', () => {
    const draft = booting();
    const first = draft.boot({ step: 0, name: 'v', seen: 1, running: 3, guestReady: 5 });
    draft.gone(first.object, 10);
    draft.boot({ step: 0, name: 'v', wave: 1, sent: 20, seen: 21, running: 28, guestReady: 40 });
    expect(tell(draft, 'vmiRunning')).toEqual(['reached 2', 'reached 7']);
  });

  test('to Running only measures guests where one of the step came up', () => {
    const without = booting('instanceRunning');
    without.boot({ step: 0, name: 'v', seen: 1, running: 3 });
    expect(tell(without, 'guestReady')).toEqual([]);

    const some = booting('instanceRunning');
    some.boot({ step: 0, name: 'v', seen: 1, running: 3 });
    some.boot({ step: 0, name: 'w', seen: 1, running: 3, guestReady: 8 });
    some.end(50);
    expect(tell(some, 'guestReady')).toEqual(['censored 49', 'reached 7']);
  });

  test('of a VM that was created stopped is no span of the step that created it', () => {
    const draft = history();
    draft.step({ kind: 'deploy', until: 'provisioned' });
    draft.step({ ...BOOTS });
    draft.operation({ step: 0, kind: 'VirtualMachine', name: 'v', sent: 1 });
    draft.boot({ step: 1, name: 'v', seen: 10, running: 12, guestReady: 14 });
    expect(spans(draft.run(), 'vmiRunning').map(({ dimensions }) => dimensions.step)).toEqual([
      'boots',
    ]);
  });
});

describe('the rest', () => {
  test('a snapshot runs from its first sight to readyToUse', () => {
    const draft = history();
    draft.step({ kind: 'image', variants: [{ image: 'rhel9' }], until: 'snapshotReady' });
    draft.operation({ step: 0, kind: 'VolumeSnapshot', name: 's', sent: 1, uid: 's' });
    const object = draft.object({ kind: 'VolumeSnapshot', name: 's', at: 2, uid: 's' });
    draft.change(object, 2.5, ['readyToUse', 'false']);
    draft.change(object, 5, ['readyToUse', 'true']);
    expect(tell(draft, 'snapshotReady')).toEqual(['reached 3']);
  });

  test('stop and delete run from the request to the last sight', () => {
    const draft = history();
    draft.step({ kind: 'stop', until: 'stopped' });
    draft.step({ kind: 'delete', until: 'deleted' });
    const vm = draft.object({ kind: 'VirtualMachine', name: 'v', at: 0 });
    const vmi = draft.object({ kind: 'VirtualMachineInstance', name: 'v', at: 1 });
    const kind = 'VirtualMachine';
    draft.operation({ step: 0, verb: 'stop', kind, name: 'v', sent: 10 });
    draft.gone(vmi, 14);
    draft.operation({ step: 1, verb: 'delete', kind, name: 'v', sent: 20 });
    draft.gone(vm, 30, 26);
    expect(tell(draft, 'stop')).toEqual(['reached 4']);
    expect(tell(draft, 'delete')).toEqual(['reached (6, 10]']);
  });

  test('a VMI that has Failed can still be stopped: one that is there at the end is censored', () => {
    const draft = history();
    draft.step({ kind: 'stop', until: 'stopped' });
    const vmi = draft.object({ kind: 'VirtualMachineInstance', name: 'v', at: 1 });
    draft.change(vmi, 5, ['phase', 'Failed']);
    draft.operation({ step: 0, verb: 'stop', kind: 'VirtualMachine', name: 'v', sent: 10 });
    draft.end(25);
    expect(tell(draft, 'stop')).toEqual(['censored 15']);
  });
});
