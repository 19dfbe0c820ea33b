import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatQuantity, parseBytes, parseCpu } from '../../src/core/bytes.ts';
import { formatDuration, parseDuration, SECOND } from '../../src/core/duration.ts';
import { compactCopy, deepFreeze, sameJson, stableJson } from '../../src/core/json.ts';
import { parseRfc3339, rfc3339, rfc3339Micro } from '../../src/core/time-text.ts';

describe('durations', () => {
  test.each([
    ['30s', 30 * SECOND],
    ['1h30m', 5400 * SECOND],
    ['250ms', 250_000],
    ['1.5s', 1_500_000],
    ['7us', 7],
    ['0s', 0],
  ])('%s is read as %d us', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  test.each(['', '30', 's', '-5s', '5 s', '1h30', 'soon'])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each([
    [0, '0s'],
    [1500, '1.5ms'],
    [32_100_000, '32.1s'],
    [65 * SECOND, '1m05s'],
    [7380 * SECOND, '2h03m'],
    [-SECOND, '-1s'],
  ])('%d us is written %s', (us, text) => {
    expect(formatDuration(us)).toBe(text);
  });
});

describe('amounts', () => {
  test.each([
    ['22Gi', 22 * 2 ** 30],
    ['1.5G', 1.5e9],
    ['100', 100],
    ['313Ti', 313 * 2 ** 40],
  ])('%s is %d bytes', (text, amount) => {
    expect(parseBytes(text)).toBe(amount);
  });

  test.each(['', 'Gi', '22GB', '-1Gi', '1e3'])('%j is no amount', (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });

  test('a quantity survives writing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (amount) => {
        expect(parseBytes(formatQuantity(amount))).toBe(amount);
      }),
    );
    expect(formatQuantity(22 * 2 ** 30)).toBe('22Gi');
  });

  test('people read rounded amounts', () => {
    expect(formatBytes(1.25 * 2 ** 40)).toBe('1.3 TiB');
    expect(formatBytes(512)).toBe('512 B');
  });

  test.each([
    ['500m', 0.5],
    ['16', 16],
  ])('%s is %d CPUs', (text, cpus) => {
    expect(parseCpu(text)).toBe(cpus);
  });

  test('a manifest may write a plain number for a quantity', () => {
    expect([parseCpu(16), parseBytes(1024)]).toEqual([16, 1024]);
  });
});

describe('stamps', () => {
  test('whole seconds are truncated, never rounded', () => {
    expect(rfc3339(1_717_200_000_999_999)).toBe('2024-06-01T00:00:00Z');
    expect(rfc3339Micro(1_717_200_000_000_012)).toBe('2024-06-01T00:00:00.000012Z');
  });

  test('a MicroTime survives writing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), (us) => {
        expect(parseRfc3339(rfc3339Micro(us))).toBe(us);
      }),
    );
  });

  test('offsets are honoured and nonsense is refused', () => {
    expect(parseRfc3339('1970-01-01T01:00:01+01:00')).toBe(1_000_000);
    expect(parseRfc3339('yesterday')).toBeUndefined();
  });
});

describe('json', () => {
  test('key order does not change the text', () => {
    expect(stableJson({ b: 1, a: [{ d: 1, c: undefined }] })).toBe('{"a":[{"d":1}],"b":1}');
  });

  test('equality is deep and takes undefined for absent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true);
        expect(sameJson(a, b)).toBe(stableJson(a) === stableJson(b));
      }),
    );
    expect(sameJson({ a: undefined }, {})).toBe(true);
    expect(sameJson({}, { a: 1 })).toBe(false);
  });

  test.each(['__proto__', 'constructor', 'toString'])('a member may be called %s', (name) => {
    const named = JSON.parse(`{ "${name}": [] }`);
    expect(stableJson(named)).toBe(`{"${name}":[]}`);
    expect([sameJson(named, {}), sameJson({}, named)]).toEqual([false, false]);
  });

  test('a frozen value cannot be written, however deep', () => {
    const value = deepFreeze({ a: [{ b: 1 }] });
    expect(() => {
      (value.a[0] as { b: number }).b = 2;
    }).toThrow(TypeError);
  });

  test('a compact copy is frozen, leaves the value free, and shares what was frozen', () => {
    const shared = deepFreeze({ c: [1] });
    const value = JSON.parse('{"a":[{"b":1}],"__proto__":{"x":[2]},"n":null}');
    value.shared = shared;
    const copy = compactCopy(value);
    expect(stableJson(copy)).toBe(stableJson(value));
    expect(Object.keys(copy)).toEqual(['a', '__proto__', 'n', 'shared']);
    expect(copy.shared).toBe(shared);
    const own = Object.getOwnPropertyDescriptor(copy, '__proto__')?.value as { x: number[] };
    for (const part of [copy, copy.a, copy.a[0], own, own.x]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    value.a[0].b = 2;
    expect(copy.a[0].b).toBe(1);
  });
});
