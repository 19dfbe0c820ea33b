import { expect, test } from 'vitest';
import { createPodAddresses } from '../../../../src/sim/hardware/node/pod-addresses.ts';

test('each node hands out its own network, each pod keeps its address', () => {
  const addresses = createPodAddresses();
  expect(addresses.take('worker-000', 'a')).toBe('10.128.0.2');
  expect(addresses.take('worker-000', 'b')).toBe('10.128.0.3');
  expect(addresses.take('worker-001', 'c')).toBe('10.128.2.2');
  expect(addresses.take('worker-000', 'a')).toBe('10.128.0.2');
});

test('released addresses come back once the network is used up', () => {
  const addresses = createPodAddresses();
  const all = new Set(Array.from({ length: 509 }, (_, i) => addresses.take('worker-000', `p${i}`)));
  expect(all.size).toBe(509);
  expect(all).toContain('10.128.1.254');
  addresses.release('p7');
  expect(addresses.take('worker-000', 'new')).toBe('10.128.0.9');
});
