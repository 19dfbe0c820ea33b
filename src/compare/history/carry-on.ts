/**
 * Series that go on though something about them was renamed. The files of the nights stay as they
 * are; what they say is put into today's words when it is read.
 */

import { createHash } from 'node:crypto';
import type { Manifest } from '../../record/manifest.ts';
import type { Filing, LoadNames, Night } from './night.ts';
import type { History, StoredNight } from './store.ts';

/** What says which series a run belongs to; undefined where its manifest does not say. */
export function seriesId({
  series,
  load,
  hash,
}: Pick<Manifest['scenario'], 'series' | 'load' | 'hash'>): string | undefined {
  if (series === undefined) return load ?? hash;
  return createHash('sha256').update(`series ${series}`).digest('hex');
}

/** The history in the words of tonight, or of the newest night of each series. */
export function carryOn(history: History, tonight?: Night): History {
  const own: StoredNight[] = tonight === undefined ? [] : [{ night: tonight, file: '' }];
  const all = [...history.nights, ...own];
  const today = new Map<string, string>();
  const names = new Map<string, LoadNames>();
  for (const { night } of all) {
    if (night.formerHash !== undefined) today.set(night.formerHash, night.scenarioHash);
    if (night.names !== undefined) names.set(night.scenarioHash, night.names);
  }
  const nights = history.nights.map(({ night, file }) => {
    const adopted = adopt(night, today);
    return { file, night: rename(adopted, names.get(adopted.scenarioHash)) };
  });
  return { ...history, nights };
}

/** Nights of before there were series are known by what their whole file hashed to. */
function adopt(night: Night, today: ReadonlyMap<string, string>): Night {
  if (night.formerHash !== undefined) return night;
  const scenarioHash = today.get(night.scenarioHash);
  return scenarioHash === undefined ? night : { ...night, scenarioHash };
}

function rename(night: Night, names: LoadNames | undefined): Night {
  const { names: was } = night;
  if (was === undefined || names === undefined || JSON.stringify(was) === JSON.stringify(names)) {
    return night;
  }
  const steps = renames(was.steps, names.steps);
  const images = renames(was.images, names.images);
  const templates = renames(was.templates, names.templates);
  const filed = <T extends Filing>(filing: T): T => {
    const { step, image, template } = filing;
    return {
      ...filing,
      step: steps.get(step) ?? step,
      ...(image === undefined ? {} : { image: images.get(image) ?? image }),
      ...(template === undefined ? {} : { template: templates.get(template) ?? template }),
    };
  };
  return {
    ...night,
    names,
    metrics: night.metrics.map(filed),
    stages: night.stages.map(filed),
    waves: night.waves.map(filed),
    nodes: night.nodes.map(filed),
  };
}

/** The load is the same, so what stands in the same place is the same. */
function renames(from: readonly string[], to: readonly string[]): ReadonlyMap<string, string> {
  return new Map(from.map((name, i) => [name, to[i] ?? name]));
}
