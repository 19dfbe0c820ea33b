/**
 * Which proxy stands before a server, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as Go programs such
 * as kubectl understand them (golang.org/x/net/http/httpproxy).
 */

import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../core/loopback.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's URL; undefined where the server is reached directly. */
export function proxyFor(server: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const found = variable(env, `${scheme}_proxy`);
  if (found === undefined || isLoopback(hostname)) return undefined;
  const target = {
    host: hostname.toLowerCase().replace(/^\[|\]$/g, ''),
    port: port || (scheme === 'https' ? '443' : '80'),
  };
  const exceptions = variable(env, 'no_proxy')?.split(',') ?? [];
  if (exceptions.some((each) => matches(each.trim().toLowerCase(), target))) return undefined;
  return found.includes('://') ? found : `http://${found}`;
}

function variable(env: Environment, name: string): string | undefined {
  return env[name.toUpperCase()] || env[name] || undefined;
}

interface Target {
  readonly host: string;
  readonly port: string;
}

function matches(exception: string, { host, port }: Target): boolean {
  if (exception === '') return false;
  if (exception === '*') return true;
  if (exception.includes('/')) return isInRange(exception, host);
  const [, name = exception, onlyPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(exception) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 || isIP(host) !== 0) return bare === host;
  const domain = bare.replace(/^\*?\.?/, '');
  return host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(bare));
}

function isInRange(range: string, host: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const version = isIP(host);
  if (version === 0 || isIP(network) !== version) return false;
  const list = new BlockList();
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const length = Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > (version === 4 ? 32 : 128)) return false;
  list.addSubnet(network, length, family);
  return list.check(host, family);
}
