/**
 * Which addresses a guest can have. What a cluster says of one decides whom bench connects to, so
 * what can only be this machine, its cloud's metadata service or a crowd is nobody's to name.
 */

import { BlockList, isIP } from 'node:net';

const NOBODYS = new BlockList();
NOBODYS.addSubnet('0.0.0.0', 8, 'ipv4');
NOBODYS.addSubnet('127.0.0.0', 8, 'ipv4');
NOBODYS.addSubnet('169.254.0.0', 16, 'ipv4');
NOBODYS.addSubnet('224.0.0.0', 3, 'ipv4');
NOBODYS.addAddress('::', 'ipv6');
NOBODYS.addAddress('::1', 'ipv6');
NOBODYS.addSubnet('fe80::', 10, 'ipv6');
NOBODYS.addSubnet('ff00::', 8, 'ipv6');

/** An IPv4 or IPv6 address that a guest may have. */
export function isGuestAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return false;
  // One that stands for an IPv4 address is looked up as that one by Node.
  return !NOBODYS.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
