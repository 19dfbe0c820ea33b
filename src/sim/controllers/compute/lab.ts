/** What every compute controller is given beside its chassis: constants, and the nodes to run. */

import { NODES } from '../../../api/resources.ts';
import type { Rng } from '../../../core/rng.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import {
  type Chassis,
  type ChassisOptions,
  createChassis,
  type RunningChassis,
} from '../chassis/chassis.ts';

export interface ComputeLab extends Chassis {
  readonly rng: Rng;
  readonly parameters: Parameters;
  /** Whether there are nodes of others, from which ours are told by labels and a taint. */
  readonly marksNodes: boolean;
  /** Whether the node is simulated here, as far as the copies tell. */
  ownsNode(name: string): boolean;
}

export interface LabOptions extends ChassisOptions {
  readonly parameters: Parameters;
  /** Selects our nodes; all are ours where undefined. */
  readonly nodeLabels?: string | undefined;
}

export interface RunningLab extends RunningChassis {
  readonly lab: ComputeLab;
}

export function createLab(options: LabOptions): RunningLab {
  const { rng, parameters, nodeLabels } = options;
  const running = createChassis(options);
  const { chassis } = running;
  const { informer } = chassis;
  const selected: Chassis['informer'] = (resource, asked) =>
    informer(resource, resource === NODES ? { ...asked, labelSelector: nodeLabels } : asked);
  const lab = Object.assign(chassis, {
    informer: selected,
    rng,
    parameters,
    marksNodes: nodeLabels !== undefined,
    ownsNode: (name: string) => !nodeLabels || !!selected(NODES).get(undefined, name),
  });
  return { ...running, lab };
}
