/**
 * How long a wave of boots takes: requests through virt-api's replicas, pods, volumes through the
 * attacher's bucket and the node's status of every ten seconds, containers, guests. The stations
 * are those of the simulated cluster (sim/controllers/compute), with the constants it has.
 */

import { diskTimeUs, virtApiReplicas } from '../../parameters/derived.ts';
import type { Booting, Model } from './model.ts';
import { ascending, evenly, later, throughBucket, throughWorkers, type Times } from './stations.ts';

/** So many requests of virt-api for each that it is asked, of one of its replicas. */
export function throughVirtApi(sent: Times, requests: number, { parameters }: Model): Times {
  const { virtApi, api } = parameters;
  const replicas = virtApiReplicas(parameters);
  const perReplica = Array.from({ length: replicas }, (_, replica) =>
    sent.filter((_, i) => i % replicas === replica),
  );
  const answered = perReplica.flatMap((own) => throughBucket(own, virtApi, requests));
  return ascending(later(answered, (requests + 1) * api.roundTripUs));
}

/** From the request that a VM runs to the launcher on its node: VM, instance, pod, each seen. */
export function launchersPlaced(asked: Times, model: Model): Times {
  return podsPlaced(later(asked, model.look(2)), model);
}

/** From the request for a pod to its node. */
export function podsPlaced(asked: Times, model: Model): Times {
  const { bindTimeUs } = model.parameters.scheduler;
  const pods = later(asked, model.look(1));
  return throughWorkers(pods, 1, (_, free, came) => Math.max(free, came) + bindTimeUs);
}

/** From pods that are placed to their containers: attached, reported in use, mapped, started. */
export function podsRun(placed: Times, volumes: number, model: Model): Times {
  const { kubelet, api } = model.parameters;
  const mapped = volumes === 0 ? placed : volumesMapped(placed, volumes, model);
  const startUs = kubelet.sandboxTimeUs + kubelet.launcherTimeUs;
  return ascending(later(mapped, startUs + api.roundTripUs + api.watchDelayUs));
}

function volumesMapped(placed: Times, volumes: number, model: Model): Times {
  const { kubelet, attachDetach, attacher, api } = model.parameters;
  const { roundTripUs, watchDelayUs } = api;
  const asked = later(placed, watchDelayUs + attachDetach.loopUs / 2 + attachDetach.createTimeUs);
  const attached = later(throughBucket(later(asked, watchDelayUs), attacher, volumes), roundTripUs);
  return placed.map((placedUs, i) => {
    const askedUs = asked[i] ?? 0;
    const toldUs = (attached[i] ?? 0) + watchDelayUs;
    const foundUs = askedUs + pollUs(toldUs - askedUs, model) + attachDetach.loopUs / 2;
    const attachedUs = foundUs + roundTripUs + watchDelayUs;
    const wantedUs = placedUs + watchDelayUs + kubelet.inUseDelayUs;
    const inUseUs = wantedUs + evenly(i) * kubelet.statusIntervalUs + roundTripUs;
    const verifiedUs = inUseUs + verifyUs(attachedUs - inUseUs, model);
    return verifiedUs + kubelet.reconcilerLoopUs + kubelet.mapTimeUs;
  });
}

/** The first look of the attach/detach controller at which so much time has passed. */
function pollUs(untilUs: number, { parameters }: Model): number {
  const { pollStartUs, pollGrowth, pollJitter, pollMaxUs } = parameters.attachDetach;
  let intervalUs = Math.max(1, pollStartUs);
  let atUs = 0;
  do {
    atUs += intervalUs * (1 + pollJitter / 2);
    intervalUs = Math.min(pollMaxUs, intervalUs * Math.max(1, pollGrowth));
  } while (atUs < untilUs);
  return atUs;
}

/** The first look of the kubelet, each after twice the time of the one before. */
function verifyUs(untilUs: number, { parameters }: Model): number {
  const { verifyBackoffStartUs, verifyBackoffMaxUs } = parameters.kubelet;
  let waitUs = Math.max(1, verifyBackoffStartUs);
  let atUs = 0;
  while (atUs < untilUs) {
    atUs += waitUs;
    waitUs = Math.min(verifyBackoffMaxUs, waitUs * 2);
  }
  return atUs;
}

/** From launchers to domains that are told of as Running. */
export function domainsRun(launched: Times, { hasTpm }: Booting, model: Model): Times {
  const { qemuTimeUs, syncTimeUs, tpmTimeUs } = model.parameters.virtHandler;
  const defineUs = syncTimeUs + qemuTimeUs + (hasTpm ? tpmTimeUs : 0);
  // virt-controller hands over to the handler, and the handler tells.
  return later(launched, model.look(2) + defineUs);
}

/** From a domain that runs to its guest: firmware, kernel with its disk, services. */
export function guestUs({ guest }: Booting, { parameters }: Model): number {
  if (guest === undefined) return 0;
  const { firmwareUs, cpuUs, servicesUs } = guest;
  return firmwareUs + cpuUs + diskTimeUs(guest, parameters.guestDisk) + servicesUs;
}

/** A guest that is shut down, its launcher gone, and the instance with it. */
export function stopUs(model: Model): number {
  const { virtHandler, kubelet } = model.parameters;
  return model.look(4) + virtHandler.shutdownTimeUs + kubelet.stopTimeUs;
}
