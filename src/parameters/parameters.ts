/**
 * All constants of the simulated cluster by group, and the values a run uses: the defaults (the
 * article's hardware and releases) with what the scenario's `simulation` section overrides.
 */

import * as compute from './compute.ts';
import * as controlPlane from './control-plane.ts';
import {
  type GroupValues,
  ofRelease,
  type Parameter,
  type Provenance,
  valueKey,
} from './definition.ts';
import * as hosts from './hosts.ts';
import * as lab from './lab.ts';
import { DEFAULT_RELEASE, type Release } from './release.ts';
import * as storage from './storage.ts';

/**
 * Raised when the simulator itself changes what the same constants give: results of different
 * formats are different series of nights.
 */
export const SIMULATOR_FORMAT = 2;

export const PARAMETER_GROUPS = { ...controlPlane, ...storage, ...compute, ...lab, ...hosts };

/** Of operators: at work only where a cluster begins bare. */
const LAB_GROUPS: ReadonlySet<string> = new Set(Object.keys(lab));

/** Of servers: at work only where power is lost. */
const HOST_GROUPS: ReadonlySet<string> = new Set(Object.keys(hosts));

export type ParameterGroup = keyof typeof PARAMETER_GROUPS;

export type Parameters = {
  readonly [G in ParameterGroup]: GroupValues<(typeof PARAMETER_GROUPS)[G]>;
} & {
  /** What the controllers behave like. */
  readonly release: Release;
};

/** Values by group and parameter name (as in a scenario), in inner units: us, bytes, numbers. */
export type ParameterOverrides = {
  readonly [G in ParameterGroup]?: Readonly<Record<string, number>> | undefined;
};

export interface ListedParameter {
  /** `provisioner.qps`. */
  readonly path: string;
  readonly parameter: Parameter;
  /** The value in force, in the inner unit. */
  readonly value: number;
  readonly overridden: boolean;
}

/** The values in force: defaults of the release, replaced by what `overrides` names. */
export function resolveParameters(
  overrides: ParameterOverrides = {},
  release: Release = DEFAULT_RELEASE,
): Parameters {
  const resolved: Record<string, Record<string, number>> = {};
  for (const { group, name, parameter } of definitions(release)) {
    const values = (resolved[group] ??= {});
    values[valueKey(name, parameter)] = overrides[group]?.[name] ?? parameter.value;
  }
  return { ...resolved, release } as unknown as Parameters;
}

export interface ListOptions {
  /** Of one provenance; of both where undefined. */
  readonly only?: Provenance;
  readonly release?: Release;
  /** The cluster began bare, so that those of operators were at work as well. */
  readonly isBare?: boolean;
  /** Servers lost their power. */
  readonly losesPower?: boolean;
}

/** Every constant that is at work, with its value in force. */
export function listParameters(
  overrides: ParameterOverrides = {},
  { only, release = DEFAULT_RELEASE, isBare = false, losesPower = false }: ListOptions = {},
): readonly ListedParameter[] {
  return definitions(release)
    .filter(({ parameter }) => only === undefined || parameter.provenance === only)
    .filter(({ group }) => isBare || !LAB_GROUPS.has(group))
    .filter(({ group }) => losesPower || !HOST_GROUPS.has(group))
    .map(({ group, name, parameter }) => ({
      path: `${group}.${name}`,
      parameter,
      value: overrides[group]?.[name] ?? parameter.value,
      overridden: overrides[group]?.[name] !== undefined,
    }));
}

interface Definition {
  readonly group: ParameterGroup;
  readonly name: string;
  readonly parameter: Parameter;
}

function definitions(release: Release): readonly Definition[] {
  return (Object.keys(PARAMETER_GROUPS) as ParameterGroup[]).flatMap((group) =>
    Object.entries(PARAMETER_GROUPS[group]).map(([name, parameter]: [string, Parameter]) => ({
      group,
      name,
      parameter: ofRelease(parameter, release),
    })),
  );
}
