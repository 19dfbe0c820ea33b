/**
 * What CDI's worker pods do and how long it takes, whether a real CDI or ours made them: an
 * importer downloads, and in a host-assisted copy a source pod sends its volume to an upload
 * server, which takes it and exits (pkg/controller/clone-controller.go, upload-controller.go).
 */

import type { Pod } from '../../../../api/compute.ts';
import { claimNames } from '../../../../api/pod-claims.ts';
import { SECOND } from '../../../../core/duration.ts';
import { objectKey, splitKey } from '../../../../kube/informer.ts';
import type { Program, Programs, Service } from '../../../hardware/node/programs.ts';
import type { ImageContent } from '../../../hardware/storage/content.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION, LABEL } from '../vocabulary.ts';

export interface Workers {
  readonly programs: Programs;
  /** As its /metrics tell it, 0 to 1; undefined where they do not. */
  progressOf(pod: Pod): number | undefined;
}

interface Room {
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

/** An importer that finds nothing gives up soon. */
const FAILURE_US = 2 * SECOND;
const FAILED = 'Unable to process data';

export function createWorkers(lab: StorageLab): Workers {
  const room: Room = { lab, waiting: new Map() };
  /** By UID of their pods: those that move bytes. */
  const running = new Map<string, { readonly startUs: number; readonly durationUs: number }>();
  lab.copies.pods.onChange((now, before) => {
    if (!now && before) running.delete(before.metadata.uid ?? '');
  });
  return {
    programs(pod) {
      const program = findProgram(room, pod);
      if (program && 'movesBytes' in program) {
        const { durationUs } = program;
        running.set(pod.metadata.uid ?? '', { startUs: lab.clock.nowUs(), durationUs });
      }
      return program;
    },
    progressOf({ metadata, status }) {
      const job = running.get(metadata.uid ?? '');
      if (!job || status?.phase !== 'Running') return undefined;
      // pkg/util/prometheus/prometheus.go: the counter moves once a second.
      const ticks = Math.floor((lab.clock.nowUs() - job.startUs) / SECOND);
      return ticks < 1 ? undefined : Math.min(1, (ticks * SECOND) / job.durationUs);
    },
  };
}

interface Transfer extends Program {
  readonly movesBytes: true;
}

/** Of pods that are none of CDI's workers: undefined. */
function findProgram(room: Room, pod: Pod): Program | Transfer | Service | undefined {
  switch (pod.metadata.labels?.[LABEL.component]) {
    case 'importer':
      return importing(room, pod);
    case 'cdi-populator-prep':
      return { durationUs: 0, finish: nothing };
    case 'cdi-clone-source':
      return sending(room, pod);
    case 'cdi-upload-server':
      return receiving(room, pod);
    default:
      return undefined;
  }
}

const nothing = () => {};

function importing({ lab }: Room, pod: Pod): Program | Transfer {
  const { cdi } = lab.parameters;
  const [written = ''] = claimNames(pod);
  const url = findEndpoint(pod);
  if (url === '') return { durationUs: cdi.blankTimeUs, finish: nothing, message: IMPORTED };
  const content = lab.importable.get(url);
  if (!content) return { durationUs: FAILURE_US, finish: undefined, message: FAILED };
  const handle = findHandle(lab, claimKey(pod, written));
  return {
    movesBytes: true,
    durationUs: moveUs(content, cdi.importBandwidth),
    finish: () => lab.driver.fill(handle ?? '', content),
    message: IMPORTED,
  };
}

/** import-controller.go makeImportEnv. */
function findEndpoint({ spec }: Pod): string {
  return spec.containers[0]?.env?.find(({ name }) => name === 'IMPORTER_ENDPOINT')?.value ?? '';
}

/** The claim that it reads is its volume; the one that it writes is another pod's. */
function sending({ lab, waiting }: Room, pod: Pod): Transfer {
  const target = pod.metadata.annotations?.[ANNOTATION.storageOwner] ?? '';
  const [read = ''] = claimNames(pod);
  const content = lab.driver.contentOf(findHandle(lab, claimKey(pod, read)) ?? '');
  return {
    movesBytes: true,
    message: 'Clone Complete',
    durationUs: content ? moveUs(content, lab.parameters.cdi.copyBandwidth) : 0,
    finish() {
      const written = findHandle(lab, target);
      if (content && written !== undefined) lab.driver.fill(written, content);
      waiting.get(target)?.();
    },
  };
}

/** What arrived before this process was there has arrived. */
function receiving({ lab, waiting }: Room, pod: Pod): Service {
  const [written = ''] = claimNames(pod);
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

/** Whole microseconds: what is left of one would never be over. */
function moveUs({ dataBytes }: ImageContent, bandwidth: number): number {
  return Math.ceil((dataBytes / bandwidth) * SECOND);
}

/** What the driver calls the volume that the claim, `namespace/name`, is bound to. */
function findHandle({ copies }: StorageLab, key: string): string | undefined {
  const { namespace, name } = splitKey(key);
  const claim = copies.claims.get(namespace, name);
  return copies.volumes.get(undefined, claim?.spec.volumeName ?? '')?.spec.csi?.volumeHandle;
}

function claimKey(pod: Pod, name: string): string {
  return objectKey(pod.metadata.namespace, name);
}
