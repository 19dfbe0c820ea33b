/**
 * Which nights belong together. A series is held together by the load, not by the file. Where an
 * image comes from, time-outs, pauses and names may change from night to night; they are facts, and
 * explain a change of level like a release does. Whoever names a series (`series:`) says himself
 * what belongs together.
 */

import { createHash } from 'node:crypto';
import { formatDuration } from '../core/duration.ts';
import { stableJson } from '../core/json.ts';
import { hideAddressSecrets } from '../core/secrets.ts';
import type { ActTarget, Image, Scenario, Step, WaveSettings } from './scenario.ts';
import type { Template } from './template.ts';

type Measured = Pick<
  Scenario,
  'storage' | 'images' | 'templates' | 'steps' | 'timeouts' | 'namespace'
>;

/** Raised when the meaning of what is hashed changes; then all series begin anew. */
const LOAD_VERSION = 1;

/** The names under which the figures of a run are filed, in the order of the file. */
export interface LoadNames {
  readonly steps: readonly string[];
  readonly images: readonly string[];
  readonly templates: readonly string[];
}

export function loadNames({ steps, images, templates }: Measured): LoadNames {
  return {
    steps: steps.map(({ name }) => name),
    images: images.map(({ key }) => key),
    templates: templates.map(({ key }) => key),
  };
}

/** SHA-256 of what is asked of the cluster, in hexadecimal digits. */
export function loadHash(scenario: Measured): string {
  const { storage, images, templates, steps } = scenario;
  const names = loadNames(scenario);
  const load = {
    version: LOAD_VERSION,
    storage,
    images: images.map(({ size, snapshotNeeded }) => ({ bytes: size.bytes, snapshotNeeded })),
    templates: templates.map((template) => templateLoad(template, images)),
    steps: steps.map((step) => withPositions(stepLoad(step), names)),
  };
  return createHash('sha256').update(stableJson(load)).digest('hex');
}

/** What may differ between the nights of a series, by the names of the scenario file. */
export function loadFacts(scenario: Measured): Readonly<Record<string, string>> {
  const { images, steps, timeouts, namespace } = scenario;
  return Object.fromEntries([
    ...images.flatMap((image): [string, string][] => [
      [`scenario.images.${image.key}`, originText(image)],
      [
        `scenario.images.${image.key}.name`,
        [image.namespace, image.name].filter(Boolean).join('/'),
      ],
    ]),
    ...Object.entries(timeouts).map(([name, us]: [string, number]) => [
      `scenario.timeouts.${name.replace(/Us$/, '')}`,
      formatDuration(us),
    ]),
    ...steps.flatMap((step, i) => stepFacts(step, `scenario.steps.${i}`)),
    ...(namespace === undefined ? [] : [['scenario.namespace', namespace]]),
    ['scenario.load', loadHash(scenario).slice(0, 12)],
  ]) as Readonly<Record<string, string>>;
}

function originText({ origin }: Image): string {
  if (origin.kind === 'http' || origin.kind === 'registry') return hideAddressSecrets(origin.url);
  const place = [origin.namespace, origin.name].filter(Boolean).join('/');
  return `${origin.kind} ${place}`;
}

function stepFacts(step: Step, path: string): readonly (readonly [string, string])[] {
  const named = [`${path}.name`, step.name] as const;
  if (!('waves' in step)) return [named, [`${path}.pause`, formatDuration(step.durationUs)]];
  const { pacing, timeoutUs } = step.waves;
  const pause = pacing.loop === 'closed' ? pacing.pauseUs : undefined;
  return [
    named,
    [`${path}.timeout`, formatDuration(timeoutUs)],
    ...(pause === undefined ? [] : [[`${path}.pause`, formatDuration(pause)] as const]),
  ];
}

function stepLoad(step: Step): object {
  // What is undone is no load.
  const { name: _, ...load } = 'undo' in step ? { ...step, undo: undefined } : step;
  if (!('waves' in load)) return { kind: load.kind };
  // However it is called.
  if ('churn' in load) return { ...load, churn: true, waves: waveLoad(load.waves) };
  const target = load.kind === 'act' ? { target: targetLoad(load.target) } : {};
  return { ...load, ...target, waves: waveLoad(load.waves) };
}

/** The step that it is done to may be renamed. */
function targetLoad(target: ActTarget): object {
  if (target.on !== 'step' || target.step === undefined) return target;
  return { ...target, step: stepLoad(target.step) };
}

function waveLoad(waves: WaveSettings): object {
  const { errorBudget: _, waveErrorBudget: __, timeoutUs: ___, pacing, ...load } = waves;
  if (pacing.loop === 'open') return { ...load, pacing };
  if (pacing.loop === 'after') return { ...load, pacing: { loop: pacing.loop } };
  return { ...load, pacing: { loop: pacing.loop, share: pacing.share } };
}

/** Images and templates by their position in the file. */
function withPositions(value: unknown, names: LoadNames): unknown {
  if (Array.isArray(value)) return value.map((each) => withPositions(each, names));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, each]: [string, unknown]) => {
      const known = { image: names.images, template: names.templates }[field];
      // Manifests of other kinds have fields of these names too.
      const position = typeof each === 'string' ? known?.indexOf(each) : undefined;
      const isNamed = position !== undefined && position >= 0;
      return [field, isNamed ? position : withPositions(each, names)];
    }),
  );
}

/** The manifest without its own name, and with images by their position. */
function templateLoad({ image, tree }: Template, images: readonly Image[]): object {
  const own = (tree as { readonly metadata?: { readonly name?: unknown } } | null)?.metadata?.name;
  const renames: (readonly [string, string])[] = [
    ...(typeof own === 'string' && own !== '' ? [[own, '<vm>'] as const] : []),
    ...images.flatMap(({ name, snapshotName }, i) => [
      [snapshotName, `<snapshot ${i}>`] as const,
      [name, `<image ${i}>`] as const,
    ]),
  ];
  const neutral = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return renames.reduce((text, [from, to]) => text.replaceAll(from, to), value);
    }
    if (Array.isArray(value)) return value.map(neutral);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([field, each]) => [
        field,
        field === 'namespace' ? undefined : neutral(each),
      ]),
    );
  };
  return {
    image: images.findIndex(({ key }) => key === image),
    tree: neutral(tree),
  };
}
