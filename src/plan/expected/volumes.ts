/**
 * How long a wave of DataVolumes takes: CDI's webhooks, CDI's requests for claims, the provisioner
 * and ceph-csi behind it, one after the other. Stations and constants are those of the simulated
 * cluster (sim/controllers/storage, sim/hardware/rbd). Attempts that are refused and tried again
 * are left out, but for those that are in a count of requests.
 */

import { ADMISSION_REQUESTS } from '../../capacity/admission.ts';
import { SECOND } from '../../core/duration.ts';
import { has } from '../../parameters/release.ts';
import { podsPlaced, podsRun } from './boots.ts';
import type { Filling, Model } from './model.ts';
import {
  ascending,
  later,
  throughBucket,
  throughBucketAgain,
  throughWorkers,
  type Times,
} from './stations.ts';

type Source = Filling['source'];

/**
 * Requests that CDI makes for the claims of a DataVolume until it is filled: nine writes, and of
 * those two (three, where a pod's states are copied) once more, since its copy was behind.
 */
const CLAIM_REQUESTS: Readonly<Record<Source, number>> = {
  snapshot: 11,
  pvc: 11,
  blank: 12,
  image: 12,
};

/** Reads of the source and of the secret, and the volume that is written. */
const PROVISIONER_REQUESTS: Readonly<Record<Source, number>> = {
  snapshot: 2,
  pvc: 3,
  blank: 2,
  image: 2,
};

/** The snapshot and its content, through a bucket of their own. */
const SNAPSHOT_READS = 2;

/** Under load each request stands behind one of each of the provisioner's two recorders. */
const PROVISIONER_RECORDERS = 2;

/** DataVolumes by hand, all of one source. */
export function volumesFilled(asked: Times, filling: Filling, model: Model): Times {
  const { created, updates } = admissionRequests(filling.source, model);
  const { api, cdiApi } = model.parameters;
  const creating = Array.from({ length: created - 1 }, () => api.roundTripUs);
  const updating = Array.from({ length: updates }, () => model.look(1));
  const answers = throughBucketAgain(asked, cdiApi, [...creating, ...updating]);
  // The claim is made after the first update of CDI's own, and the rest may come when it will.
  const made = answers[created - 1 + Math.min(1, updates)] ?? asked;
  const filled = fill(made, [filling], model);
  const lastAnswers = answers.at(-1) ?? asked;
  return ascending(filled.map((us, i) => Math.max(us, (lastAnswers[i] ?? 0) + model.look(1))));
}

/**
 * The DataVolumes of VMs: virt-controller asks for a few at a time, so that creations and updates
 * take their turns, and a VM is there with its last volume.
 */
export function vmsProvisioned(asked: Times, fillings: readonly Filling[], model: Model): Times {
  const requests = fillings.map(({ source }) => admissionRequests(source, model));
  const tokens = requests.reduce((sum, { created, updates }) => sum + created + updates, 0);
  const admitted = throughBucket(later(asked, model.look(1)), model.parameters.cdiApi, tokens);
  return fill(admitted, fillings, model);
}

function admissionRequests(source: Source, { parameters }: Model) {
  if (source === 'blank' || source === 'image') return { created: 1, updates: 0 };
  const { created, all } = ADMISSION_REQUESTS[source];
  // Later releases do not look at the source itself.
  const looks = source === 'pvc' && !has(parameters, 'sourceReadAtAdmission') ? 1 : 0;
  return { created: created - looks, updates: all - created };
}

/** From claims that are admitted to volumes that are theirs: each operation takes one of each. */
function fill(admitted: Times, fillings: readonly Filling[], model: Model): Times {
  if (fillings.length === 0) return later(admitted, model.look(1));
  const { cdi } = model.parameters;
  const requests = fillings.reduce((sum, { source }) => sum + CLAIM_REQUESTS[source], 0);
  const claims = throughBucket(later(admitted, model.look(2)), cdi, requests);
  const provisioned = provision(claims, fillings, model);
  const ends = fillings.map((filling) => carryOut(provisioned, filling, model));
  return ascending(claims.map((_, i) => Math.max(...ends.map((end) => end[i] ?? 0))));
}

/** The provisioner's requests for all volumes of an operation. */
function provision(claims: Times, fillings: readonly Filling[], model: Model): Times {
  const { provisioner } = model.parameters;
  const requests = fillings.reduce((sum, { source }) => sum + PROVISIONER_REQUESTS[source], 0);
  const written = throughBucket(readSources(claims, fillings, model), provisioner, requests);
  return recorded(written, requests, model);
}

function readSources(claims: Times, fillings: readonly Filling[], model: Model): Times {
  const restores = fillings.filter(({ source }) => source === 'snapshot').length;
  return throughBucket(claims, model.parameters.provisioner, restores * SNAPSHOT_READS);
}

/** Requests that were let in, once those of the recorders are out of their way. */
function recorded(written: Times, requests: number, { parameters }: Model): Times {
  const { provisioner, api } = parameters;
  const eachUs = ((1 + PROVISIONER_RECORDERS) / provisioner.qps) * SECOND;
  return written.map((us, i) => {
    const isLoaded = (i + 1) * requests * (1 + PROVISIONER_RECORDERS) > provisioner.burst;
    return us + requests * (isLoaded ? eachUs : api.roundTripUs);
  });
}

/** What the driver and CDI's pods do, and the volume handed from the helper claim to the own. */
function carryOut(provisioned: Times, filling: Filling, model: Model): Times {
  const { cdi, volumeBinder } = model.parameters;
  const bindsUs = 2 * volumeBinder.bindTimeUs + model.look(8);
  const made = later(createVolumes(provisioned, filling.source, model), bindsUs);
  switch (filling.source) {
    case 'blank':
      return carriedOut(made, cdi.blankTimeUs, model);
    case 'image':
      return carriedOut(made, transferUs(filling, cdi.importBandwidth), model);
    default:
      return made;
  }
}

