/**
 * Which process this is, so that another one can tell later whether it still runs. A number alone
 * says little: numbers come again, and each machine and each container has its own. So the moment
 * of the start belongs to it, and the place in which the number means something.
 */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';

export interface ProcessIdentity {
  readonly pid: number;
  /** For people. */
  readonly host: string;
  /** machine, its boot and the container's set of processes, as far as the system tells. */
  readonly place: string;
  /** Ticks from the boot to the start; undefined where the system does not tell. */
  readonly startTicks: string | undefined;
}

export function thisProcess(): ProcessIdentity {
  return { pid, host: hostname(), place: placeHere(), startTicks: readStartTicks(pid) };
}

/** Undefined where it cannot be known: the process lives, or lived, in another place. */
export function isRunning(identity: ProcessIdentity): boolean | undefined {
  if (identity.place !== placeHere()) return undefined;
  if (identity.startTicks !== undefined)
    return readStartTicks(identity.pid) === identity.startTicks;
  try {
    kill(identity.pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function placeHere(): string {
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const container = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, container].filter((part) => part !== undefined).join(' ');
}

/** Fields 3 and 22 of proc(5)'s stat; the name before them may hold anything. */
function readStartTicks(id: number): string | undefined {
  const text = tryRead(() => readFileSync(`/proc/${id}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  // Dead, and its parent has not looked yet.
  if (fields?.[0] === 'Z' || fields?.[0] === 'X') return undefined;
  return fields?.[19];
}

function tryRead(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
