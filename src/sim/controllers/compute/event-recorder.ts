/** Writes core/v1 Events beside the work, as client-go's recorder does: lost ones are no error. */

import type { KubeEvent } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { EVENTS } from '../../../api/resources.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { ComputeLab } from './lab.ts';

export type EventRecorder = (
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => void;

/** `component` is the event's source; a lab that records no events writes none. */
export function createEventRecorder(
  lab: ComputeLab,
  client: KubeClient,
  component: string,
): EventRecorder {
  if (!lab.recordEvents) return () => {};
  let count = 0;
  return (about, type, reason, message) => {
    count += 1;
    const namespace = about.metadata.namespace ?? 'default';
    const stamp = lab.stamp();
    // Nanoseconds, as client-go names events; clients read the time of an event from its name.
    const nanos = BigInt(lab.clock.wallUs()) * 1000n + BigInt(count % 1000);
    const suffix = nanos.toString(16);
    const written: KubeEvent = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${about.metadata.name}.${suffix}`, namespace },
      involvedObject: involved(about),
      reason,
      message,
      type,
      count: 1,
      firstTimestamp: stamp,
      lastTimestamp: stamp,
      source: { component },
    };
    lab.launch(client.create(EVENTS, written));
  };
}

function involved(about: KubeObject): KubeEvent['involvedObject'] {
  const { namespace, name, uid } = about.metadata;
  return {
    apiVersion: about.apiVersion,
    kind: about.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}
