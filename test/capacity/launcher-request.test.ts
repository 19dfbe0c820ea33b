/** Sums that KubeVirt's own formula gives, by hand. */

import { expect, test } from 'vitest';
import { launcherRules } from '../../src/capacity/kubevirt-rules.ts';
import { parseBytes } from '../../src/core/bytes.ts';
import { computeResources } from '../../src/capacity/launcher-request.ts';
import { launcherDemand } from '../../src/capacity/pod-demand.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const memoryOf = (version: string, guest: string, cores: number, devices: object = {}) => {
  const domain = { cpu: { cores }, memory: { guest }, devices };
  const { requests } = computeResources({ domain }, launcherRules(version));
  return parseBytes(requests['memory'] ?? '') ?? 0;
};

/** Page tables are of kilobytes rounded up, so a few bytes over a 512th. */
const near = (mebibytes: number) => [mebibytes * MIB, mebibytes * MIB + 3] as const;

test.each([
  ['v1.1.1', '128Gi', 16, {}, 256 + 210 + 128 + 8 + 16],
  ['v1.6.6', '4Gi', 2, {}, 8 + 220 + 16 + 8 + 32],
  // Without page tables, since the webhooks write no request any more; recorded at d923fdb8.
  ['v1.99.0', '128Gi', 16, {}, 240 + 128 + 8 + 32],
  ['devel', '4Gi', 2, {}, 296],
  ['devel', '4Gi', 8, { tpm: {} }, 240 + 64 + 8 + 32 + 53],
])('KubeVirt %s adds to %s and %d vCPUs with %j what its formula says', (...row) => {
  const [version, guest, cores, devices, mebibytes] = row;
  const gibibytes = Number.parseInt(guest, 10);
  const overhead = memoryOf(version, guest, cores, devices) - gibibytes * GIB;
  const [lo, hi] = near(mebibytes);
  expect(overhead).toBeGreaterThanOrEqual(lo);
  expect(overhead).toBeLessThanOrEqual(hi);
});

test('the KubeVirt object changes the share of CPU and memory that is asked for', () => {
  const spec = { domain: { cpu: { cores: 6 }, memory: { guest: '6Gi' }, devices: {} } };
  const rules = launcherRules('v1.1.1', {
    developerConfiguration: { cpuAllocationRatio: 4, memoryOvercommit: 150, useEmulation: true },
    virtualMachineOptions: { disableSerialConsoleLog: {} },
  });
  const { cpuMillis, memoryBytes, others } = launcherDemand(spec, rules);
  expect(cpuMillis).toBe(1500);
  expect(memoryBytes).toBe(4 * GIB + 8 * MIB + (210 + 48 + 8 + 16) * MIB + 1);
  expect(others.map(([name]) => name)).toEqual(['devices.kubevirt.io/tun', 'ephemeral-storage']);
});
