/** Where and how it was measured: machine, scenario, and what of the simulation is calibrated. */

import { formatBytes } from '../../core/bytes.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Manifest, TwinFact } from '../../record/manifest.ts';
import { exactText } from '../../parameters/exact-text.ts';
import { type ListedParameter, listParameters } from '../../parameters/parameters.ts';
import { STORAGE_KINDS, STORAGE_NAMES } from '../../parameters/storage-kinds.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Block } from '../document/document.ts';
import type { Table } from '../figures/figure.ts';
import { countText } from '../wording/numbers.ts';
import { calibratedOn } from '../wording/twin-words.ts';

export function environmentTable(
  { run, observed, simulation }: Summary,
  manifest: Manifest | undefined,
): Table {
  const rows: (readonly string[])[] = [
    ['run', run.id],
    ['scenario', run.scenario],
    ['target', run.target === 'simulated' ? simulatedTarget(simulation?.twin) : 'real cluster'],
    ...(observed === undefined ? [['seed', String(run.seed)]] : []),
    ['outcome', run.outcome + (run.reason === undefined ? '' : `: ${run.reason}`)],
  ];
  if (manifest !== undefined) rows.push(...storageRow(manifest), ...manifestRows(manifest));
  return { caption: 'Environment', headers: ['fact', 'value'], rows };
}

/** What stands behind the class, whatever it is called. */
function storageRow({ environment }: Manifest): readonly (readonly string[])[] {
  const kind = STORAGE_KINDS.find((each) => each === environment?.facts?.['simulation.storage']);
  return kind === undefined ? [] : [['storage modelled', STORAGE_NAMES[kind]]];
}

function simulatedTarget(twin: TwinFact | undefined): string {
  const target = 'embedded simulated cluster';
  return twin === undefined ? target : `${target}, ${calibratedOn(twin)}`;
}

function manifestRows({ scenario, started, finished, argv, host }: Manifest) {
  return [
    ['scenario file', scenario.path],
    ['scenario SHA-256', scenario.sha256],
    ...(scenario.overrides.length === 0 ? [] : [['overrides', scenario.overrides.join(' ')]]),
    ['command', ['bench', ...argv].join(' ')],
    ['started', started],
    ...(finished === undefined
      ? []
      : [
          ['wall time', formatDuration(finished.wallUs)],
          ...(finished.history === undefined ? [] : [['history', historyText(finished.history)]]),
          ['memory at most', formatBytes(finished.rssMaxBytes)],
        ]),
    ['bench', host.bench + (host.gitCommit === undefined ? '' : `, commit ${host.gitCommit}`)],
    ['Node.js', host.node],
    ['harness on', `${host.platform}, ${host.cpus} CPUs, ${formatBytes(host.memoryBytes)}`],
  ];
}

function historyText({
  entries,
  bytes,
}: {
  readonly entries: number;
  readonly bytes: number;
}): string {
  return `${countText(entries)} entries, ${formatBytes(bytes)}`;
}

/** The file as it was, for whoever wants to do it again. */
export function scenarioBlock(manifest: Manifest | undefined): readonly Block[] {
  if (manifest === undefined) return [];
  const { path, text } = manifest.scenario;
  return [{ kind: 'verbatim', caption: `Scenario ${path}, as it was run`, text }];
}

/** With the values in force: what a scenario overrode is named beside its default. */
export function calibratedTable(manifests: readonly (Manifest | undefined)[]): Table {
  const facts = manifests.map((manifest) => manifest?.environment?.facts ?? {});
  const isBare = facts.some((fact) => fact['simulation.lab'] === 'bare');
  const losesPower = facts.some((fact) => fact['simulation.power'] === 'lost');
  return {
    caption: 'Constants of the simulated cluster that are calibrated, not known',
    headers: ['constant', 'value', 'how it was found'],
    rows: listParameters({}, { only: 'calibrated', isBare, losesPower }).map((listed) => [
      listed.path,
      valueInForce(listed, facts),
      listed.parameter.source,
    ]),
  };
}

/** Where runs differ, the value of each, in their order; a served cluster does not tell its own. */
function valueInForce(
  { path, parameter, value }: ListedParameter,
  facts: readonly Readonly<Record<string, string>>[],
): string {
  const byDefault = exactText(parameter, value);
  const unit = parameter.type === 'number' ? ` ${parameter.unit}` : '';
  const inForce = facts.map((fact) => fact[`simulation.${path}`] ?? 'not recorded');
  const values = new Set(inForce);
  const text = `${[...(values.size > 1 ? inForce : values)].join(', ')}${unit}`;
  const isDefault = values.size === 1 && values.has(byDefault);
  return isDefault ? text : `${text} (default ${byDefault})`;
}

/** What the simulator counted while it worked. */
export function countersTable({ simulation }: Summary): Table | undefined {
  if (simulation === undefined || Object.keys(simulation.counters).length === 0) return undefined;
  return {
    caption: 'What the simulated cluster counted',
    headers: ['counter', 'number'],
    rows: Object.entries(simulation.counters).map(([name, n]) => [name, countText(n)]),
  };
}
