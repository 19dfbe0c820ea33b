/** The catalogue of the simulated OLM: the operators of the article, in its versions. */

import type { Resource } from '../../../api/resources.ts';
import { DISCOVERIES, RESULTS, STORAGE_CLUSTERS, VOLUME_SETS } from './kinds.ts';

export interface Package {
  readonly name: string;
  readonly channel: string;
  /** Its one version in the catalogue. */
  readonly version: string;
  /** Kinds that its bundle defines. */
  readonly kinds: readonly Resource[];
  /** Packages whose kinds it needs: OLM installs them with it. */
  readonly needs: readonly string[];
}

export const PACKAGES: readonly Package[] = [
  entry('kubevirt-hyperconverged', 'stable', 'kubevirt-hyperconverged-operator.v4.15.4'),
  entry('local-storage-operator', 'stable', 'local-storage-operator.v4.15.0-202407120536', [
    DISCOVERIES,
    RESULTS,
    VOLUME_SETS,
  ]),
  {
    ...entry('odf-operator', 'stable-4.15', 'odf-operator.v4.15.5-rhodf'),
    needs: ['ocs-operator', 'mcg-operator', 'odf-csi-addons-operator'],
  },
  entry('ocs-operator', 'stable-4.15', 'ocs-operator.v4.15.5-rhodf', [STORAGE_CLUSTERS]),
  entry('mcg-operator', 'stable-4.15', 'mcg-operator.v4.15.5-rhodf'),
  entry('odf-csi-addons-operator', 'stable-4.15', 'odf-csi-addons-operator.v4.15.5-rhodf'),
];

export function findPackage(name: string): Package | undefined {
  return PACKAGES.find((each) => each.name === name);
}

/** The package and all that it needs. */
export function withNeeds(wanted: Package): readonly Package[] {
  return [wanted, ...wanted.needs.flatMap((name) => findPackage(name) ?? [])];
}

function entry(
  name: string,
  channel: string,
  version: string,
  kinds: readonly Resource[] = [],
): Package {
  return { name, channel, version, kinds, needs: [] };
}