/** By importers, which are pods like any other. */
function carriedOut(bound: Times, workUs: number, model: Model): Times {
  const { kubelet } = model.parameters;
  const running = podsRun(podsPlaced(bound, model), 1, model);
  return later(running, workUs + kubelet.stopTimeUs + model.look(2));
}

function transferUs({ dataBytes = 0 }: Filling, bandwidth: number): number {
  return (dataBytes / bandwidth) * SECOND;
}

/** CreateVolume of ceph-csi. */
function createVolumes(asked: Times, source: Source, model: Model): Times {
  const { rbd } = model.parameters;
  const begun = later(asked, rbd.prepareTimeUs + rbd.reserveTimeUs);
  switch (source) {
    case 'snapshot':
      return later(begun, rbd.restoreTimeUs + rbd.tailTimeUs);
    case 'pvc':
      return later(cloneImages(begun, model), rbd.temporaryLegTimeUs);
    default:
      return later(begun, rbd.createTimeUs + rbd.tailTimeUs);
  }
}

/**
 * Two snapshots through the monitor. The first holds the exclusive lock of the source: one for each
 * of the monitor's rounds.
 */
function cloneImages(begun: Times, model: Model): Times {
  const { rbd } = model.parameters;
  const roundUs = monitorRoundUs(model);
  // Free means that its holder's round has just been committed.
  const taken = throughWorkers(begun, 1, (_, free, came) => {
    const askedUs = Math.max(free, came) + rbd.snapshotCreateTimeUs;
    return Math.max(askedUs + idleRoundUs(model), free + roundUs);
  });
  const leftUs = rbd.cloneTimeUs + rbd.snapshotRemoveTimeUs;
  return later(taken, leftUs + Math.max(0, roundUs - leftUs));
}

/** Between two commits of the monitor while it is asked all the time. */
function monitorRoundUs({ parameters: { monitor } }: Model): number {
  return monitor.proposeIntervalUs + monitor.commitTimeUs;
}

function idleRoundUs({ parameters: { monitor } }: Model): number {
  return monitor.minWaitUs + monitor.commitTimeUs;
}

/** A golden image's snapshot. */
export function snapshotUs(model: Model): number {
  const { rbd } = model.parameters;
  const first = rbd.prepareTimeUs + rbd.reserveTimeUs + rbd.snapshotCreateTimeUs;
  const image = rbd.cloneTimeUs + rbd.snapshotRemoveTimeUs + rbd.snapshotCreateTimeUs;
  // Its second round comes an interval after the first.
  const roundsUs = idleRoundUs(model) + Math.max(0, monitorRoundUs(model) - image);
  return model.look(5) + first + image + roundsUs + rbd.tailTimeUs;
}

/** Of the provisioner, for a volume. */
const DELETION_REQUESTS = 2;

/** Volumes that are deleted: released, then the provisioner's requests. */
export function volumesGone(asked: Times, volumes: number, model: Model): Times {
  const { provisioner, rbd } = model.parameters;
  const released = later(asked, model.look(4));
  const requests = DELETION_REQUESTS * volumes;
  return later(throughBucket(released, provisioner, requests), rbd.prepareTimeUs + model.look(1));
}

/** The resizer: a request for the volume and one for the claim. */
export function volumesExpanded(asked: Times, model: Model): Times {
  const { provisioner, rbd } = model.parameters;
  const grown = later(asked, model.look(1) + rbd.prepareTimeUs);
  return later(throughBucket(grown, provisioner, 2), 2 * model.parameters.api.roundTripUs);
}

/**
 * Requests of the snapshot-controller for a snapshot until it can be used: two finalizers of the
 * snapshot and one of its content, the content, its name, two reads and a copy of its status, and
 * a read more on the way.
 */
const SNAPSHOT_REQUESTS = 9;

/** Snapshots of whole VMs: locked by two writes, frozen, and a VolumeSnapshot for each volume. */
export function vmsSnapshotted(asked: Times, volumes: number, model: Model): Times {
  const { snapshotter } = model.parameters;
  const taken = later(asked, model.look(5));
  if (volumes === 0) return later(taken, model.look(2));
  const bound = throughBucket(taken, snapshotter, volumes * SNAPSHOT_REQUESTS);
  return later(bound, snapshotUs(model) + model.look(2));
}

/**
 * VMs back from their snapshots: claims of them, which the provisioner fills, then the VM with
 * these, and DataVolumes that take them over. The old volumes are deleted as soon as a VM is back,
 * by requests that those who come later stand behind.
 */
export function vmsRestored(asked: Times, volumes: number, model: Model): Times {
  const { api, provisioner, volumeBinder } = model.parameters;
  const claims = later(asked, model.look(3));
  if (volumes === 0) return later(claims, model.look(6));
  const fillings = Array.from({ length: volumes }, () => ({ source: 'snapshot' as const }));
  const requests = volumes * PROVISIONER_REQUESTS.snapshot;
  const back = (written: Times) => {
    const made = createVolumes(recorded(written, requests, model), 'snapshot', model);
    return later(made, volumeBinder.bindTimeUs + model.look(12));
  };
  const [backUs = 0] = back([0]);
  const soon = (count: number) => Array.from({ length: count - 1 }, () => api.roundTripUs);
  const pausesUs = [...soon(requests), backUs, ...soon(volumes * DELETION_REQUESTS)];
  const read = readSources(claims, fillings, model);
  const answers = throughBucketAgain(read, provisioner, pausesUs);
  return back(answers[requests - 1] ?? read);
}
