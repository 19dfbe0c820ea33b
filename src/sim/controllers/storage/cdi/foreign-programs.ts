/**
 * What the worker pods of a real CDI do, which are ordinary pods of a node: an importer downloads,
 * and in a host-assisted copy a source pod sends its volume to an upload server, which takes it and
 * exits (pkg/controller/clone-controller.go, upload-controller.go, v1.66.0).
 */

import type { Pod } from '../../../../api/compute.ts';
import { SECOND } from '../../../../core/duration.ts';
import { objectKey } from '../../../../kube/informer.ts';
import type { Program, Programs, Service } from '../../../hardware/node/programs.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION, LABEL } from '../vocabulary.ts';
import { listClaims } from './worker-pod.ts';
import { findHandle, findProgram } from './worker-programs.ts';

interface Receivers {
  readonly lab: StorageLab;
  /** By key of the claim that is written: ends its upload server. */
  readonly waiting: Map<string, () => void>;
}

/** CDI reads how they ended as JSON, and would wait for ever for an upload that says nothing. */
const RECEIVED = JSON.stringify({ preallocationApplied: false, message: 'Clone Complete' });
const IMPORTED = JSON.stringify({
  scratchSpaceRequired: false,
  preallocationApplied: false,
  message: 'Import Complete',
});

export function foreignPrograms(lab: StorageLab): Programs {
  const receivers: Receivers = { lab, waiting: new Map() };
  return (pod) => {
    const kind = pod.metadata.labels?.[LABEL.component];
    switch (kind) {
      case 'importer':
        return { ...findProgram(lab, pod, kind), message: IMPORTED };
      case 'cdi-populator-prep':
        return findProgram(lab, pod, kind);
      case 'cdi-clone-source':
        return sending(receivers, pod);
      case 'cdi-upload-server':
        return receiving(receivers, pod);
      default:
        return undefined;
    }
  };
}

/** The claim that it reads is its volume; the one that it writes is another pod's. */
function sending({ lab, waiting }: Receivers, pod: Pod): Program {
  const target = pod.metadata.annotations?.[ANNOTATION.storageOwner] ?? '';
  const [read = ''] = listClaims(pod);
  const content = lab.driver.contentOf(findHandle(lab, claimKey(pod, read)) ?? '');
  return {
    message: 'Clone Complete',
    durationUs: Math.ceil(((content?.dataBytes ?? 0) / lab.parameters.cdi.copyBandwidth) * SECOND),
    finish() {
      const written = findHandle(lab, target);
      if (content && written !== undefined) lab.driver.fill(written, content);
      waiting.get(target)?.();
    },
  };
}

/** What arrived before this process was there has arrived. */
function receiving({ lab, waiting }: Receivers, pod: Pod): Service {
  const [written = ''] = listClaims(pod);
  const key = claimKey(pod, written);
  return {
    message: RECEIVED,
    serve(end) {
      if (lab.driver.contentOf(findHandle(lab, key) ?? '')) return lab.clock.schedule(0, end);
      waiting.set(key, end);
      return () => {
        if (waiting.get(key) === end) waiting.delete(key);
      };
    },
  };
}

function claimKey(pod: Pod, name: string): string {
  return objectKey(pod.metadata.namespace, name);
}
