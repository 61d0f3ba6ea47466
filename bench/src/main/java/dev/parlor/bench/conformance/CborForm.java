package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;

/** Checks that CBOR (RFC 8949) has the form that [WS2] promises. */
final class CborForm {

  private final Bytes bytes;
  private int position;

  private CborForm(Bytes bytes) {
    this.bytes = bytes;
  }

  /** A description of the first deviation, or an empty text. */
  static String fault(Bytes bytes) {
    var form = new CborForm(bytes);
    try {
      var fault = form.item();
      return fault.isEmpty() && form.position != bytes.length() ? "bytes follow the map" : fault;
    } catch (IndexOutOfBoundsException _) {
      return "the map ends early";
    }
  }

  private String item() {
    var head = bytes.at(position++);
    var major = head >>> 5;
    var info = head & 0x1f;
    if (major == 6) {
      return "there is a tag";
    }
    if (info > 27) {
      return "a length is indefinite";
    }
    if (major == 7) {
      position += info < 24 ? 0 : 1 << (info - 24);
      return "";
    }
    var value = (long) info;
    if (info >= 24) {
      var size = 1 << (info - 24);
      value = 0;
      for (var i = 0; i < size; i++) {
        value = value << 8 | bytes.at(position++);
      }
      var smallest = size == 1 ? 24L : 1L << (4 * size);
      if (value >= 0 && value < smallest) {
        return "a length of " + value + " is written in " + size + " bytes";
      }
    }
    return switch (major) {
      case 2, 3 -> {
        position = Math.addExact(position, Math.toIntExact(value));
        yield "";
      }
      case 4 -> items(value);
      case 5 -> items(2 * value);
      default -> "";
    };
  }

  private String items(long count) {
    for (var i = 0L; i < count; i++) {
      var fault = item();
      if (!fault.isEmpty()) {
        return fault;
      }
    }
    return "";
  }
}
