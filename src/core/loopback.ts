/** Which names mean this machine itself, whatever a resolver says. */

import { isIP } from 'node:net';

/** `host` as in a URL or on a command line: a name, or an address with or without brackets. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
