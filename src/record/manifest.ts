/**
 * manifest.json: the facts about a run that differ from machine to machine and from day to day.
 * They stay out of the history so that the same seed gives the same history, byte for byte.
 */

import { readFileSync } from 'node:fs';
import type { Outcome, Target } from './entry.ts';
import { manifestSchema } from './manifest-schema.ts';
import { withoutMark } from '../core/neutral-text.ts';
import { writeAtomic } from '../core/write-atomic.ts';

export const MANIFEST_SCHEMA = 'bench/manifest/v1';

export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly run: string;
  readonly scenario: ScenarioFact;
  readonly target: Target;
  readonly seed: number;
  /** Where the run's objects lived. */
  readonly namespace?: string | undefined;
  /** Of a run that only looked on: at whose load. */
  readonly lookout?: ObserveScopeFact | undefined;
  /** RFC 3339, UTC. */
  readonly started: string;
  /** The command line, secrets left out. */
  readonly argv: readonly string[];
  readonly host: HostFact;
  /** How the cluster was reached; absent for the embedded one. */
  readonly connection?: ConnectionFact | undefined;
  /** When it was taken up again, RFC 3339, UTC. */
  readonly resumed?: readonly string[] | undefined;
  /** Which cluster it was, as far as comparisons care; absent where nobody looked. */
  readonly environment?: EnvironmentFact | undefined;
  /** The limits that the scenario sets. */
  readonly slo?: readonly ServiceLevelFact[] | undefined;
  readonly feltLimits?: readonly FeltLimitFact[] | undefined;
  /** Of a run on a real cluster: what it creates is removed once its figures are safe. */
  readonly removes?: boolean | undefined;
  /** When that began, RFC 3339, UTC: there is nothing to go on with since. */
  readonly cleaned?: string | undefined;
  /** When nothing of it was left, RFC 3339, UTC. */
  readonly removed?: string | undefined;
  /** Absent while the run goes on, and for ever if it was killed. */
  readonly finished?: FinishFact;
}

/** Where the credentials are, never what they are. */
export interface ConnectionFact {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly inCluster?: boolean | undefined;
}

/** The rules by which somebody else's load was observed. */
export interface ObserveScopeFact {
  readonly selector: string;
  /** All where absent. */
  readonly namespace?: string | undefined;
  /** A label whose value names the image. */
  readonly imageLabel?: string | undefined;
  /** Of each object. */
  readonly timeoutUs: number;
  /** Creations of a kind further apart than this are of two waves. */
  readonly waveGapUs: number;
}

/** What the run itself cost: the watching thread apart from all else. */
export interface TrafficFact {
  readonly requests: number;
  readonly connections: number;
  readonly watchRequests: number;
  readonly watchConnections: number;
}

interface ScenarioFact {
  readonly name: string;
  readonly path: string;
  /** The file as it was. */
  readonly text: string;
  readonly sha256: string;
  /** `path=value` of each --set. */
  readonly overrides: readonly string[];
  /** Equal for scenarios that measure the same thing; see scenario/scenario-hash.ts. */
  readonly hash?: string | undefined;
  /** Equal for scenarios that ask the same of the cluster; see scenario/series.ts. */
  readonly load?: string | undefined;
  /** The name of its series, where it has one. */
  readonly series?: string | undefined;
  /** What may differ between nights of a series. */
  readonly facts?: Readonly<Record<string, string>> | undefined;
  /** What figures are filed under, by position in the file. */
  readonly names?:
    | {
        readonly steps: readonly string[];
        readonly images: readonly string[];
        readonly templates: readonly string[];
      }
    | undefined;
  /** What the hash is of: all that decides what is measured, with its defaults. */
  readonly measured?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The cluster a run was made on. Runs are compared where `identity` is the same; `facts` may change
 * from night to night (releases, limits, simulated constants) and explain a change of level.
 */
export interface EnvironmentFact {
  readonly name: string;
  readonly identity: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, string>>;
  /** Of a simulated one whose constants were fitted to recorded runs. */
  readonly twin?: TwinFact | undefined;
}

/** Which runs of which cluster, and how far off a held-out part of them was predicted. */
export interface TwinFact {
  readonly runs: readonly string[];
  readonly cluster: string;
  /** Shares by metric. */
  readonly within: Readonly<Record<string, number>>;
  /** Counters of the simulated cluster that stood at 0 when it played these runs. */
  readonly unseen: readonly string[];
  /** Counters of what no constant that was fitted is behind. */
  readonly guessed: readonly string[];
}

/** A limit on one statistic of a metric; without a dimension it holds for each of its values. */
export interface ServiceLevelFact {
  readonly metric: string;
  readonly step?: string | undefined;
  readonly image?: string | undefined;
  readonly source?: string | undefined;
  readonly statistic: 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'min' | 'max';
  readonly limitSeconds: number;
}

/** A limit on what the cluster felt, in the unit of the question. */
export interface FeltLimitFact {
  readonly felt: string;
  readonly unit: string;
  readonly step?: string | undefined;
  readonly statistic: 'mean' | 'max';
  readonly limit: number;
}

export interface HostFact {
  readonly bench: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gitCommit?: string | undefined;
}

export interface FinishFact {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly outcome: Outcome | 'crashed';
  readonly reason?: string | undefined;
  /** Wall time of the measurement. */
  readonly wallUs: number;
  readonly rssMaxBytes: number;
  /** Absent where the run crashed. */
  readonly history?: { readonly entries: number; readonly bytes: number } | undefined;
  /** Real clusters only. */
  readonly traffic?: TrafficFact | undefined;
  /** Delay of the event loop during the run; wall-clock runs only, as are the following. */
  readonly loopLagUs?: OwnCostFact['loopLagUs'];
  readonly gcUs?: number;
  readonly cpuUs?: number;
  readonly throttledUs?: number;
}

/** What measuring cost the process that did it. */
export interface OwnCostFact {
  /** Of the thread that was later. */
  readonly loopLagUs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Collecting garbage, in the thread that sends. */
  readonly gcUs: number;
  readonly cpuUs: number;
  /** Kept from the processors by a limit; absent where nobody counts it. */
  readonly throttledUs?: number;
}

/** Writes the manifest whole or not at all. */
export function writeManifest(path: string, manifest: Manifest): void {
  writeAtomic(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The manifest at `path`; undefined where there is none that can be read. */
export function readManifest(path: string): Manifest | undefined {
  try {
    const checked = manifestSchema.safeParse(JSON.parse(withoutMark(readFileSync(path, 'utf8'))));
    return checked.success ? (checked.data as unknown as Manifest) : undefined;
  } catch {
    return undefined;
  }
}
