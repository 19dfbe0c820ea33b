/** What differs between the releases whose controllers are simulated. */

import { expect, test } from 'vitest';
import { nextStatus } from '../../../../src/sim/controllers/storage/cdi/data-volume-status.ts';
import { DEFAULT_RELEASE, type Release } from '../../../../src/parameters/release.ts';
import { dataVolume } from './cluster.ts';

test.each<[Release, string]>([
  [DEFAULT_RELEASE, 'Unknown'],
  ['upstream-2026-08', 'False'],
])('%s: without a claim the condition Bound is %s', (release, bound) => {
  const view = { claim: undefined, waitsForConsumer: false, release };
  const status = nextStatus(dataVolume('d', { blank: {} }), view, '2026-08-01T00:00:00Z');
  expect(status.status.conditions?.[0]).toMatchObject({ type: 'Bound', status: bound });
});
