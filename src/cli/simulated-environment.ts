/**
 * The embedded cluster as comparisons see it. What a reader would get wrong: the constants are
 * facts and no part of the identity, so that a run with one of them changed joins the same series,
 * is found to be slower, and is explained by the constant.
 */

import { formatQuantity, parseBytes } from '../core/bytes.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import { stableJson } from '../core/json.ts';
import type { Parameter } from '../parameters/definition.ts';
import { listParameters, SIMULATOR_FORMAT } from '../parameters/parameters.ts';
import type { EnvironmentFact } from '../record/manifest.ts';
import type { SimulatedImage, Simulation } from '../scenario/scenario.ts';

export function simulatedEnvironment(simulation: Simulation): EnvironmentFact {
  const { environment, images, parameters, faults } = simulation;
  const constants = listParameters(parameters).map(
    ({ path, parameter, value }) => [`simulation.${path}`, valueText(parameter, value)] as const,
  );
  return {
    name: environment,
    identity: { cluster: 'simulated', format: String(SIMULATOR_FORMAT), environment },
    facts: {
      ...Object.fromEntries([...constants, ...images.flatMap(imageFacts)]),
      ...(faults === undefined ? {} : { 'simulation.faults': stableJson(faults) }),
    },
  };
}

function imageFacts({ key, dataBytes, guest }: SimulatedImage): [string, string][] {
  const path = `simulation.images.${key}`;
  return [
    [`${path}.data`, bytesText(dataBytes)],
    [`${path}.guest`, guest === undefined ? 'none' : JSON.stringify(guest)],
  ];
}

function valueText(parameter: Parameter, value: number): string {
  if (parameter.type === 'duration') return durationText(value);
  return parameter.type === 'bytes' ? bytesText(value) : String(value);
}

/** Texts for people round; a fact may not, or a small change would not show. */
function durationText(valueUs: number): string {
  const text = formatDuration(valueUs);
  return parseDuration(text) === valueUs ? text : `${valueUs}us`;
}

function bytesText(bytes: number): string {
  const text = formatQuantity(bytes);
  return parseBytes(text) === bytes ? text : String(bytes);
}
