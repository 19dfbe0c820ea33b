/**
 * Constants of the operators that bring a lab up. They matter only to a cluster that begins bare
 * (`simulation.lab: bare`), and only its results list them.
 */

import { bytes, calibrated, duration, known, number } from './definition.ts';

export const olm = {
  resolveTime: duration('25s', calibrated('catalogue asked and bundle unpacked by a job')),
  installTime: duration(
    '40s',
    calibrated("the article: an operator's pods are 40 to 50 s old, its CSV Succeeded"),
  ),
  planTime: duration('5s', calibrated('CRDs, roles and CSV of an InstallPlan written')),
  variation: number(0.2, 'coefficient of variation', calibrated('gamma times of all operators')),
};

export const virtOperator = {
  controlPlaneTime: duration('60s', calibrated('virt-api and virt-controller rolled out')),
  cdiTime: duration('45s', calibrated("CDI's deployments rolled out")),
  templatesTime: duration(
    '60s',
    calibrated('SSP webhook without endpoints after Available (ocs-ci #15717 polls 30 s x 10)'),
  ),
  imagePull: duration('20s', calibrated('first pull of an operand image on a node')),
};

export const diskMaker = {
  deviceMinAge: duration('60s', known('local-storage-operator 0fc5ee54 diskmaker: deviceMinAge')),
  youngRequeue: duration('30s', known('local-storage-operator 0fc5ee54 diskmaker/lvset')),
  claimTime: duration('800ms', calibrated('symlink and PersistentVolume of one disk')),
  probeTime: duration('1500ms', calibrated('lsblk, blkid and a result written')),
  diskSize: bytes('2980Gi', known('the article: P5600 NVMe as LSO sees it')),
};

export const rook = {
  monitorTime: duration('30s', calibrated('one monitor canary, pod and quorum after another')),
  prepareTime: duration('20s', calibrated('ceph-volume raw prepare of one device')),
  osdInterval: duration(
    '5s',
    calibrated('the article: the rbd class 13 min after the rgw class, with 108 OSDs'),
  ),
  settleTime: duration('15s', calibrated('pools and health checks after the last OSD')),
};
