/** What a resumed run reads off its history: when operations were meant to start, and what is gone. */

import { expect, test } from 'vitest';
import { createdObjects } from '../../src/drive/created.ts';
import { createKinds } from '../../src/drive/kinds.ts';
import { recall } from '../../src/drive/past.ts';
import { createUndos } from '../../src/drive/undos.ts';
import { stageLog } from '../../src/drive/stage-log.ts';
import type { HostedObserver } from '../../src/observe/hosted-observer.ts';
import type { Entry } from '../../src/record/entry.ts';
import { changes, vms, planRatio, waveStep } from '../support/toy-plan.ts';

const DEAF = {
  expect: () => {},
  accepted: () => {},
  forget: () => {},
  recall: () => {},
} as unknown as HostedObserver;

const PLAN = planRatio(
  waveStep([vms(0, 2)], { kind: 'deploy', until: 'provisioned' }),
  waveStep([changes('delete', 2, 1)], { kind: 'delete', until: 'deleted' }),
);

const TOOLS = () => ({
  verdicts: new Map(),
  kinds: createKinds(),
  stages: stageLog({ write: () => {} }, true),
  undos: createUndos(),
});

const SENT = [
  { e: 'send', t: 120, p: 0, s: 0, w: 0, v: 'create', k: 'VirtualMachine', n: 'vm-0', i: 100 },
  { e: 'ack', t: 130, p: 0, c: 201, u: 'uid-0' },
  { e: 'send', t: 140, p: 1, s: 0, w: 0, v: 'create', k: 'VirtualMachine', n: 'vm-1' },
  { e: 'ack', t: 150, p: 1, c: 201, u: 'uid-1' },
  { e: 'send', t: 200, p: 2, s: 1, w: 0, v: 'delete', k: 'VirtualMachine', n: 'vm-0' },
] satisfies readonly Entry[];

function recalled(entries: readonly Entry[]) {
  const created = createdObjects();
  const past = recall({ plan: PLAN, entries, observer: DEAF, created, ...TOOLS() });
  return { past, uids: created.list().map(({ uid }) => uid) };
}

test('an operation that was sent late was meant to start when it was meant to', () => {
  const { past } = recalled(SENT);
  expect(past.operation(0)?.intendedUs).toBe(100);
  expect(past.operation(1)?.intendedUs).toBe(140);
});

test('the observer hears which requests the server took, and of no others', () => {
  const accepted: number[] = [];
  const observer = { ...DEAF, accepted: (id: number) => accepted.push(id) };
  const entries = [...SENT, { e: 'ack', t: 210, p: 2, c: 409 }] satisfies readonly Entry[];
  const fold = { plan: PLAN, entries, created: createdObjects(), ...TOOLS() };
  recall({ ...fold, observer: observer as unknown as HostedObserver });
  expect(accepted).toEqual([0, 1]);
});

test('what was deleted is the run no more; what was asked to be, and not answered, still is', () => {
  expect(recalled(SENT).uids).toEqual(['uid-0', 'uid-1']);
  const answered = recalled([...SENT, { e: 'ack', t: 210, p: 2, c: 200 }]);
  expect(answered.uids).toEqual(['uid-1']);
  const gone = recalled([...SENT, { e: 'ack', t: 210, p: 2, c: 404 }]);
  expect(gone.uids).toEqual(['uid-1']);
  const refused = recalled([...SENT, { e: 'ack', t: 210, p: 2, c: 409 }]);
  expect(refused.uids).toEqual(['uid-0', 'uid-1']);
});

test('what an earlier session has sent is to be undone, answered or not', () => {
  const undo = { do: 'patch', patch: { metadata: { labels: { down: null } } } } as const;
  const deletions = changes('delete', 2, 1).map((operation) => ({ ...operation, undo }));
  const { steps } = PLAN;
  const plan = planRatio(...steps.slice(0, 1), waveStep([deletions], { kind: 'delete' }));
  const tools = TOOLS();
  recall({ plan, entries: SENT, observer: DEAF, created: createdObjects(), ...tools });
  expect(tools.undos.list().map(({ name }) => name)).toEqual(['vm-0']);
});

test('a step is over once a later one has begun, unless they go on together', () => {
  const steps = [0, 1, 2].map(() => waveStep([vms(0, 1)], { kind: 'deploy', group: 0 }));
  const entries = [0, 1].map((s) => ({ e: 'step', t: s, s, name: 'a', kind: 'deploy' }) as Entry);
  const over = (group: number | undefined) => {
    const plan = planRatio(...steps.map((step) => ({ ...step, group })));
    return recall({ plan, entries, observer: DEAF, created: createdObjects(), ...TOOLS() });
  };
  expect([0, 1].map((step) => over(undefined).stepIsOver(step))).toEqual([true, false]);
  expect([0, 1].map((step) => over(0).stepIsOver(step))).toEqual([false, false]);
});
