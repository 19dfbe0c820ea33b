/** `apply` and `act`: operations on objects of any kind, with what they wait for. */

import type { KubeObject } from '../api/object.ts';
import type { Action } from '../catalogue/actions.ts';
import { cloneName } from '../scenario/clone-name.ts';
import { splitSegments } from '../scenario/placeholder.ts';
import type {
  ActStep,
  ActTarget,
  AnyManifest,
  ApplyStep,
  MakingStep,
} from '../scenario/scenario.ts';
import { type AppliedManifests, appliedManifests } from './manifests.ts';
import type { ObjectPlace, WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';
import { type Draft, planWaves } from './wave-plan.ts';
import { startWaveStep } from './wave-step.ts';

export function planApply(step: ApplyStep, planning: Planning): WaveStep {
  const { force, keep } = step;
  const lanes = step.manifests.map((manifest) => {
    const rendered = appliedManifests(manifest, planning.run);
    return numbers(step.count).map((index): Draft => {
      const place = placeIn(manifest, rendered, index, planning);
      const object = () => rendered.manifest(index);
      const plain = () => rendered.plain(index);
      const draft = { ...place, verb: 'apply', variant: 0, disks: 0, force, plain } as const;
      return keep ? { ...draft, keep, manifest: plain } : { ...draft, manifest: object };
    });
  });
  return {
    ...startWaveStep('apply', step.name, step.waves),
    variants: [{}],
    asks: { goals: step.goals, failConditions: step.failConditions },
    waves: planWaves([lanes.flat()], 'sequential', step.waves, planning.nextId),
  };
}

export function planAct(step: ActStep, planning: Planning): WaveStep {
  const { target } = step;
  const actionOn = actionFor(step.action);
  const undoOn = step.undo && actionFor(step.undo);
  const draft = (place: Place): Draft => ({
    ...place,
    verb: 'act',
    variant: 0,
    disks: 0,
    action: actionOn(place),
    ...(undoOn && { undo: undoOn(place) }),
  });
  const begun = {
    ...startWaveStep('act', step.name, step.waves),
    variants: [{}],
    asks: { goals: step.goals, failConditions: step.failConditions },
  };
  if (target.on !== 'selection') {
    const lane = placesAt(target, planning).slice(0, target.count).map(draft);
    return { ...begun, waves: planWaves([lane], 'sequential', step.waves, planning.nextId) };
  }
  const firstId = planning.nextId();
  for (let i = 1; i < target.count; i++) planning.nextId();
  const { of, labels, fields, namespace = planning.run.namespace, count: most } = target;
  const waves = (places: readonly ObjectPlace[]) => {
    let id = firstId;
    const lane = places.map((place, i) => draft({ ...of, ...place, index: i + 1 }));
    return planWaves([lane], 'sequential', step.waves, () => id++);
  };
  const where = namespace === '*' ? undefined : namespace;
  return { ...begun, select: { of, labels, fields, namespace: where, most, waves }, waves: [] };
}

function placesAt(
  target: Exclude<ActTarget, { readonly on: 'selection' }>,
  planning: Planning,
): readonly Place[] {
  const { run } = planning;
  if (target.on === 'names') {
    const { of, names, namespace = run.namespace } = target;
    return names.map((name, i) => ({ ...of, name, namespace, index: i + 1 }));
  }
  const { step, other } = target;
  const places = step === undefined ? [] : placesOf(step, planning);
  if (other === undefined) return places;
  return places.map((place) => {
    const namespace = other.namespace ?? place.namespace;
    return { ...place, ...other, namespace, name: fillPlaceholders(other.name, place) };
  });
}

type Place = Pick<Draft, 'apiVersion' | 'kind' | 'namespace' | 'name' | 'index'>;

/** The object that goes with another one by name: `{{name}}-root`. */
export function fillPlaceholders(text: string, of: Place): string {
  return splitSegments(text)
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part.name === 'index') return String(of.index ?? '');
      return part.name === 'namespace' ? of.namespace : of.name;
    })
    .join('');
}

/**
 * What is done to each object: names anywhere in it may go with its own; one action for all of them
 * where none does.
 */
function actionFor(action: Action): (place: Place) => Action {
  if (!JSON.stringify(action).includes('{{')) return () => action;
  return (place) => filled(action, place) as Action;
}

function filled(value: unknown, place: Place): unknown {
  if (typeof value === 'string')
    return value.includes('{{') ? fillPlaceholders(value, place) : value;
  if (Array.isArray(value)) return value.map((each) => filled(each, place));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, place)]));
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
