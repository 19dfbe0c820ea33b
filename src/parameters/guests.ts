/**
 * What a guest does between power-on and ready. A profile belongs to the content of an image and
 * travels with its volume; it is never inferred from a name. All calibrated, on the reading of the
 * article's figure as the longest of a wave of 100: guest time is the only real freedom.
 */

export interface GuestProfile {
  readonly firmwareUs: number;
  readonly cpuUs: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly servicesUs: number;
  /** What the guest agent reports as the operating system. */
  readonly osName: string;
  /** Whether the image has a guest agent; it has where undefined. */
  readonly hasAgent?: boolean;
  /** Ports that take connections, and how long after its services are up they do. */
  readonly listens?: readonly Listener[];
}

export interface Listener {
  readonly port: number;
  readonly afterUs: number;
}

/** A question and its answer between two pods of the cluster network. Calibrated. */
export const GUEST_ROUND_TRIP_US = 1_000;

/** The agent of an idle guest freezes its file systems, or thaws them. Calibrated. */
export const GUEST_FREEZE_US = 250_000;

/** sshd.service of RHEL 9 comes after the network and after host keys, which a clone makes anew. */
const SSHD: Listener = { port: 22, afterUs: 400_000 };

/** TermService of Windows 11, with remote desktop allowed; sshd is not installed there. */
const REMOTE_DESKTOP: Listener = { port: 3389, afterUs: 2_000_000 };

export const GUEST_PROFILES = {
  rhel9: {
    firmwareUs: 1_200_000,
    cpuUs: 2_600_000,
    readBytes: 350e6,
    writeBytes: 46e6,
    servicesUs: 1_400_000,
    osName: 'Red Hat Enterprise Linux',
    listens: [SSHD],
  },
  windows11: {
    firmwareUs: 4_000_000,
    cpuUs: 13_000_000,
    readBytes: 1600e6,
    writeBytes: 220e6,
    servicesUs: 12_000_000,
    osName: 'Microsoft Windows 11',
    listens: [REMOTE_DESKTOP],
  },
} as const satisfies Readonly<Record<string, GuestProfile>>;

export type GuestProfileName = keyof typeof GUEST_PROFILES;
