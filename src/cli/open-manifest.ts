/** The manifest of a run under way: written when it starts, completed when it ends. */

import { createHash } from 'node:crypto';
import { rfc3339 } from '../core/time-text.ts';
import type { Target } from '../record/entry.ts';
import { fileOf, type RunFolder } from '../record/layout.ts';
import {
  type FinishFact,
  type Manifest,
  MANIFEST_SCHEMA,
  writeManifest,
} from '../record/manifest.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Host } from './host.ts';

export interface OpenManifest {
  /** To be called once, when the measurement is over, however it ended. */
  finish(ending: Pick<FinishFact, 'outcome' | 'reason' | 'history'>): void;
}

export function openManifest(
  host: Host,
  scenario: Scenario,
  folder: RunFolder,
  run: { readonly target: Target; readonly seed: number },
): OpenManifest {
  const { clock } = host;
  const path = fileOf(folder, 'manifest');
  const startUs = clock.nowUs();
  const manifest: Manifest = {
    schema: MANIFEST_SCHEMA,
    run: folder.runId,
    scenario: scenarioFact(scenario),
    ...run,
    started: rfc3339(clock.wallUs()),
    argv: host.argv,
    host: host.facts(),
  };
  writeManifest(path, manifest);
  return {
    finish({ outcome, reason, history }) {
      const finished: FinishFact = {
        at: rfc3339(clock.wallUs()),
        outcome,
        reason,
        wallUs: clock.nowUs() - startUs,
        rssMaxBytes: host.rssMaxBytes(),
        history,
      };
      writeManifest(path, { ...manifest, finished });
    },
  };
}

function scenarioFact({ name, origin }: Scenario): Manifest['scenario'] {
  const { fileName, text, overrides } = origin;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name, path: fileName, text, sha256, overrides };
}
