/** `apply` and `act`: operations on objects of any kind, with what they wait for. */

import type { KubeObject } from '../api/object.ts';
import { cloneName } from '../scenario/clone-name.ts';
import { splitSegments } from '../scenario/placeholder.ts';
import type { ActStep, AnyManifest, ApplyStep, MakingStep } from '../scenario/scenario.ts';
import { type AppliedManifests, appliedManifests } from './manifests.ts';
import type { WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';
import { type Draft, planWaves } from './wave-plan.ts';
import { startWaveStep } from './wave-step.ts';

export function planApply(step: ApplyStep, planning: Planning): WaveStep {
  const { force } = step;
  const lanes = step.manifests.map((manifest) => {
    const rendered = appliedManifests(manifest, planning.run);
    return numbers(step.count).map((index): Draft => {
      const place = placeIn(manifest, rendered, index, planning);
      const object = () => rendered.manifest(index);
      const plain = () => rendered.plain(index);
      return { ...place, verb: 'apply', variant: 0, disks: 0, force, manifest: object, plain };
    });
  });
  return {
    ...startWaveStep('apply', step.name, step.waves),
    variants: [{}],
    asks: { goals: step.goals, omens: step.omens },
    waves: planWaves([lanes.flat()], 'sequential', step.waves, planning.nextId),
  };
}

export function planAct(step: ActStep, planning: Planning): WaveStep {
  const { on, other, deed } = step;
  const places = on === undefined ? [] : placesOf(on, planning).slice(0, step.count);
  const lane = places.map((place): Draft => {
    const target =
      other === undefined ? place : { ...place, ...other, name: nameOf(other.name, place) };
    return {
      ...target,
      namespace: other?.namespace ?? place.namespace,
      verb: 'act',
      variant: 0,
      disks: 0,
      deed,
    };
  });
  return {
    ...startWaveStep('act', step.name, step.waves),
    variants: [{}],
    asks: { goals: step.goals, omens: step.omens },
    waves: planWaves([lane], 'sequential', step.waves, planning.nextId),
  };
}

type Place = Pick<Draft, 'apiVersion' | 'kind' | 'namespace' | 'name' | 'index'>;

/** The object that goes with another one by name: `{{name}}-root`. */
export function nameOf(text: string, of: Place): string {
  return splitSegments(text)
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part.name === 'index') return String(of.index ?? '');
      return part.name === 'namespace' ? of.namespace : of.name;
    })
    .join('');
}

/** What a step makes or starts, in its order. */
function placesOf(step: MakingStep, planning: Planning): readonly Place[] {
  const { namespace } = planning.run;
  switch (step.kind) {
    case 'apply':
      return step.manifests.flatMap((manifest) => {
        const rendered = appliedManifests(manifest, planning.run);
        return numbers(step.count).map((index) => placeIn(manifest, rendered, index, planning));
      });
    case 'clone':
      return step.arms.flatMap(({ image, source, first, count }) =>
        numbers(count).map((i) => {
          const index = first + i - 1;
          return { kind: 'DataVolume', namespace, name: cloneName(image, source, index), index };
        }),
      );
    default:
      return step.targets.flatMap(({ template, indices }) => {
        const { manifests } = planning.template(template);
        const name = (index: number) => manifests.name(index);
        return indices.map((index) => ({
          kind: 'VirtualMachine',
          namespace,
          name: name(index),
          index,
        }));
      });
  }
}

function placeIn(
  { apiVersion, kind }: AnyManifest,
  { name, plain }: AppliedManifests,
  index: number,
  { run }: Planning,
): Place {
  const { metadata }: KubeObject = plain(index);
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? run.namespace,
    name: name(index),
    index,
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
