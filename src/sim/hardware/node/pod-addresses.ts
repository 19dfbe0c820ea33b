/** Addresses of pods: each node owns a /23 of 10.128.0.0/9, as OVN-Kubernetes hands them out. */

export interface PodAddresses {
  /** A free address on the node; the same one for the same pod until it is released. */
  take(node: string, podUid: string): string;
  release(podUid: string): void;
}

const HOSTS_PER_NODE = 510;
const FIRST_NETWORK = (10 << 24) + (128 << 16);

export function createPodAddresses(): PodAddresses {
  const networks = new Map<string, Network>();
  const taken = new Map<string, { readonly network: Network; readonly host: number }>();
  const networkOf = (node: string) => {
    let network = networks.get(node);
    if (!network) {
      network = { base: FIRST_NETWORK + networks.size * 512, next: 2, free: [] };
      networks.set(node, network);
    }
    return network;
  };
  return {
    take(node, podUid) {
      let held = taken.get(podUid);
      if (!held) {
        const network = networkOf(node);
        held = { network, host: takeHost(network) };
        taken.set(podUid, held);
      }
      return dotted(held.network.base + held.host);
    },
    release(podUid) {
      const held = taken.get(podUid);
      if (!held) return;
      held.network.free.push(held.host);
      taken.delete(podUid);
    },
  };
}

interface Network {
  readonly base: number;
  next: number;
  readonly free: number[];
}

/** Fresh addresses first; a released one only once the network is used up. */
function takeHost(network: Network): number {
  if (network.next <= HOSTS_PER_NODE) return network.next++;
  return network.free.shift() ?? network.next++;
}

function dotted(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');
}
