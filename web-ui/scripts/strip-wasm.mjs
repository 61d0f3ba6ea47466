// WebAssembly modules carry the names of all functions for debuggers, in a custom section. The engine does not need it.
const CUSTOM = 0;
const HEADER_BYTES = 8;

/** The module without its sections "name" and "producers". Throws if the bytes are no module. */
export function stripWasm(bytes) {
  if (bytes.length < HEADER_BYTES || bytes.toString("latin1", 0, 4) !== "\0asm")
    throw new Error("no WebAssembly module");
  const kept = [bytes.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const size = number(bytes, at + 1);
    const end = size.end + size.value;
    if (end > bytes.length) throw new Error("a section ends after the module");
    if (bytes[at] !== CUSTOM || !["name", "producers"].includes(nameAt(bytes, size.end)))
      kept.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

function nameAt(bytes, at) {
  const length = number(bytes, at);
  return bytes.toString("utf8", length.end, length.end + length.value);
}

/** A number in LEB128 and the position behind it. */
function number(bytes, at) {
  let value = 0;
  for (let shift = 0, end = at; ; shift += 7) {
    const byte = bytes[end++];
    if (byte === undefined) throw new Error("a number ends after the module");
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end };
  }
}
