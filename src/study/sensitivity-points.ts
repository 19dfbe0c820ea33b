/**
 * Points that ask which constant matters: as the scenario is, then each calibrated constant of the
 * simulation at half and at one and a half times its value. All are made with the same seeds, so
 * that what differs is the constant and not the draw.
 */

import type { PointSet } from '../compare/study-point.ts';
import { MILLISECOND } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { exactText } from '../parameters/exact-text.ts';
import { type ListedParameter, listParameters } from '../parameters/parameters.ts';
import type { Simulation } from '../scenario/scenario.ts';
import { suggest } from '../scenario/suggest.ts';

const FACTORS = [0.5, 1.5] as const;

/** `only`: groups (`kubelet`) or constants (`kubelet.mapTime`); all where empty. */
export function sensitivityPoints(
  { parameters, release, isBare, losesPower }: Simulation,
  only: readonly string[],
): readonly PointSet[] {
  const all = listParameters(parameters, { only: 'calibrated', release, isBare, losesPower });
  for (const name of only) refuseUnknown(name, all);
  const asked = all.filter(
    ({ path }) => only.length === 0 || only.some((name) => isNamed(path, name)),
  );
  return [{}, ...asked.flatMap(variedOf)];
}

function isNamed(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}.`);
}

function refuseUnknown(name: string, all: readonly ListedParameter[]): void {
  if (all.some(({ path }) => isNamed(path, name))) return;
  const known = all.flatMap(({ path }) => [path.replace(/\..*/, ''), path]);
  const remedy = suggest(name, [...new Set(known)], 'constant');
  throw new UsageError(`sensitivity: no calibrated constant ${name}; ${remedy}`);
}

/** Both, or nothing of what is off, or counted in so few that a half of it is no other number. */
function variedOf({ path, parameter, value }: ListedParameter): readonly PointSet[] {
  if (value === 0) return [];
  const varied = FACTORS.map((factor) => {
    // Twelve digits: 0.2 * 1.5 is 0.3.
    const exact = Number((value * factor).toPrecision(12));
    const isWhole = parameter.type !== 'number' || Number.isInteger(value);
    return isWhole ? Math.max(1, Math.round(exact)) : exact;
  });
  if (varied.includes(value)) return [];
  return varied.map((each) => ({ [`simulation.${path}`]: shortText(parameter, each) }));
}

/** `1050ms` rather than `1050000us`. */
function shortText(parameter: ListedParameter['parameter'], value: number): string {
  const text = exactText(parameter, value);
  const isLong = parameter.type === 'duration' && /^\d{4,}us$/.test(text);
  return isLong ? `${value / MILLISECOND}ms` : text;
}
