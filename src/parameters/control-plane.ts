/** Constants of the API server and of Kubernetes' own controllers. */

import { calibrated, duration, known, number } from './definition.ts';

/** How long requests and watch events travel. */
export const api = {
  roundTrip: duration('12ms', calibrated('one request to a busy API server')),
  watchDelay: duration('50ms', calibrated('from commit to an informer handler')),
  watchVariation: number(
    0,
    'coefficient of variation',
    calibrated('where events come about with the answers of their writes, which race then: 0.5'),
  ),
  requestTimeout: duration(
    '34s',
    known('kubernetes apiserver/pkg/endpoints/handlers/rest.go requestTimeoutUpperBound'),
  ),
};

export const scheduler = {
  bindTime: duration('20ms', calibrated('50 pods a second on one scheduling loop')),
  volumeBindTimeout: duration('10m', known('kube-scheduler VolumeBindingArgs bindTimeoutSeconds')),
};

export const volumeBinder = {
  bindTime: duration('150ms', calibrated('PV controller: claim and volume written and seen')),
  variation: number(
    1.5,
    'coefficient of variation',
    calibrated('CDI 1.58.4 recorded: half the claims bound within 20 ms, one in ten after 200 ms'),
  ),
};

export const attachDetach = {
  loop: duration(
    '100ms',
    known('kube-controller-manager: reconciler loop period of attach/detach'),
  ),
  createTime: duration('30ms', calibrated('VolumeAttachment written and seen')),
  pollStart: duration('500ms', known('kubernetes v1.34 pkg/volume/csi/csi_attacher.go')),
  pollGrowth: number(1.05, 'ratio', known('kubernetes v1.34 pkg/volume/csi/csi_attacher.go')),
  pollJitter: number(0.1, 'ratio', known('kubernetes v1.34 pkg/volume/csi/csi_attacher.go')),
  pollMax: duration('7s', known('kubernetes v1.34 pkg/volume/csi/csi_attacher.go')),
  forceDetachAfter: duration(
    '6m',
    known('kubernetes attachdetach: ReconcilerMaxWaitForUnmountDuration'),
  ),
};

/** What kube-controller-manager does about silent nodes. */
export const nodeLifecycle = {
  monitorPeriod: duration('5s', known('kubernetes --node-monitor-period')),
  gracePeriod: duration('40s', {
    ...known('kubernetes 1.28 --node-monitor-grace-period'),
    elsewhere: {
      'upstream-2026-08': duration('50s', known('kubernetes 1.32 --node-monitor-grace-period')),
    },
  }),
  evictionRate: number(0.1, 'nodes/s', known('kubernetes --node-eviction-rate')),
  secondaryRate: number(0.01, 'nodes/s', known('kubernetes --secondary-node-eviction-rate')),
  unhealthyShare: number(0.55, 'of the nodes', known('kubernetes --unhealthy-zone-threshold')),
  largeCluster: number(50, 'nodes', known('kubernetes --large-cluster-size-threshold')),
};

export const podGc = {
  period: duration('20s', known('kubernetes pkg/controller/podgc: gcCheckPeriod')),
};

export const attacher = {
  workers: number(10, 'threads', known('external-attacher v4.5.0 cmd/csi-attacher/main.go')),
  qps: number(
    5,
    '1/s',
    known('external-attacher v4.5.0 --kube-api-qps default; Rook 1.13 sets none'),
  ),
  burst: number(10, 'requests', known('external-attacher v4.5.0 --kube-api-burst default')),
};
