/** Plans performed on the toy cluster: what is sent when, and how each operation ends. */

import { describe, expect, test } from 'vitest';
import { DATA_VOLUMES, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import type { Progress } from '../../src/drive/progress.ts';
import { runProgress } from '../../src/analyse/progress.ts';
import { runBuilder } from '../../src/record/run-builder.ts';
import type { HeaderEntry, MissEntry, SendEntry, WaveEntry } from '../../src/record/entry.ts';
import type { ApiResponse, Transport } from '../../src/api/transport.ts';
import { CLONE_US, GUEST_US, type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { changes, clones, vms, NAMESPACE, planRatio, waveStep } from '../support/toy-plan.ts';
import { pick, play } from './play.ts';

const HEADER: HeaderEntry = {
  e: 'header',
  schema: 'bench/history/v1',
  run: 'r1',
  scenario: 'toy',
  target: 'simulated',
  seed: 1,
};

describe('waves', () => {
  test('a closed loop sends each operation at its offset and waits for the whole wave', async () => {
    const step = waveStep([clones(0, 3), clones(3, 2)], {
      pacing: { loop: 'closed', share: 1, pauseUs: 30 * SECOND },
    });
    const { ending, entries } = await play(toyCluster(), planRatio(step));
    expect(ending).toEqual({ outcome: 'complete' });
    const [first, second] = pick(entries, 'wave') as [WaveEntry, WaveEntry];
    const sends = pick(entries, 'send');
    expect(sends.map(({ i, t }) => t - (i ?? t))).toEqual([0, 0, 0, 0, 0]);
    expect(sends.map(({ i, t }) => (i ?? t) - first.t).slice(0, 3)).toEqual([
      0,
      SECOND,
      2 * SECOND,
    ]);
    const [firstEnd] = pick(entries, 'waveEnd');
    expect(firstEnd).toMatchObject({ reached: 3, failed: 0, censored: 0 });
    expect(second.t).toBe((firstEnd?.t ?? 0) + 30 * SECOND);
  });

  test('a share opens the gate while stragglers go on', async () => {
    const step = waveStep([clones(0, 2), clones(2, 1)], {
      pacing: { loop: 'closed', share: 0.5, pauseUs: 0 },
    });
    const { entries } = await play(toyCluster(), planRatio(step));
    const [first, second] = pick(entries, 'wave') as [WaveEntry, WaveEntry];
    const [firstEnd] = pick(entries, 'waveEnd');
    expect(firstEnd?.t).toBeGreaterThan(second.t);
    expect(second.t - first.t).toBeLessThan(CLONE_US + SECOND);
    expect(pick(entries, 'waveEnd').map(({ reached }) => reached)).toEqual([2, 1]);
  });

  test('an open loop keeps to its schedule, whatever has completed', async () => {
    const step = waveStep([clones(0, 1), clones(1, 1), clones(2, 1)], {
      pacing: { loop: 'open', everyUs: 4 * SECOND },
    });
    const { entries } = await play(toyCluster(), planRatio(step));
    const releases = pick(entries, 'wave').map(({ t }) => t);
    const startUs = releases[0] ?? 0;
    expect(releases.map((t) => t - startUs)).toEqual([0, 4 * SECOND, 8 * SECOND]);
  });

  test('the in-flight cap shows as send lag, not as a later intended start', async () => {
    const step = waveStep([clones(0, 3)], { inFlightMax: 1 });
    const { ending, entries } = await play(toyCluster(), planRatio(step));
    expect(ending.outcome).toBe('complete');
    const lags = pick(entries, 'send').map(({ i, t }) => Math.floor((t - (i ?? t)) / SECOND));
    expect(lags).toEqual([0, 9, 18]);
  });
});

describe('misses', () => {
  test('what hangs is censored at its deadline, what fails is failed, and both are counted', async () => {
    const toy = toyCluster(({ metadata }) => {
      if (metadata.name === 'clone-1') return 'hangs';
      return metadata.name === 'clone-2' ? 'fails' : undefined;
    });
    const step = waveStep([clones(0, 4)], { timeoutUs: 5 * MINUTE, errorBudget: 0.25 });
    const { ending, entries } = await play(toy, planRatio(step));
    const sends = new Map(pick(entries, 'send').map((send) => [send.p, send]));
    const misses = pick(entries, 'miss').sort((a, b) => a.p - b.p) as [MissEntry, MissEntry];
    expect(misses.map(({ p, how, reason }) => [p, how, reason])).toEqual([
      [1, 'censored', 'Timeout'],
      [2, 'failed', 'DataVolumeFailed'],
    ]);
    expect(misses[0].t).toBe((sends.get(1) as SendEntry).t + 5 * MINUTE);
    expect(misses[0].message).toBe('DataVolume CloneScheduled');
    expect(pick(entries, 'waveEnd')).toMatchObject([{ reached: 2, failed: 1, censored: 1 }]);
    expect(ending.outcome).toBe('partial');
    expect(ending.reason).toContain('2 of 4 operations missed (1 failed, 1 unfinished');
  });

  test('misses within the error budget leave the run complete', async () => {
    const toy = toyCluster(({ metadata }) => (metadata.name === 'clone-1' ? 'fails' : undefined));
    const step = waveStep([clones(0, 4)], { errorBudget: 0.25 });
    expect((await play(toy, planRatio(step))).ending.outcome).toBe('complete');
  });

  test('a refused create is failed with the reason that the server gave', async () => {
    const broken = clones(0, 1).map((it) => ({
      ...it,
      manifest: () => ({ apiVersion: 'v9', kind: 'DataVolume', metadata: { name: 'Not A Name' } }),
    }));
    const step = waveStep([[...broken, ...clones(1, 1)]]);
    const { entries } = await play(toyCluster(), planRatio(step));
    const [miss] = pick(entries, 'miss');
    expect(miss).toMatchObject({ p: 0, how: 'failed' });
    expect(miss?.message).not.toBe('');
    expect(pick(entries, 'ack')[0]?.c).toBeGreaterThanOrEqual(400);
  });

  test('an object that someone else deletes is censored, not failed', async () => {
    const toy = toyCluster(() => 'hangs');
    toy.kernel.schedule(20 * SECOND, () => {
      const path = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/datavolumes/clone-0`;
      toy.send('DELETE', path);
    });
    const { entries } = await play(toy, planRatio(waveStep([clones(0, 1)])));
    expect(pick(entries, 'miss')).toMatchObject([{ how: 'censored', reason: 'Deleted' }]);
  });

  test('the class of a timeout is the trouble that the object was in by then', async () => {
    const toy = toyCluster(() => 'hangs');
    const message = 'unable to connect to http data source: 404';
    const inTrouble = { type: 'Running', status: 'False', reason: 'Error', message };
    const path = (name: string) =>
      `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/datavolumes/${name}/status`;
    const say = (name: string, conditions: readonly object[]) =>
      toy.send('PATCH', path(name), { status: { conditions } });
    toy.kernel.schedule(30 * SECOND, () => say('clone-0', [inTrouble]));
    toy.kernel.schedule(30 * SECOND, () => say('clone-1', [inTrouble]));
    toy.kernel.schedule(60 * SECOND, () => say('clone-1', []));
    const step = waveStep([clones(0, 2)], { waveErrorBudget: 1 });
    const { entries } = await play(toy, planRatio(step));
    expect(pick(entries, 'miss')).toMatchObject([
      {
        reason: 'Timeout',
        class: 'DataVolumeError',
        message: `DataVolume CloneScheduled: ${message}`,
      },
      { reason: 'Timeout', class: 'Slow', message: 'DataVolume CloneScheduled' },
    ]);
  });
});

describe('refusals', () => {
  const ENDING = 'because it is being terminated';
  const QUOTA = 'exceeded quota: small, requested: count/datavolumes=1, used: 2, limited: 2';
  const refusal = (code: number, reason: string, message: string) => ({
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message },
    receivedUs: 0,
  });
  /** Answers every creation of a clone for which `refuse` has an answer. */
  const refusing = (toy: ToyCluster, refuse: (nth: number) => ApiResponse | undefined) => {
    let nth = 0;
    const transport: Transport = {
      ...toy.transport,
      request: async (request) => {
        const isCreate = request.method === 'POST' && request.path.endsWith('/datavolumes');
        const answer = isCreate ? refuse(nth++) : undefined;
        return answer ?? toy.transport.request(request);
      },
    };
    return { transport };
  };

  test.each([
    ['Forbidden', `datavolumes "clone-0" is forbidden: ${QUOTA}`, 403, 'QuotaExceeded'],
    ['BadRequest', 'admission webhook "w.x" denied the request: no', 400, 'AdmissionDenied'],
    ['Forbidden', `unable to create new content in namespace n ${ENDING}`, 403, 'NamespaceDeleted'],
    ['NotFound', 'namespaces "n" not found', 404, 'NamespaceDeleted'],
    ['Forbidden', 'User "u" cannot create resource "datavolumes"', 403, 'Forbidden'],
    ['Invalid', 'DataVolume "clone-0" is invalid', 422, 'Rejected'],
  ])('%s: %s is final, and told with its class', async (reason, message, code, found) => {
    const toy = toyCluster();
    const lab = refusing(toy, (nth) => (nth === 0 ? refusal(code, reason, message) : undefined));
    const { entries } = await play(toy, planRatio(waveStep([clones(0, 3)])), lab);
    const [miss] = pick(entries, 'miss');
    expect(miss).toMatchObject({ p: 0, how: 'failed', reason, class: found });
    expect(miss?.message).toContain(message);
    expect(pick(entries, 'note')).toEqual([]);
  });

  test.each([
    [403, 'Forbidden', 'datavolumes "c" is forbidden: status unknown for quota: q, resources: x'],
    [409, 'Conflict', 'Operation cannot be fulfilled on resourcequotas "q": the object has been'],
  ])('%d %s of a quota that is busy is asked again', async (code, reason, message) => {
    const toy = toyCluster();
    const lab = refusing(toy, (nth) => (nth < 2 ? refusal(code, reason, message) : undefined));
    const { ending, entries } = await play(toy, planRatio(waveStep([clones(0, 1)])), lab);
    expect(ending.outcome).toBe('complete');
    expect(pick(entries, 'ack')).toMatchObject([{ tries: 3 }]);
  });

  test('what is never accepted says so at its deadline', async () => {
    const toy = toyCluster();
    const lab = refusing(toy, () => refusal(503, 'ServiceUnavailable', 'try again'));
    const step = waveStep([clones(0, 1)], { timeoutUs: MINUTE });
    const { entries } = await play(toy, planRatio(step), lab);
    const [miss] = pick(entries, 'miss');
    expect(miss).toMatchObject({ how: 'censored', reason: 'Timeout', class: 'NotAccepted' });
    expect(miss?.message).toContain('try again');
  });
});

describe("a wave's error budget", () => {
  const doomed = (count: number) =>
    toyCluster(({ metadata }) => {
      const nth = Number(/^clone-(\d+)$/.exec(metadata.name)?.[1] ?? -1);
      return nth < count ? 'fails' : 'hangs';
    });

  test('aborts the run at the miss that exceeds it, with the wave under way', async () => {
    const step = waveStep([clones(0, 8), clones(8, 2)], { name: 'clone rhel9' });
    const { ending, entries } = await play(doomed(5), planRatio(step));
    const misses = pick(entries, 'miss');
    expect(misses.map(({ p, how, reason }) => `${p} ${how} ${reason}`)).toEqual([
      ...[0, 1, 2, 3, 4].map((p) => `${p} failed DataVolumeFailed`),
      ...[5, 6, 7].map((p) => `${p} censored Aborted`),
    ]);
    expect(misses.at(-1)?.t).toBe(misses[4]?.t);
    expect(misses.at(-1)?.class).toBe('CutOff');
    expect(pick(entries, 'waveEnd')).toMatchObject([{ reached: 0, failed: 5, censored: 3 }]);
    expect(pick(entries, 'wave')).toHaveLength(1);
    expect(ending).toEqual({
      outcome: 'failed',
      reason:
        "step 0 'clone rhel9', wave 1 of 2: 5 of 8 operations missed (5 failed, 0 unfinished; the " +
        "wave's error budget is 50 %), most often DataVolumeFailed (5)",
    });
    expect(pick(entries, 'end')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('a step that the run ends before is told, and counts as asked for', async () => {
    const step = waveStep([clones(0, 2)]);
    const boot = waveStep([vms(2, 3)], { kind: 'boot', until: 'guestReady' });
    const { entries } = await play(doomed(2), planRatio(step, boot));
    const neverBegun = [{ kind: 'boot', until: 'guestReady', operations: 3 }];
    expect(pick(entries, 'end')).toMatchObject([{ outcome: 'failed', neverBegun }]);
    const builder = runBuilder(HEADER);
    for (const entry of entries) builder.add(entry);
    expect(runProgress(builder.build([]), [])).toMatchObject([
      { of: 'boot', until: 'guestReady', asked: 3, n: 0, reached: 0 },
      { of: 'clone', asked: 2, n: 2 },
    ]);
  });

  test('is not exceeded by as many misses as it allows', async () => {
    const step = waveStep([clones(0, 4)], { timeoutUs: 5 * MINUTE, waveErrorBudget: 1 });
    const { ending, entries } = await play(doomed(2), planRatio(step));
    expect(pick(entries, 'miss').map(({ reason }) => reason)).toContain('Timeout');
    expect(ending.outcome).toBe('partial');
  });

  test.each([
    ['one miss alone exceeds none', 0.5, 'partial', 3],
    ['but where none is allowed', 0, 'failed', 1],
  ])('%s', async (_, waveErrorBudget, outcome, sent) => {
    const step = waveStep([clones(0, 1), clones(1, 1), clones(2, 1)], {
      timeoutUs: 5 * MINUTE,
      waveErrorBudget,
    });
    const { ending, entries } = await play(doomed(1), planRatio(step));
    expect(ending.outcome).toBe(outcome);
    expect(pick(entries, 'send')).toHaveLength(sent);
  });

  test('of an open loop aborts all waves under way, and sends nothing more', async () => {
    const step = waveStep([clones(0, 3), clones(3, 20)], {
      pacing: { loop: 'open', everyUs: 2 * SECOND },
    });
    const { ending, entries } = await play(doomed(2), planRatio(step));
    expect(ending.outcome).toBe('failed');
    const abortedAtUs = pick(entries, 'miss')[1]?.t ?? Number.NaN;
    const sends = pick(entries, 'send');
    expect(sends.length).toBeLessThan(15);
    expect(sends.at(-1)?.t).toBeLessThanOrEqual(abortedAtUs);
    const verdicts = pick(entries, 'waveEnd').map(({ failed, censored }) => failed + censored);
    expect(verdicts.reduce((a, b) => a + b, 0)).toBe(sends.length);
  });

  test('counts deadlines, and the one that exceeds it expires no other', async () => {
    const step = waveStep([clones(0, 4)], { timeoutUs: MINUTE });
    const { ending, entries } = await play(doomed(0), planRatio(step));
    expect(pick(entries, 'miss').map(({ reason }) => reason)).toEqual([
      'Timeout',
      'Timeout',
      'Timeout',
      'Aborted',
    ]);
    expect(ending.reason).toContain('most often Slow (3)');
  });

  test('exceeded by a deadline while others wait for their start leaves nothing ticking', async () => {
    const toy = doomed(0);
    const step = waveStep([clones(0, 5)], { timeoutUs: 1.5 * SECOND });
    const { entries } = await play(toy, planRatio(step));
    await toy.kernel.run(() => toy.kernel.sleep(10 * SECOND));
    expect(pick(entries, 'send').map(({ p }) => p)).toEqual([0, 1, 2, 3]);
    expect(pick(entries, 'miss').map(({ reason }) => reason)).toEqual([
      'Timeout',
      'Timeout',
      'Timeout',
      'Aborted',
    ]);
    expect(pick(entries, 'waveEnd')).toMatchObject([{ reached: 0, failed: 0, censored: 4 }]);
  });
});

describe('virtual machines', () => {
  const life = () =>
    planRatio(
      waveStep([vms(0, 2, 2)], { kind: 'deploy', until: 'provisioned' }),
      waveStep([changes('start', 2, 2)], { kind: 'boot', until: 'guestReady' }),
      waveStep([changes('stop', 4, 2)], { kind: 'stop', until: 'stopped' }),
      waveStep([changes('delete', 6, 2)], { kind: 'delete', until: 'deleted' }),
    );

  test('are deployed, booted, stopped and deleted', async () => {
    const toy = toyCluster();
    const { ending, entries } = await play(toy, life());
    expect(ending).toEqual({ outcome: 'complete' });
    expect(pick(entries, 'waveEnd').map(({ reached }) => reached)).toEqual([2, 2, 2, 2]);
    const [, boot] = pick(entries, 'wave');
    const bootEnd = pick(entries, 'waveEnd')[1];
    expect((bootEnd?.t ?? 0) - (boot?.t ?? 0)).toBeGreaterThan(GUEST_US);
    expect(toy.server.peek(VIRTUAL_MACHINES, NAMESPACE, 'vm-0')).toBeUndefined();
  });

  test('a disk that fails, fails the VM; a VMI that fails, fails its boot', async () => {
    const fate = ({ kind, metadata }: { kind: string; metadata: { name: string } }) => {
      if (metadata.name === 'vm-0-disk1') return 'fails' as const;
      const doomed = kind === 'VirtualMachineInstance' && metadata.name === 'vm-1';
      return doomed ? ('fails' as const) : undefined;
    };
    const { entries } = await play(toyCluster(fate), life());
    const reasons = pick(entries, 'miss').map(({ p, reason }) => [p, reason]);
    expect(reasons).toContainEqual([0, 'DataVolumeFailed']);
    expect(reasons).toContainEqual([3, 'InstanceFailed']);
  });
});

describe('a run', () => {
  test('cleans a step of what it created, and only that', async () => {
    const toy = toyCluster();
    const kept = waveStep([clones(0, 1)]);
    const cleaned = waveStep([clones(1, 3)], { cleanup: true });
    const { entries } = await play(toy, planRatio(kept, cleaned));
    const deleted = pick(entries, 'del').length;
    expect(deleted).toBe(6);
    expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-0')).toBeDefined();
    expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-1')).toBeUndefined();
    const end = pick(entries, 'end')[0];
    expect(end?.t).toBeGreaterThanOrEqual(pick(entries, 'del').at(-1)?.t ?? Number.NaN);
  });

  test('that is interrupted starts nothing more and censors what is under way', async () => {
    const toy = toyCluster();
    const interrupt = new AbortController();
    toy.kernel.schedule(1.5 * SECOND, () => interrupt.abort());
    const plan = planRatio(waveStep([clones(0, 10)]), waveStep([clones(10, 1)]));
    const { ending, entries } = await play(toy, plan, { signal: interrupt.signal });
    expect(ending).toMatchObject({ outcome: 'partial', reason: 'interrupted' });
    expect(pick(entries, 'send').map(({ p }) => p)).toEqual([0, 1]);
    expect(pick(entries, 'miss').map(({ reason }) => reason)).toEqual([
      'Interrupted',
      'Interrupted',
    ]);
    expect(pick(entries, 'step')).toHaveLength(1);
    expect(toy.kernel.nowUs()).toBeLessThan(2 * SECOND);
  });

  test('tells its progress', async () => {
    const told: Progress[] = [];
    await play(toyCluster(), planRatio(waveStep([clones(0, 3)])), {
      onProgress: (progress) => told.push(progress),
    });
    expect(told.at(-1)).toMatchObject({ reached: 3, inFlight: 0, done: 3, planned: 3, wave: 1 });
    expect(Math.max(...told.map(({ inFlight }) => inFlight))).toBe(3);
  });

  test('gives the same history again', async () => {
    const plan = () => planRatio(waveStep([clones(0, 5)]), waveStep([vms(5, 3)]));
    const [once, twice] = [await play(toyCluster(), plan()), await play(toyCluster(), plan())];
    expect(JSON.stringify(once.entries)).toBe(JSON.stringify(twice.entries));
  });
});

test('what the server warns of is told and noted at once, each text once', async () => {
  const toy = toyCluster();
  const heard: string[] = [];
  const warning = '299 - "spec.running is deprecated", 299 - "another, with a comma"';
  const transport: Transport = {
    ...toy.transport,
    request: async (request) => {
      const answer: ApiResponse = await toy.transport.request(request);
      return request.method === 'POST' ? { ...answer, headers: { warning } } : answer;
    },
  };
  const step = waveStep([clones(0, 3)]);
  const { entries } = await play({ ...toy, transport }, planRatio(step), {
    onWarning: (text) => heard.push(text),
  });
  const warnings = ['spec.running is deprecated', 'another, with a comma'];
  expect(heard).toEqual(warnings.map((text) => `the server warns: ${text}`));
  const notes = pick(entries, 'note').filter(({ what }) => what === 'warning');
  expect(notes.map(({ message }) => message)).toEqual(warnings);
});
