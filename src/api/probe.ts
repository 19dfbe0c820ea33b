/**
 * The seam beside the Transport: how bench asks a guest itself whether it is there, from where
 * bench runs. Over a real network it takes real time; a simulated guest answers in virtual time.
 */

export type ProbeTarget =
  | { readonly by: 'tcp'; readonly address: string; readonly port: number }
  /** A GET; the URL names the guest by its address. */
  | { readonly by: 'http'; readonly url: string };

export type ProbeAnswer =
  /** A connection was taken, or a GET answered with a status from 200 to 399. */
  | { readonly answered: true }
  /** What came instead, for people: `connection refused`, `no answer`, `HTTP 503`. */
  | { readonly answered: false; readonly why: string };

/** One question, once. Never rejects; once aborted, its answer is of no interest. */
export type Probe = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeAnswer>;

/**
 * Nobody takes longer to take a connection: shorter than the first retransmission of a SYN (1 s,
 * RFC 6298), so that each probe is one question, and what it says is true of one moment.
 */
export const CONNECT_TIMEOUT_US = 750_000;

/** From the request to the status of its answer, over HTTP. */
export const ANSWER_TIMEOUT_US = 5_000_000;

/** `{{ip}}` of the URL of a scenario. */
const IP_PLACEHOLDER = '{{ip}}';

/** With the address in its place; brackets around an IPv6 one are put where they are missing. */
export function probeUrl(url: string, address: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return url.replaceAll(`[${IP_PLACEHOLDER}]`, host).replaceAll(IP_PLACEHOLDER, host);
}
