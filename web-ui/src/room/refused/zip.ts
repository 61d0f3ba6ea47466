const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export interface ZipEntry {
  /** The file's name in the archive; ASCII. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** 1 January 1980, the earliest date of the format. The report contains the real time. */
const DATE = 0x21;

/** A zip file without compression. It exists because browsers let a page save only one file for one click. */
export function zip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const label = new TextEncoder().encode(name);
    const common = [20, 0, 0, DATE << 16, crc32(bytes), bytes.length, bytes.length, label.length];
    const local = record(0x04034b50, common, [2, 2, 2, 4, 4, 4, 4, 2], [[0, 2]]);
    parts.push(local, label, bytes);
    const central = record(
      0x02014b50,
      [20, ...common],
      [2, 2, 2, 2, 4, 4, 4, 4, 2],
      [
        [0, 2],
        [0, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [offset, 4],
      ],
    );
    directory.push(central, label);
    offset += local.length + label.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = record(0x06054b50, [0, 0, count, count, size, offset, 0], [2, 2, 2, 2, 4, 4, 2], []);
  return joined([...parts, ...directory, end]);
}

/**
 * A zip record: the signature, then `values` with their `widths` in bytes, then `trailing` pairs, all little-endian.
 */
function record(
  signature: number,
  values: readonly number[],
  widths: readonly number[],
  trailing: readonly (readonly [number, number])[],
): Uint8Array {
  const fields = [
    [signature, 4] as const,
    ...values.map((value, i) => [value, widths[i] ?? 2] as const),
    ...trailing,
  ];
  const out = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(out.buffer);
  let offset = 0;
  for (const [value, width] of fields) {
    if (width === 4) view.setUint32(offset, value, true);
    else view.setUint16(offset, value, true);
    offset += width;
  }
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
