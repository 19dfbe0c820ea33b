/** What of a pod may change, and what not. */

import { expect, test } from 'vitest';
import { createLab, MERGE, PODS, pod } from '../lab.ts';

const TOLERATION = { key: 'k', operator: 'Exists' };

function withPod(spec: object = {}) {
  const lab = createLab();
  const containers = [{ name: 'a', image: 'x' }];
  lab.ok('POST', PODS, { ...pod('p'), spec: { containers, tolerations: [TOLERATION], ...spec } });
  return (change: object) => lab.send('PATCH', `${PODS}/p`, { spec: change }, MERGE);
}

test.each([{ containers: [{ name: 'a', image: 'y' }] }, { activeDeadlineSeconds: 5 }])(
  '%j is changed',
  (change) => {
    expect(withPod()(change)).toMatchObject({ status: 200, body: { spec: change } });
  },
);

test('tolerations are added to, and every pod bears five minutes without its node', () => {
  const tolerations = [{ ...TOLERATION, tolerationSeconds: 9 }, { key: 'other' }];
  const answer = withPod()({ tolerations });
  const patience = ['not-ready', 'unreachable'].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
  expect(answer).toMatchObject({
    status: 200,
    body: { spec: { tolerations: [...tolerations, ...patience] } },
  });
});

test.each([
  { nodeName: 'n' },
  { restartPolicy: 'Never' },
  { terminationGracePeriodSeconds: 1 },
  { containers: [{ name: 'a', image: 'x', command: ['y'] }] },
  { schedulingGates: [{ name: 'new' }] },
])('%j is refused in so many words', (change) => {
  expect(withPod()(change)).toMatchObject({
    status: 422,
    body: {
      message:
        'Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than ' +
        '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
        '`spec.tolerations` (only additions to existing tolerations),' +
        '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously ' +
        'negative)',
    },
  });
});

test.each([
  [
    { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] },
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ],
  [
    { tolerations: [] },
    'spec.tolerations: Forbidden: existing toleration can not be modified except its ' +
      'tolerationSeconds',
  ],
  [
    { activeDeadlineSeconds: 9 },
    'spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value',
  ],
  [
    { activeDeadlineSeconds: null },
    'spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer ' +
      'to nil value',
  ],
])('%j is refused', (change, words) => {
  expect(withPod({ activeDeadlineSeconds: 5 })(change)).toMatchObject({
    status: 422,
    body: { message: `Pod "p" is invalid: ${words}` },
  });
});

test('a gate is taken away, and a negative grace period made a second', () => {
  const change = withPod({ schedulingGates: [{ name: 'g' }], terminationGracePeriodSeconds: -1 });
  expect(change({ schedulingGates: [], terminationGracePeriodSeconds: 1 }).status).toBe(200);
});

test('a pod has containers', () => {
  const empty = { ...pod('p'), spec: { containers: [] } };
  expect(createLab().refused('POST', PODS, empty)).toMatchObject({
    code: 422,
    message: 'Pod "p" is invalid: spec.containers: Required value',
  });
});
