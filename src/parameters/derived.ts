/** What follows from constants alone, for who plays the cluster and who only reckons with it. */

import { SECOND } from '../core/duration.ts';
import type { GuestProfile } from './guests.ts';
import type { Parameters } from './parameters.ts';

/** They count for the replicas of virt-api, and run no VMs. */
const CONTROL_PLANE_NODES = 3;

export function virtApiReplicas({ nodes, virtApi }: Parameters): number {
  const all = nodes.count + CONTROL_PLANE_NODES;
  return Math.max(2, Math.floor(all / virtApi.nodesPerReplica));
}

/** (read + writeCost * write) / bandwidth: a first write copies its 4 MiB object up. */
export function diskTimeUs(profile: GuestProfile, disk: Parameters['guestDisk']): number {
  const cost = profile.readBytes + disk.writeCost * profile.writeBytes;
  return (cost / disk.bandwidth) * SECOND;
}

/**
 * How long one flatten takes: every object of the image is visited, ten at a time
 * (rbd_concurrent_management_ops); those that the parent holds data for are copied.
 */
export function flattenUs(
  { copied, empty }: { readonly copied: number; readonly empty: number },
  manager: Parameters['manager'],
): number {
  return (copied * manager.copyTimeUs + empty * manager.emptyObjectTimeUs) / manager.concurrency;
}

/** `worker-000`, `worker-001`, ...; four digits where there are more than 1,000 nodes. */
export function nodeName(index: number, count: number): string {
  return `worker-${String(index).padStart(String(Math.max(count - 1, 100)).length, '0')}`;
}
