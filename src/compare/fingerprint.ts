/**
 * May two runs be compared? A seed never makes runs different, and neither does a changed fact of
 * the environment (a release, a simulated constant): that is what a comparison is meant to show.
 * Another scenario or another cluster is a different measurement.
 */

import type { Manifest } from '../record/manifest.ts';
import type { Run } from '../record/run.ts';
import { type Difference, scenarioDifferences } from './scenario-differences.ts';

export type { Difference } from './scenario-differences.ts';

/** A recorded run and what its manifest says; undefined where that is lost. */
export interface ComparedRun {
  readonly run: Run;
  readonly manifest: Manifest | undefined;
}

/** Differences for which runs must not be compared; none where they measure the same. */
export function fingerprintDifferences(
  base: ComparedRun,
  head: ComparedRun,
): readonly Difference[] {
  // Where an image comes from, time-outs, pauses and names are facts.
  const byLoad = [base, head].every(({ manifest }) => manifest?.scenario.load !== undefined);
  const differences = listDifferences(fingerprint(base, byLoad), fingerprint(head, byLoad));
  const isOther = differences.some(({ what }) => SCENARIO_NAMES.has(what));
  if (!isOther || base.manifest === undefined || head.manifest === undefined) return differences;
  const fields = scenarioDifferences(base.manifest.scenario, head.manifest.scenario);
  // The fields say it better than the hashes; only where none can be named do these.
  if (fields.length === 0) return differences;
  return [...differences.filter(({ what }) => !SCENARIO_NAMES.has(what)), ...fields];
}

const SCENARIO_NAMES: ReadonlySet<string> = new Set([
  'scenario hash',
  'scenario file',
  'overrides',
]);

/** Facts that changed between two comparable runs: the first places to look for a reason. */
export function changedFacts(base: ComparedRun, head: ComparedRun): readonly Difference[] {
  return listDifferences(listFacts(base), listFacts(head));
}

type Named = Readonly<Record<string, string>>;

function fingerprint({ run, manifest }: ComparedRun, byLoad: boolean): Named {
  const { scenario, target } = run.header;
  if (manifest === undefined) return { scenario, target, manifest: 'absent' };
  const identity = Object.entries(manifest.environment?.identity ?? {});
  return {
    scenario,
    target,
    ...scenarioIdentity(manifest, byLoad),
    ...Object.fromEntries(identity.map(([key, value]) => [`environment ${key}`, value])),
  };
}

/** Manifests from before the hash have the file's text and its overrides. */
function scenarioIdentity({ scenario }: Manifest, byLoad: boolean): Named {
  if (byLoad) return { 'scenario hash': scenario.load ?? '' };
  if (scenario.hash !== undefined) return { 'scenario hash': scenario.hash };
  const overrides = scenario.overrides.filter((text) => !text.startsWith('simulation.seed='));
  return { 'scenario file': scenario.sha256, overrides: overrides.join(' ') };
}

function listFacts({ manifest }: ComparedRun): Named {
  if (manifest === undefined) return {};
  const { host, environment, scenario } = manifest;
  const commit = host.gitCommit === undefined ? {} : { 'bench commit': host.gitCommit };
  return { bench: host.bench, ...commit, ...environment?.facts, ...scenario.facts };
}

function listDifferences(base: Named, head: Named): readonly Difference[] {
  const names = [...new Set([...Object.keys(base), ...Object.keys(head)])];
  return names
    .filter((what) => base[what] !== head[what])
    .map((what) => ({ what, base: base[what], head: head[what] }));
}
