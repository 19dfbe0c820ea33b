/** What CDI's worker pods do and how long it takes; those of a real CDI are not made alike. */

import type { Pod } from '../../../../api/compute.ts';
import { SECOND } from '../../../../core/duration.ts';
import { objectKey, splitKey } from '../../../../kube/informer.ts';
import type { Program } from '../../../hardware/node/programs.ts';
import type { ImageContent } from '../../../hardware/storage/content.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION } from '../vocabulary.ts';
import { listClaims, type WorkerKind } from './worker-pod.ts';

/** An importer that finds nothing gives up soon. */
const FAILURE_US = 2 * SECOND;

export function findProgram(lab: StorageLab, pod: Pod, kind: WorkerKind): Program {
  const { cdi } = lab.parameters;
  const [written, read] = listClaims(pod).map((name) =>
    findHandle(lab, objectKey(pod.metadata.namespace, name)),
  );
  const moving = (content: ImageContent, bandwidth: number): Program => ({
    // Whole microseconds: what is left of one would never be over.
    durationUs: Math.ceil((content.dataBytes / bandwidth) * SECOND),
    finish: () => lab.driver.fill(written ?? '', content),
  });
  switch (kind) {
    case 'importer': {
      const url = findEndpoint(pod);
      if (url === '') return { durationUs: cdi.blankTimeUs, finish: nothing };
      const content = lab.importable.get(url);
      if (content) return moving(content, cdi.importBandwidth);
      return { durationUs: FAILURE_US, finish: undefined };
    }
    case 'cdi-clone-source': {
      const content = lab.driver.contentOf(read ?? '');
      return content ? moving(content, cdi.copyBandwidth) : { durationUs: 0, finish: nothing };
    }
    default:
      return { durationUs: 0, finish: nothing };
  }
}

const nothing = () => {};

/** An annotation in ours, in the environment of the container in theirs (import-controller.go). */
function findEndpoint(pod: Pod): string {
  const own = pod.metadata.annotations?.[ANNOTATION.importEndpoint];
  const [container] = pod.spec.containers;
  const theirs = container?.env?.find(({ name }) => name === 'IMPORTER_ENDPOINT');
  return own ?? theirs?.value ?? '';
}

/** What the driver calls the volume that the claim, `namespace/name`, is bound to. */
export function findHandle({ copies }: StorageLab, claimKey: string): string | undefined {
  const { namespace, name } = splitKey(claimKey);
  const claim = copies.claims.get(namespace, name);
  return copies.volumes.get(undefined, claim?.spec.volumeName ?? '')?.spec.csi?.volumeHandle;
}
