/**
 * The domains of all nodes: what qemu and the guests inside do once they are told to. This is the
 * physical state of the cluster, so it survives a restart of the controllers that look at it.
 * A domain runs long before its guest has booted.
 */

import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { GUEST_FREEZE_US, type GuestProfile } from '../../../parameters/guests.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { VolumeContents } from '../storage/content.ts';
import { createGuestBoots, type GuestBoot } from './guest.ts';
import { createServiceTimes } from './service-times.ts';

type DomainState = 'defining' | 'running' | 'paused' | 'stopping' | 'off';

export interface Domain {
  readonly state: DomainState;
  /** The guest has booted; undefined before that. */
  readonly booted: Booted | undefined;
  /** The guest agent answers. */
  readonly agent: boolean;
  /** The guest's file systems are frozen. */
  readonly frozen: boolean;
  readonly osName: string | undefined;
  /** How an off domain ended: the guest shut down, or it was killed. */
  readonly ending: 'shutdown' | 'destroyed' | undefined;
}

export interface Booted {
  readonly atUs: number;
  /** From then on connections are taken, by port. */
  readonly listensUs: ReadonlyMap<number, number>;
}

export interface DomainRequest {
  readonly hasTpm: boolean;
  /** Of the disk that the firmware boots from; undefined where no volume is behind it. */
  readonly bootVolumeHandle: string | undefined;
  /** A guest that powers on and never comes up. */
  readonly neverBoots: boolean;
}

export interface Hypervisor {
  domain(vmiUid: string): Domain | undefined;
  /** Syncs, defines and starts the domain; its guest boots from the content of its volume. */
  start(vmiUid: string, request: DomainRequest): void;
  /** Takes over a domain that ran before this process: up at once, its guest as `booted` says. */
  adopt(vmiUid: string, request: DomainRequest, booted: boolean): void;
  /** ACPI power button; a guest that does not react within `graceUs` is killed. */
  shutdown(vmiUid: string, graceUs: number): void;
  destroy(vmiUid: string): void;
  pause(vmiUid: string): void;
  unpause(vmiUid: string): void;
  /** What its agent does with the guest's file systems; nothing where none answers. */
  setFrozen(vmiUid: string, frozen: boolean): Promise<void>;
  /** Forgets a domain that is off. */
  forget(vmiUid: string): void;
  /** Stops all that is under way, for whoever adopts the domains next. */
  halt(): void;
}

export interface HypervisorOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly contents: VolumeContents;
  /** The domain changed: somebody should look. */
  readonly onChange: (vmiUid: string) => void;
}

export function createHypervisor(options: HypervisorOptions): Hypervisor {
  const { clock } = options;
  const times = createServiceTimes(options.parameters, options.rng.fork('node'));
  const guests: Guests = {
    options,
    draw: createGuestBoots(options.parameters, options.rng.fork('guest')),
  };
  const domains = new Map<string, MutableDomain>();
  const add = (uid: string): MutableDomain => {
    const domain = newDomain();
    domains.set(uid, domain);
    return domain;
  };
  const turnOff = (uid: string, domain: MutableDomain, ending: 'shutdown' | 'destroyed') => {
    if (domain.state === 'off') return;
    domain.cancel();
    const off = { state: 'off', agent: false, frozen: false, booted: undefined } as const;
    Object.assign(domain, { ...off, ending, cancel: nothing });
    options.onChange(uid);
  };
  return {
    domain: (uid) => domains.get(uid),
    start(uid, request) {
      if (domains.has(uid)) return;
      const domain = add(uid);
      const upUs = times.handlerSync() + times.domainStart(request.hasTpm);
      domain.cancel = clock.schedule(upUs, () => {
        domain.state = 'running';
        options.onChange(uid);
        powerOn(guests, uid, domain, request);
      });
    },
    adopt(uid, request, booted) {
      if (domains.has(uid)) return;
      const domain = add(uid);
      domain.state = 'running';
      const profile = booted ? findProfile(guests, request) : undefined;
      if (booted) markReady(guests, domain, profile, profile && guests.draw(profile).listensUs);
      else powerOn(guests, uid, domain, request);
    },
    shutdown(uid, graceUs) {
      const domain = domains.get(uid);
      if (!domain || domain.state === 'stopping' || domain.state === 'off') return;
      if (domain.state === 'defining') {
        turnOff(uid, domain, 'destroyed');
        return;
      }
      domain.cancel();
      const reacts = domain.booted !== undefined;
      const needUs = reacts ? times.shutdown() : Number.POSITIVE_INFINITY;
      domain.state = 'stopping';
      const ending = needUs <= graceUs ? 'shutdown' : 'destroyed';
      domain.cancel = clock.schedule(Math.min(needUs, graceUs), () => turnOff(uid, domain, ending));
    },
    destroy(uid) {
      const domain = domains.get(uid);
      if (domain) turnOff(uid, domain, 'destroyed');
    },
    pause: (uid) => setPaused(options, domains, uid, true),
    unpause: (uid) => setPaused(options, domains, uid, false),
    setFrozen: (uid, frozen) => setFrozen(options, domains, uid, frozen),
    forget: (uid) => {
      if (domains.get(uid)?.state === 'off') domains.delete(uid);
    },
    halt: () => {
      for (const domain of domains.values()) domain.cancel();
      domains.clear();
    },
  };
}

