/** Ages, JSONPaths and pods as kubectl prints them. */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { createRegistry } from '../../../../src/sim/apiserver/registry/registry.ts';
import { humanDuration } from '../../../../src/sim/apiserver/table/human-duration.ts';
import { compileJsonPath } from '../../../../src/sim/apiserver/table/json-path.ts';
import { podReady, podStatus } from '../../../../src/sim/apiserver/table/pod-status.ts';
import { pod } from '../lab.ts';

test.each([
  [-5, '<invalid>'],
  [-1.5, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [599, '9m59s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 60, '3h1m'],
  [8 * 3600 + 60, '8h'],
  [48 * 3600 - 1, '47h'],
  [50 * 3600, '2d2h'],
  [8 * 86400, '8d'],
  [800 * 86400, '2y70d'],
  [9 * 365 * 86400, '9y'],
])('%d s is %s', (seconds, text) => {
  expect(humanDuration(seconds * 1e6)).toBe(text);
});

test('JSONPaths of printer columns', () => {
  const value = {
    status: { conditions: [{ type: 'A' }, { type: 'Ready', status: 'True' }], list: ['x', 'y'] },
    metadata: { annotations: { 'a.b/c': 'd' } },
  };
  const at = (path: string) => compileJsonPath(path)(value);
  expect(at(".status.conditions[?(@.type=='Ready')].status")).toBe('True');
  expect(at(".status.conditions[?(@.type=='Paused')].status")).toBeUndefined();
  expect(at('.status.list[1]')).toBe('y');
  expect(at(String.raw`.metadata.annotations.a\.b/c`)).toBe('d');
  expect(at(".metadata.annotations['a.b/c']")).toBe('d');
  expect(at('.status.none.deeper')).toBeUndefined();
  expect(() => compileJsonPath('status')).toThrow(SyntaxError);
});

test('columns of the kinds are those of the real definitions', () => {
  const columnsOf = (plural: string) => {
    const kind = createRegistry().definitions.find(({ resource }) => resource.plural === plural);
    return kind?.columns.map(({ name, priority }) => (priority ? `(${name})` : name)).join(' ');
  };
  expect(columnsOf('datavolumes')).toBe('Name Phase Progress Restarts Age');
  expect(columnsOf('virtualmachines')).toBe('Name Age Status Ready');
  expect(columnsOf('virtualmachineinstances')).toBe(
    'Name Age Phase IP NodeName Ready (Live-Migratable) (Paused)',
  );
  expect(columnsOf('volumesnapshots')).toBe(
    'Name ReadyToUse SourcePVC SourceSnapshotContent RestoreSize SnapshotClass SnapshotContent ' +
      'CreationTime Age',
  );
});

test('the state of a pod in one word', () => {
  const base = pod('p');
  const word = (status: unknown, rest: Partial<KubeObject> = {}) =>
    podStatus({ ...base, status, ...rest });
  const container = (state: unknown, ready = false) => ({ name: 'compute', ready, state });
  expect(word({ phase: 'Pending' })).toBe('Pending');
  const creating = container({ waiting: { reason: 'ContainerCreating' } });
  expect(word({ phase: 'Pending', containerStatuses: [creating] })).toBe('ContainerCreating');
  const up = { phase: 'Running', containerStatuses: [container({ running: {} }, true)] };
  expect(word(up)).toBe('Running');
  expect(podReady({ ...base, status: up })).toBe('1/1');
  const metadata = { ...base.metadata, deletionTimestamp: '2024-06-01T00:00:00Z' };
  expect(word(up, { metadata })).toBe('Terminating');
  const done = container({ terminated: { exitCode: 0, reason: 'Completed' } });
  expect(word({ phase: 'Succeeded', containerStatuses: [done] })).toBe('Completed');
  const failed = container({ terminated: { exitCode: 3 } });
  expect(word({ phase: 'Failed', containerStatuses: [failed] })).toBe('ExitCode:3');
});
