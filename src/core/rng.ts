/**
 * Seeded randomness that splits by name: a fork's stream depends only on the seed and the names on
 * the way to it, so one more draw in one place moves nothing elsewhere.
 */

import { randomUUID } from 'node:crypto';
import { invariant } from './assert.ts';

export interface Rng {
  /** An independent stream for `name`. */
  fork(name: string): Rng;
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [lo, hi). */
  uniform(lo: number, hi: number): number;
  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number;
  /** Gamma with this mean and coefficient of variation; exactly `mean` where cv is 0. */
  gamma(mean: number, cv: number): number;
  /** Standard normal. */
  normal(): number;
  /** A new array with the values in random order. */
  shuffled<T>(values: readonly T[]): T[];
  /** A version-4 UUID. */
  uuid(): string;
}

/** The root stream of `seed`. */
export function createRng(seed: number | string): Rng {
  return streamFrom(hashText(`seed:${seed}`));
}

/** A UUID that no seed gives: for what two runs of one seed must not share. */
export function freshUuid(): string {
  return randomUUID();
}

function streamFrom(seed: number): Rng {
  const nextU32 = sfc32(seed);
  const next = () => nextU32() / 0x1_0000_0000;
  const integer = (below: number) => Math.floor(next() * below);
  const normal = () => standardNormal(next);
  return {
    fork: (name) => streamFrom(hashText(name, seed)),
    next,
    uniform: (lo, hi) => lo + (hi - lo) * next(),
    integer,
    gamma: (mean, cv) => (cv === 0 ? mean : mean * cv * cv * standardGamma(1 / (cv * cv), next)),
    normal,
    shuffled: (values) => shuffle([...values], integer),
    uuid: () => uuid(nextU32),
  };
}

/** 32-bit FNV-1a, finished with the murmur3 mixer so that near names give far seeds. */
function hashText(text: string, basis = 0x811c9dc5): number {
  let hash = basis >>> 0;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Chris Doty-Humphrey's sfc32: 128 bits of state, passes PractRand. */
function sfc32(seed: number): () => number {
  let a = seed | 0;
  let b = hashText('b', seed) | 0;
  let c = hashText('c', seed) | 0;
  let counter = 1;
  const step = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) step();
  return step;
}

/** Box-Muller, one value a call: the second would be hidden state. */
function standardNormal(next: () => number): number {
  const u = 1 - next();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * next());
}

/** Marsaglia and Tsang (2000); shapes below 1 by the boost of the same paper. */
function standardGamma(shape: number, next: () => number): number {
  invariant(shape > 0, `gamma shape ${shape} must be positive`);
  if (shape < 1) return standardGamma(shape + 1, next) * (1 - next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(next);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function shuffle<T>(values: T[], integer: (below: number) => number): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = integer(i + 1);
    const held = values[i] as T;
    values[i] = values[j] as T;
    values[j] = held;
  }
  return values;
}

function uuid(nextU32: () => number): string {
  const [a, b, c, d] = [nextU32(), nextU32(), nextU32(), nextU32()];
  const version = 0x4000 | (b & 0x0fff);
  const variant = 0x8000 | ((c >>> 16) & 0x3fff);
  const parts = [
    a >>> 16,
    a & 0xffff,
    b >>> 16,
    version,
    variant,
    c & 0xffff,
    d >>> 16,
    d & 0xffff,
  ];
  for (let i = 0; i < parts.length; i++) writeHex(PLACES[i] as number, parts[i] as number);
  return UUID.toString('latin1');
}

/**
 * Where each group of four digits stands. A text that is written here is one piece of memory; of
 * joined ones, V8 keeps every piece and every joint, eight times as much.
 */
const UUID = Buffer.alloc(36, '-');
const PLACES = [0, 4, 9, 14, 19, 24, 28, 32];
const DIGITS = Buffer.from('0123456789abcdef');

function writeHex(at: number, u16: number): void {
  for (let i = 0; i < 4; i++) UUID[at + i] = DIGITS[(u16 >>> (12 - 4 * i)) & 0xf] as number;
}
