/**
 * What a KubeVirt of some version and configuration asks for beside the guest. The overhead of the
 * launcher has grown over the releases; of a version that is not known, the newest is taken.
 */

import { MIB } from '../core/bytes.ts';
import type { LauncherRules } from './launcher-request.ts';

interface Overhead {
  /** From this minor version of 1.x on. */
  readonly minor: number;
  readonly processesMib: number;
  readonly graphicsMib: number;
}

/** Sums of the constants in pkg/virt-controller/services/renderresources.go at each tag. */
const OVERHEADS: readonly Overhead[] = [
  { minor: 10, processesMib: 240, graphicsMib: 32 },
  { minor: 6, processesMib: 220, graphicsMib: 32 },
  { minor: 5, processesMib: 220, graphicsMib: 16 },
  { minor: 4, processesMib: 215, graphicsMib: 16 },
  { minor: 0, processesMib: 210, graphicsMib: 16 },
];

/** What the KubeVirt object says, as far as it changes requests. */
export interface KubeVirtConfiguration {
  readonly developerConfiguration?: {
    readonly cpuAllocationRatio?: number;
    readonly memoryOvercommit?: number;
    readonly useEmulation?: boolean;
  };
  readonly virtualMachineOptions?: { readonly disableSerialConsoleLog?: unknown };
}

/** `version` as in `v1.1.1`. */
export function launcherRules(
  version: string | undefined,
  configuration: KubeVirtConfiguration = {},
): LauncherRules {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  const known = major === '1' ? OVERHEADS.find((each) => each.minor <= Number(minor)) : undefined;
  const { processesMib, graphicsMib } = known ?? (OVERHEADS[0] as Overhead);
  const developer = configuration.developerConfiguration;
  return {
    cpuAllocationRatio: developer?.cpuAllocationRatio ?? 10,
    memoryOvercommitPercent: developer?.memoryOvercommit ?? 100,
    launcherProcessesBytes: processesMib * MIB,
    graphicsMemoryBytes: graphicsMib * MIB,
    // The webhooks of 1.7 and later no longer write the guest's memory into what is asked for.
    tablesOfRequest: known === undefined || Number(minor) >= 7,
    emulates: developer?.useEmulation ?? false,
    keepsConsoleLog: configuration.virtualMachineOptions?.disableSerialConsoleLog === undefined,
  };
}
