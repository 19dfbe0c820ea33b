/** The manifest of a run under way: written when it starts, completed when it ends. */

import { createHash } from 'node:crypto';
import { toSeconds } from '../core/duration.ts';
import { hideJsonSecrets } from '../core/json-secrets.ts';
import { hideOverrideSecrets, hideYamlSecrets } from '../core/yaml-secrets.ts';
import { rfc3339, rfc3339Micro } from '../core/time-text.ts';
import { makeNamespaceName } from '../plan/planning.ts';
import type { Target } from '../record/entry.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import {
  type ConnectionFact,
  type EnvironmentFact,
  type FinishFact,
  type Manifest,
  MANIFEST_SCHEMA,
  type OwnCostFact,
  type ServiceLevelFact,
  writeManifest,
} from '../record/manifest.ts';
import { loadFacts, loadHash, loadNames } from '../scenario/series.ts';
import { measuredFields, scenarioHash } from '../scenario/scenario-hash.ts';
import type { Scenario, ServiceLevel } from '../scenario/scenario.ts';
import type { Host } from './host.ts';

export interface OpenManifest {
  /** To be called once, when the measurement is over, however it ended. */
  finish(
    ending: Pick<FinishFact, 'outcome' | 'reason' | 'history' | 'traffic'> & {
      readonly cost?: OwnCostFact | undefined;
    },
  ): void;
}

export interface OpeningFacts {
  readonly target: Target;
  readonly seed: number;
  readonly environment: EnvironmentFact | undefined;
  readonly connection: ConnectionFact | undefined;
  readonly removes?: true | undefined;
  /** Whether names are hidden; how to reach the cluster is then not recorded. */
  readonly pseudonymise: boolean;
}

/** What was asked for, as far as it differs between what is driven and what is only observed. */
export type Asked = Pick<Manifest, 'scenario' | 'namespace' | 'slo' | 'feltLimits' | 'lookout'>;

export function askedBy(scenario: Scenario, runId: string): Asked {
  return {
    scenario: scenarioFact(scenario),
    namespace: scenario.namespace ?? makeNamespaceName(runId),
    slo: scenario.slo.map(serviceLevelFact),
    ...(scenario.feltLimits.length === 0 ? {} : { feltLimits: scenario.feltLimits }),
  };
}

export function openManifest(
  host: Host,
  asked: Asked,
  folder: RunFolder,
  run: OpeningFacts,
): OpenManifest {
  const { clock } = host;
  const { scenario, ...rest } = asked;
  const { pseudonymise, ...facts } = run;
  const manifest: Manifest = {
    schema: MANIFEST_SCHEMA,
    run: folder.runId,
    scenario,
    ...facts,
    ...(pseudonymise ? { connection: undefined } : {}),
    ...rest,
    // With its fraction, so that quick runs keep their order.
    started: rfc3339Micro(clock.wallUs()),
    argv: (pseudonymise ? hideNames(host.argv) : host.argv).map(hideOverrideSecrets),
    host: host.facts(),
  };
  return opened(host, folder, manifest);
}

/** The manifest of a run that is taken up again: what it was is not changed by what is now. */
export function reopenManifest(
  host: Host,
  folder: RunFolder,
  before: Manifest,
  removes?: true,
): OpenManifest {
  const { finished: _, ...manifest } = before;
  const resumed = [...(before.resumed ?? []), rfc3339(host.clock.wallUs())];
  return opened(host, folder, { ...manifest, resumed, removes });
}

function opened(host: Host, folder: RunFolder, manifest: Manifest): OpenManifest {
  const { clock } = host;
  const path = getFilePath(folder, 'manifest');
  const startUs = clock.nowUs();
  writeManifest(path, manifest);
  return {
    finish({ outcome, reason, history, traffic, cost }) {
      const finished: FinishFact = {
        at: rfc3339(clock.wallUs()),
        outcome,
        reason,
        wallUs: clock.nowUs() - startUs,
        rssMaxBytes: host.rssMaxBytes(),
        history,
        traffic,
        ...cost,
      };
      writeManifest(path, { ...manifest, finished });
    },
  };
}

/** The values of options that name a cluster. */
function hideNames(argv: readonly string[]): readonly string[] {
  const naming = /^--(kubeconfig|context)$/;
  return argv.map((word, index) => {
    if (naming.test(argv[index - 1] ?? '')) return '...';
    return word.replace(/^(--(?:kubeconfig|context)=).*/, '$1...');
  });
}

function scenarioFact(scenario: Scenario): Manifest['scenario'] {
  const { fileName, text } = scenario.origin;
  const overrides = scenario.origin.overrides.map(hideOverrideSecrets);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const hash = scenarioHash(scenario);
  const measured = hideJsonSecrets(measuredFields(scenario)) as Readonly<Record<string, unknown>>;
  return {
    name: scenario.name,
    path: fileName,
    text: hideYamlSecrets(text),
    sha256,
    overrides,
    hash,
    load: loadHash(scenario),
    ...(scenario.series === undefined ? {} : { series: scenario.series }),
    facts: loadFacts(scenario),
    names: loadNames(scenario),
    measured,
  };
}

function serviceLevelFact({ limitUs, ...level }: ServiceLevel): ServiceLevelFact {
  return { ...level, limitSeconds: toSeconds(limitUs) };
}
