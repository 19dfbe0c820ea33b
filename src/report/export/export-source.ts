/**
 * What every export starts from, and what it gives: named files in pieces, since a run of 100,000
 * VMs makes hundreds of megabytes. Times in a history count from the run's start; the anchors join
 * them to the wall clock.
 */

import type { Summary } from '../../analyse/summary.ts';
import type { Manifest } from '../../record/manifest.ts';
import type { Run } from '../../record/run.ts';

export interface ExportSource {
  readonly run: Run;
  readonly summary: Summary;
  readonly manifest: Manifest | undefined;
}

export interface ExportFile {
  readonly name: string;
  readonly pieces: Iterable<string>;
}

/** Microseconds since the Unix epoch of a time of the run. */
export function toWallUs({ anchors }: Run, atUs: number): number {
  const anchor = anchors.findLast(({ t }) => t <= atUs) ?? anchors[0];
  return anchor === undefined ? atUs : anchor.wall + (atUs - anchor.t);
}

/** What says where exported numbers come from: beside each document. */
export function describeOrigin({
  summary,
  manifest,
}: ExportSource): Readonly<Record<string, unknown>> {
  const { id, scenario, target, seed, outcome } = summary.run;
  const twin = summary.simulation?.twin;
  return {
    benchRun: id,
    scenario,
    target,
    simulated: target === 'simulated',
    ...(twin && { calibratedOn: twin }),
    seed,
    outcome,
    ...(manifest === undefined ? {} : { environment: manifest.environment?.name ?? 'unknown' }),
    ...(manifest === undefined ? {} : { benchVersion: manifest.host.bench }),
  };
}

/** The same for where only text has a place. */
export function originTexts(
  source: ExportSource,
): readonly (readonly [key: string, text: string])[] {
  return Object.entries(describeOrigin(source)).map(([key, value]) => {
    return [key, typeof value === 'string' ? value : JSON.stringify(value)];
  });
}

/** Letters, digits and dashes: for names of files and jobs. */
export function slug(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-.]+|-+$/g, '');
  return safe === '' ? 'unnamed' : safe;
}
