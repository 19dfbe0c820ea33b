/**
 * The embedded cluster as comparisons see it. The constants are facts and no part of the identity,
 * so that a run with one of them changed joins the same series, is found to be slower, and is
 * explained by the constant.
 */

import { stableJson } from '../core/json.ts';
import { exactBytes, exactText } from '../parameters/exact-text.ts';
import { listParameters, SIMULATOR_FORMAT } from '../parameters/parameters.ts';
import type { EnvironmentFact } from '../record/manifest.ts';
import type { SimulatedImage, Simulation } from '../scenario/scenario.ts';

export function simulatedEnvironment(simulation: Simulation): EnvironmentFact {
  const { environment, release, storage, images, parameters, faults, isBare, losesPower, twin } =
    simulation;
  const constants = listParameters(parameters, { release, isBare, losesPower }).map(
    ({ path, parameter, value }) => [`simulation.${path}`, exactText(parameter, value)] as const,
  );
  return {
    name: environment,
    identity: { cluster: 'simulated', format: String(SIMULATOR_FORMAT), environment },
    ...(twin && { twin }),
    facts: {
      'simulation.release': release,
      'simulation.storage': storage,
      ...(isBare ? { 'simulation.lab': 'bare' } : {}),
      ...(losesPower ? { 'simulation.power': 'lost' } : {}),
      ...Object.fromEntries([...constants, ...images.flatMap(imageFacts)]),
      ...(faults === undefined ? {} : { 'simulation.faults': stableJson(faults) }),
    },
  };
}

function imageFacts({ key, dataBytes, guest }: SimulatedImage): [string, string][] {
  const path = `simulation.images.${key}`;
  return [
    [`${path}.data`, exactBytes(dataBytes)],
    [`${path}.guest`, guest === undefined ? 'none' : JSON.stringify(guest)],
  ];
}
