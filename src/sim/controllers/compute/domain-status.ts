/**
 * What virt-handler writes into a VMI's status once its domain lives: Running, addresses,
 * the guest agent, the end. Pure; the node's clock stamps it (kubevirt v1.1.1
 * pkg/virt-handler/vm.go updateVMIStatus).
 */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import type { Domain } from '../../hardware/node/hypervisor.ts';
import { findCondition, withCondition, withoutCondition } from './conditions.ts';
import { enterPhase, type VmiStatus } from './vmi-status.ts';
import { isFinal } from './run-strategy.ts';
import { domainVolumes } from './volume-status.ts';

export interface DomainFacts {
  readonly vmi: VirtualMachineInstance;
  readonly domain: Domain;
  /** Of the launcher pod; undefined while it has none. */
  readonly address: string | undefined;
  /** Every claim can be used by two nodes at once. */
  readonly disksShared: boolean;
  /** Of the node, as a metav1.Time. */
  readonly stamp: string;
}

/** The status to write; the one in place itself where nothing would change. */
export function domainStatus(facts: DomainFacts): VmiStatus {
  const { vmi, domain } = facts;
  const status = vmi.status ?? {};
  if (isFinal(vmi)) return status;
  if (domain.state === 'off') return ended(facts, status);
  if (domain.state === 'defining') return status;
  const running = status.phase === 'Running' ? status : nowRunning(facts, status);
  const conditions = liveConditions(facts, running.conditions);
  const guest = domain.agent && !running.guestOSInfo?.['name'] ? guestInfo(domain) : {};
  const isFrozen = running.fsFreezeStatus === FROZEN;
  const isSame = conditions === running.conditions && isFrozen === domain.frozen;
  if (isSame && !('guestOSInfo' in guest)) return running;
  const { fsFreezeStatus: _, ...kept } = running;
  const frozen = domain.frozen ? { fsFreezeStatus: FROZEN } : {};
  return { ...kept, ...guest, ...frozen, conditions };
}

const FROZEN = 'frozen';

function ended({ domain, stamp }: DomainFacts, status: VmiStatus): VmiStatus {
  const phase = domain.ending === 'shutdown' ? 'Succeeded' : 'Failed';
  return {
    ...enterPhase(status, phase, stamp),
    conditions: withoutCondition(status.conditions, 'AgentConnected'),
  };
}

function nowRunning(facts: DomainFacts, status: VmiStatus): VmiStatus {
  const { vmi, address, disksShared } = facts;
  return {
    ...enterPhase(status, 'Running', facts.stamp),
    interfaces: [
      {
        ...status.interfaces?.[0],
        name: 'default',
        ...(address === undefined ? {} : { ipAddress: address, ipAddresses: [address] }),
        infoSource: 'domain',
      },
    ],
    migrationMethod: disksShared ? 'LiveMigration' : 'BlockMigration',
    volumeStatus: domainVolumes(vmi),
  };
}

function liveConditions(
  facts: DomainFacts,
  before: readonly Condition[] | undefined,
): readonly Condition[] {
  const { domain, stamp, disksShared } = facts;
  let list = withCondition(before, disksShared ? MIGRATABLE : NOT_MIGRATABLE, stamp);
  if (domain.agent && !findCondition(list, 'AgentConnected')) {
    const connected = { type: 'AgentConnected', status: 'True', lastProbeTime: stamp } as const;
    list = withCondition(list, connected, stamp);
  }
  return domain.state === 'paused'
    ? withCondition(list, PAUSED, stamp)
    : withoutCondition(list, 'Paused');
}

const MIGRATABLE = { type: 'LiveMigratable', status: 'True' } as const;

const NOT_MIGRATABLE = {
  type: 'LiveMigratable',
  status: 'False',
  reason: 'DisksNotLiveMigratable',
  message: 'cannot migrate VMI: a PVC is not shared, live migration requires that all are',
} as const;

const PAUSED = {
  type: 'Paused',
  status: 'True',
  reason: 'PausedByUser',
  message: 'VMI was paused by user',
} as const;

function guestInfo({ osName }: Domain): Pick<VmiStatus, 'guestOSInfo'> {
  return { guestOSInfo: { name: osName ?? '', prettyName: osName ?? '' } };
}
