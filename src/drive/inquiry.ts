/**
 * Asks what the DataSources that DataVolumes of others name stand for: the DataVolume only refers
 * to one, and whether that is a PVC or a snapshot decides what a clone of it costs.
 */

import { DATA_SOURCES } from '../api/resources.ts';
import { TransportError } from '../api/transport.ts';
import { MINUTE } from '../core/duration.ts';
import { ApiError } from '../kube/api-error.ts';
import { retry } from '../kube/retry.ts';
import type { Entry } from '../record/entry.ts';
import type { Session } from './session.ts';

export interface Inquiry {
  /** Each DataSource is asked for once, when the first DataVolume names it. */
  take(entry: Entry): void;
  whenAnswered(): Promise<unknown>;
}

type Asker = Pick<Session, 'lab' | 'notebook' | 'client' | 'stop'>;

export function createInquiry(asker: Asker): Inquiry {
  const asked = new Map<string, Promise<void>>();
  return {
    take(entry) {
      if (entry.e !== 'obj' || entry.src !== 'sourceRef' || entry.of === undefined) return;
      const name = entry.of.includes('/') ? entry.of : `${entry.ns ?? ''}/${entry.of}`;
      if (!asked.has(name)) asked.set(name, inquire(asker, name));
    },
    whenAnswered: () => Promise.all(asked.values()),
  };
}

/** A DataSource that is hidden for so long stays unknown. */
const RETRY_TIMEOUT_US = MINUTE;

async function inquire({ client, lab, notebook, stop }: Asker, n: string): Promise<void> {
  const [namespace, name = ''] = n.split('/');
  const rng = lab.rng.fork(`inquiry ${n}`);
  const policy = { clock: lab.clock, rng, timeoutUs: RETRY_TIMEOUT_US, signal: stop.signal };
  try {
    const found = await retry(policy, () => client.get(DATA_SOURCES, { namespace, name }));
    const { pvc, snapshot } = { ...found.spec.source, ...found.status?.source };
    const src = pvc ? 'pvc' : snapshot ? 'snapshot' : undefined;
    if (src !== undefined) notebook.write({ e: 'dataSource', t: notebook.nowUs(), n, src });
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TransportError)) throw error;
    const message = `DataSource ${n}: ${error.message}`;
    notebook.write({ e: 'note', t: notebook.nowUs(), what: 'dataSource', message });
  }
}
