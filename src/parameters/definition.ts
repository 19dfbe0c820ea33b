/**
 * How a constant of the simulated cluster is written down: value, unit, where it comes from, and
 * whether it is known from a source or calibrated by us. Calibrated ones are printed with every
 * simulated result.
 */

import { parseBytes } from '../core/bytes.ts';
import { parseDuration } from '../core/duration.ts';
import type { Release } from './release.ts';

export type Provenance = 'known' | 'calibrated';

interface Origin {
  readonly provenance: Provenance;
  /** File of a public repository, or how the value was found. */
  readonly source: string;
  /** Where a release has another value, from another source. */
  readonly elsewhere?: Readonly<Partial<Record<Release, Parameter>>>;
}

export interface NumberParameter extends Origin {
  readonly type: 'number';
  readonly value: number;
  readonly unit: string;
}

/** Written as text (`50ms`) in a scenario; integer microseconds inside. */
export interface DurationParameter extends Origin {
  readonly type: 'duration';
  readonly value: number;
}

/** Written as a quantity (`512Gi`) in a scenario; bytes inside. */
export interface BytesParameter extends Origin {
  readonly type: 'bytes';
  readonly value: number;
}

export type Parameter = NumberParameter | DurationParameter | BytesParameter;

/** The values of a group: a duration `x` is read as `xUs`, an amount `x` as `xBytes`. */
export type GroupValues<G extends Readonly<Record<string, Parameter>>> = {
  readonly [K in keyof G & string as G[K] extends DurationParameter
    ? `${K}Us`
    : G[K] extends BytesParameter
      ? `${K}Bytes`
      : K]: number;
};

export function number(value: number, unit: string, origin: Origin): NumberParameter {
  return { type: 'number', value, unit, ...origin };
}

/** `text` as in a scenario: `50ms`, `10s`. */
export function duration(text: string, origin: Origin): DurationParameter {
  return { type: 'duration', value: parseDuration(text) ?? Number.NaN, ...origin };
}

/** `text` as a Kubernetes quantity: `512Gi`. */
export function bytes(text: string, origin: Origin): BytesParameter {
  return { type: 'bytes', value: parseBytes(text) ?? Number.NaN, ...origin };
}

export function known(source: string): Origin {
  return { provenance: 'known', source };
}

export function calibrated(source: string): Origin {
  return { provenance: 'calibrated', source };
}

/** The definition that holds for the release. */
export function ofRelease(parameter: Parameter, release: Release): Parameter {
  return parameter.elsewhere?.[release] ?? parameter;
}

/** The name under which a parameter's value is read inside. */
export function valueKey(name: string, parameter: Parameter): string {
  if (parameter.type === 'duration') return `${name}Us`;
  return parameter.type === 'bytes' ? `${name}Bytes` : name;
}
