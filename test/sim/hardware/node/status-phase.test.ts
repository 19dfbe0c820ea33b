import { describe, expect, test } from 'vitest';
import { SECOND } from '../../../../src/core/duration.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { createStatusPhases } from '../../../../src/sim/hardware/node/status-phase.ts';

const INTERVAL_US = 10 * SECOND;
const phases = () => createStatusPhases(INTERVAL_US, createRng(1));

describe('node status reports', () => {
  test('come at the same phase of every interval', () => {
    const { nextReportUs } = phases();
    const first = nextReportUs('worker-000', 0);
    expect(first).toBeLessThan(INTERVAL_US);
    expect(nextReportUs('worker-000', first)).toBe(first);
    expect(nextReportUs('worker-000', first + 1)).toBe(first + INTERVAL_US);
    expect(nextReportUs('worker-000', first + 25 * SECOND)).toBe(first + 30 * SECOND);
  });

  test('of a node depend on its name, not on who was asked before', () => {
    const early = phases().nextReportUs('worker-007', 0);
    const other = phases();
    other.nextReportUs('worker-001', 0);
    expect(other.nextReportUs('worker-007', 0)).toBe(early);
  });

  test('are spread over the interval', () => {
    const { nextReportUs } = phases();
    const firsts = Array.from({ length: 400 }, (_, i) => nextReportUs(`worker-${i}`, 0));
    const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
    expect(mean).toBeGreaterThan(4.5 * SECOND);
    expect(mean).toBeLessThan(5.5 * SECOND);
  });

  test('are immediate where the interval is zero', () => {
    expect(createStatusPhases(0, createRng(1)).nextReportUs('worker-000', 123)).toBe(123);
  });
});
