/** Constants of CDI, the CSI sidecars, ceph-csi and Ceph: what decides how long a clone takes. */

import { bytes, calibrated, duration, known, number } from './definition.ts';

export const cdi = {
  workers: number(3, 'per controller', known('CDI v1.58.4: MaxConcurrentReconciles 3')),
  qps: number(20, '1/s per kind', known('controller-runtime 0.14.7 client/config/config.go')),
  burst: number(
    30,
    'requests per kind',
    known('controller-runtime 0.14.7 client/config/config.go'),
  ),
  cloneSourceInUseRetry: duration('2s', known('CDI v1.58.4 clone: CloneSourceInUse requeue')),
  importPoll: duration('2s', known('CDI v1.58.4, v1.66.0 import-populator.go: RequeueAfter')),
  copyPoll: duration('3s', known('CDI v1.58.4, v1.66.0 clone/host-clone.go: RequeueAfter')),
  importBandwidth: number(
    400e6,
    'bytes/s',
    calibrated('download and write of an image by one pod'),
  ),
  copyBandwidth: number(
    200e6,
    'bytes/s',
    calibrated('host-assisted copy: what is not zero, through two pods'),
  ),
  blankTime: duration('2s', calibrated('creation of an empty raw image, pod already running')),
};

/** CDI's webhooks: what they ask the server before a DataVolume is written. */
export const cdiApi = {
  qps: number(
    5,
    '1/s per API group',
    known('CDI v1.58.4 cmd/cdi-apiserver/apiserver.go sets none: client-go rest.DefaultQPS'),
  ),
  burst: number(10, 'requests per API group', known('client-go rest.DefaultBurst')),
  timeout: duration(
    '30s',
    known('CDI v1.58.4 pkg/operator/resources/cluster/apiserver.go timeoutSeconds'),
  ),
};

export const provisioner = {
  workers: number(100, 'threads', known('external-provisioner v4.0 --worker-threads default')),
  qps: number(5, '1/s per client', known('external-provisioner v4.0 --kube-api-qps default')),
  burst: number(10, 'requests', known('external-provisioner v4.0 --kube-api-burst default')),
  retryStart: duration('500ms', known('rook v1.13.9 csi-rbdplugin-provisioner template')),
  retryMax: duration('5m', known('external-provisioner v4.0 --retry-interval-max default')),
  timeout: duration('150s', known('rook v1.13.9 GRPC timeout')),
};

export const snapshotter = {
  workers: number(10, 'threads', known('external-snapshotter v6.3 --worker-threads default')),
  qps: number(5, '1/s', known('external-snapshotter v6.3 --kube-api-qps default')),
  burst: number(10, 'requests', known('external-snapshotter v6.3 --kube-api-burst default')),
};

/** RBD operations inside one CSI call; each is drawn with the coefficient of variation below. */
export const rbd = {
  objectSize: bytes('4Mi', known('RBD default object size')),
  prepareTime: duration('150ms', calibrated('connection, locks, depth checks')),
  reserveTime: duration('30ms', calibrated('omap reservation')),
  cloneTime: duration('120ms', calibrated('clone of a snapshot into a new image')),
  temporaryLegTime: duration('250ms', calibrated('second snapshot, clone and removal on vol-temp')),
  snapshotCreateTime: duration('60ms', calibrated('snap create under the exclusive lock')),
  snapshotRemoveTime: duration('60ms', calibrated('snap rm under the exclusive lock')),
  restoreTime: duration('220ms', calibrated('clone while the snapshot lock is held')),
  tailTime: duration('60ms', calibrated('metadata and image id stored')),
  createTime: duration('200ms', calibrated('create of an empty image')),
  imageOpenTime: duration('12ms', calibrated('open of one image header')),
  snapshotListTime: duration('200us', calibrated('per snapshot listed on a parent')),
  variation: number(0.25, 'coefficient of variation', calibrated('gamma service times')),
  softSnapshots: number(
    250,
    'snapshots',
    known('ceph-csi v3.10.2 cmd/cephcsi.go minsnapshotsonimage'),
  ),
  hardSnapshots: number(
    450,
    'snapshots',
    known('ceph-csi v3.10.2 cmd/cephcsi.go maxsnapshotsonimage'),
  ),
  softCloneDepth: number(
    4,
    'ancestors',
    known('ceph-csi v3.10.2 cmd/cephcsi.go rbdsoftmaxclonedepth'),
  ),
  hardCloneDepth: number(
    8,
    'ancestors',
    known('ceph-csi v3.10.2 cmd/cephcsi.go rbdhardmaxclonedepth'),
  ),
  writePerObject: bytes(
    '512Ki',
    calibrated('first writes of a boot touch 79 to 99 objects, which are copied up whole'),
  ),
};

export const monitor = {
  proposeInterval: duration('1s', known('ceph paxos_propose_interval default')),
  minWait: duration('50ms', known('ceph paxos_min_wait default')),
  commitTime: duration('30ms', calibrated('one Paxos round on NVMe monitors')),
};

/** ceph-mgr's rbd_support module: one command thread, one task thread. */
export const manager = {
  commandTime: duration('6ms', calibrated('one rbd task add command')),
  copyTime: duration('75ms', calibrated('copy-up of one 4 MiB object; anchored by 9 s a clone')),
  emptyObjectTime: duration('2ms', calibrated('copy-up of an object that has no data')),
  concurrency: number(10, 'objects', known('rbd_concurrent_management_ops default')),
  trashRemoveTime: duration('300ms', calibrated('trash remove of a clone with few own objects')),
};

export const pool = {
  rawCapacity: bytes('313Ti', known('the article: 108 x 2.9 TiB')),
  osds: number(108, 'OSDs', known('the article')),
  replicas: number(3, 'copies', known('the article: 3-way replication')),
};

/** Disks of the nodes, where `simulation.storage` is `local`. */
export const local = {
  createTime: duration('50ms', calibrated('a folder made and its quota set')),
  deleteTime: duration('50ms', calibrated('a folder removed')),
  variation: number(0.25, 'coefficient of variation', calibrated('gamma service times')),
};