interface MutableDomain {
  state: DomainState;
  booted: Booted | undefined;
  agent: boolean;
  frozen: boolean;
  osName: string | undefined;
  ending: 'shutdown' | 'destroyed' | undefined;
  /** Stops what the domain or its guest is about to do. */
  cancel: () => void;
}

interface Guests {
  readonly options: HypervisorOptions;
  readonly draw: (profile: GuestProfile) => GuestBoot;
}

const nothing = () => {};

function newDomain(): MutableDomain {
  return {
    state: 'defining',
    booted: undefined,
    agent: false,
    frozen: false,
    osName: undefined,
    ending: undefined,
    cancel: nothing,
  };
}

/** Firmware, then kernel with its reads and writes, then services; then the agent answers. */
function powerOn(guests: Guests, uid: string, domain: MutableDomain, request: DomainRequest): void {
  domain.cancel = nothing;
  const profile = findProfile(guests, request);
  if (!profile) return;
  const { clock, contents } = guests.options;
  const boot = guests.draw(profile);
  domain.cancel = clock.schedule(boot.firmwareUs + boot.kernelUs, () => {
    if (request.bootVolumeHandle !== undefined) {
      contents.wrote(request.bootVolumeHandle, profile.writeBytes);
    }
    domain.cancel = clock.schedule(boot.servicesUs, () => {
      markReady(guests, domain, profile, boot.listensUs);
      guests.options.onChange(uid);
    });
  });
}

function markReady(
  { options: { clock } }: Guests,
  domain: MutableDomain,
  profile: GuestProfile | undefined,
  listensUs: Booted['listensUs'] = NO_PORTS,
): void {
  domain.booted = { atUs: clock.nowUs(), listensUs };
  domain.agent = profile?.hasAgent ?? true;
  domain.osName = profile?.osName;
  domain.cancel = nothing;
}

const NO_PORTS: Booted['listensUs'] = new Map();

function findProfile(guests: Guests, request: DomainRequest): GuestProfile | undefined {
  if (request.neverBoots || request.bootVolumeHandle === undefined) return undefined;
  return guests.options.contents.contentOf(request.bootVolumeHandle)?.guest;
}

/** A paused guest keeps its place; its boot goes on from there, which the model leaves out. */
function setPaused(
  options: HypervisorOptions,
  domains: ReadonlyMap<string, MutableDomain>,
  uid: string,
  paused: boolean,
): void {
  const domain = domains.get(uid);
  const [from, to] = paused ? (['running', 'paused'] as const) : (['paused', 'running'] as const);
  if (domain?.state !== from) return;
  domain.state = to;
  options.onChange(uid);
}

async function setFrozen(
  { clock, onChange }: HypervisorOptions,
  domains: ReadonlyMap<string, MutableDomain>,
  uid: string,
  frozen: boolean,
): Promise<void> {
  await clock.sleep(GUEST_FREEZE_US);
  const domain = domains.get(uid);
  if (!domain?.agent || domain.frozen === frozen) return;
  domain.frozen = frozen;
  onChange(uid);
}
