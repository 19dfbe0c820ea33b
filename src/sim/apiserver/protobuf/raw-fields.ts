/** Protobuf as it lies in memory: numbered fields that are integers or bytes. */

export interface RawField {
  readonly number: number;
  /** An integer of wire type 0, or the bytes of any other. */
  readonly value: bigint | Buffer;
}

/** All fields of a message; throws RangeError where the bytes end too early. */
export function readFields(bytes: Buffer): readonly RawField[] {
  const fields: RawField[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      if (shift > 63n) throw new RangeError('a varint is too long');
    }
  };
  const take = (length: number) => {
    if (at + length > bytes.length) throw new RangeError('a field is too long');
    const taken = bytes.subarray(at, at + length);
    at += length;
    return taken;
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    fields.push({ number: tag >>> 3, value: readValue(tag & 7, varint, take) });
  }
  return fields;
}

function readValue(
  wireType: number,
  varint: () => bigint,
  take: (length: number) => Buffer,
): bigint | Buffer {
  switch (wireType) {
    case 0:
      return varint();
    case 1:
      return take(8);
    case 2:
      return take(Number(varint()));
    case 5:
      return take(4);
    default:
      throw new RangeError(`no wire type ${wireType}`);
  }
}

/** An int32 or int64; 0 where the field is missing. */
export function signed(raw: RawField | undefined): number {
  return typeof raw?.value === 'bigint' ? Number(BigInt.asIntN(64, raw.value)) : 0;
}

export function readText(raw: RawField | undefined): string {
  return Buffer.isBuffer(raw?.value) ? raw.value.toString() : '';
}
