/** Just enough of ASN.1's distinguished encoding (X.690) to write a certificate. */

export type Der = Uint8Array;

export function sequence(...parts: readonly Der[]): Der {
  return tagged(0x30, ...parts);
}

export function encodeSet(...parts: readonly Der[]): Der {
  return tagged(0x31, ...parts);
}

/** A non-negative integer from its big-endian bytes. */
export function unsigned(bytes: Uint8Array): Der {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return tagged(0x02, sign, digits);
}

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function utf8(text: string): Der {
  return tagged(0x0c, Buffer.from(text));
}

export function boolean(value: boolean): Der {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function octets(...parts: readonly Der[]): Der {
  return tagged(0x04, ...parts);
}

/** A bit string whose last byte has `unused` bits to spare. */
export function bits(content: Uint8Array, unused = 0): Der {
  return tagged(0x03, Uint8Array.of(unused), content);
}

/** GeneralizedTime of an RFC 3339 time in UTC, whole seconds. */
export function generalizedTime(rfc3339: string): Der {
  return tagged(0x18, Buffer.from(`${rfc3339.replaceAll(/[-:TZ]/g, '')}Z`));
}

/** Context-specific tag `number` around what is encoded already. */
export function explicit(number: number, ...parts: readonly Der[]): Der {
  return tagged(0xa0 + number, ...parts);
}

/** Context-specific tag `number` in place of the content's own. */
export function implicit(number: number, content: Uint8Array): Der {
  return tagged(0x80 + number, content);
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.from([tag, ...encodeLength(content.length)]), content]);
}

function encodeLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff);
  return [0x80 + bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}
