/** A calibration as the file that `--twin` reads: the section, and where each figure comes from. */

import { stringify } from 'yaml';
import { formatDuration } from '../core/duration.ts';
import { exactBytes, exactText } from '../parameters/exact-text.ts';
import type { GuestProfile } from '../parameters/guests.ts';
import { PARAMETER_GROUPS } from '../parameters/parameters.ts';
import type { Parameter } from '../parameters/definition.ts';
import type { Simulation } from '../scenario/scenario.ts';
import { type FittedDocument, TWIN_SCHEMA } from '../scenario/twin.ts';
import type { Calibration } from './calibrate.ts';
import { FLATTENING_COUNTERS } from './flattening.ts';
import { doubts } from './holdout.ts';
import type { FittedUnknown } from './intervals.ts';
import { type ConstantPath, constantValue, stagesReadFrom, withFactors } from './mechanisms.ts';

export interface TwinOf {
  readonly runs: readonly string[];
  /** What people call the cluster. */
  readonly cluster: string;
}

export function twinText(calibration: Calibration, of: TwinOf): string {
  const { simulation, heldOut, counters, flattening } = calibration;
  const within = Object.fromEntries(
    Object.entries(doubts(heldOut)).map(([metric, share]) => [metric, rounded(Math.min(1, share))]),
  );
  const document = {
    simulation: {
      environment: `twin-of-${of.cluster.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}`.replace(/-+$/, ''),
      twin: {
        ...of,
        within,
        unseen: unseenCounters(counters),
        guessed: flattening.isTold ? [] : FLATTENING_COUNTERS,
      },
      ...simulationDocument(simulation),
    },
    fitted: fittedDocument(calibration, of.runs),
  };
  return `${HEAD}${stringify(document, { lineWidth: 100 })}`;
}

/** As a scenario says it: each constant that is not the release's own, and what images hold. */
export function simulationDocument(simulation: Simulation): Readonly<Record<string, unknown>> {
  return {
    release: simulation.release,
    storage: simulation.storage,
    ...parameterGroups(simulation),
    images: Object.fromEntries(
      simulation.images.map(({ key, dataBytes, guest }) => [
        key,
        { data: exactBytes(dataBytes), guest: guest === undefined ? 'none' : guestText(guest) },
      ]),
    ),
  };
}

function unseenCounters(counters: Calibration['counters']): readonly string[] {
  return Object.entries(counters).flatMap(([name, n]) => (n === 0 ? [name] : []));
}

const HEAD = `# The simulated twin of a measured cluster, written by bench calibrate.
# bench run SCENARIO --twin THIS-FILE
`;

export function fittedDocument(
  { fit, notIdentified, counters, simulation, before }: Calibration,
  runs: readonly string[],
): FittedDocument {
  return {
    schema: TWIN_SCHEMA,
    constants: fit.fitted.flatMap((unknown) =>
      unknown.paths.map((path) => ({
        constant: path,
        ...valueTexts(before, simulation, path, unknown),
        logError: rounded(Math.log(unknown.hi / unknown.lo) / 2 / 1.96),
        tiedTo: unknown.paths.filter((other) => other !== path),
        stages: [...stagesReadFrom(path)],
        runs: [...runs],
      })),
    ),
    notIdentified: notIdentified.map(({ path, why }) => ({ constant: path, why })),
    counters: { ...counters },
  };
}

function valueTexts(
  before: Simulation,
  after: Simulation,
  path: ConstantPath,
  { lo, hi }: FittedUnknown,
) {
  const text = (simulation: Simulation) => {
    const { value, type } = constantValue(simulation, path);
    if (type === 'number') return String(rounded(value));
    return type === 'duration' ? formatDuration(Math.round(value)) : exactText({ type }, value);
  };
  const [least, most] = [lo, hi].map((factor) => withFactors(before, new Map([[path, factor]])));
  const ends = [least as Simulation, most as Simulation].sort(
    (a, b) => constantValue(a, path).value - constantValue(b, path).value,
  );
  return {
    value: text(after),
    lo: text(ends[0] as Simulation),
    hi: text(ends[1] as Simulation),
    was: text(before),
  };
}

/** Every constant that is not the release's own, in exact texts. */
function parameterGroups({ parameters }: Simulation): Readonly<Record<string, unknown>> {
  const definitions = PARAMETER_GROUPS as Readonly<Record<string, Record<string, Parameter>>>;
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([group, values]) => {
      const fields = Object.entries(values ?? {}).map(([name, value]) => {
        const parameter = definitions[group]?.[name] as Parameter;
        return [name, parameter.type === 'number' ? value : exactText(parameter, value)] as const;
      });
      return fields.length === 0 ? [] : [[group, Object.fromEntries(fields)] as const];
    }),
  );
}

function guestText({ firmwareUs, cpuUs, servicesUs, readBytes, writeBytes, osName }: GuestProfile) {
  return {
    firmware: exactDuration(firmwareUs),
    cpu: exactDuration(cpuUs),
    read: exactBytes(readBytes),
    write: exactBytes(writeBytes),
    services: exactDuration(servicesUs),
    osName,
  };
}

function exactDuration(us: number): string {
  return exactText({ type: 'duration' }, us);
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
