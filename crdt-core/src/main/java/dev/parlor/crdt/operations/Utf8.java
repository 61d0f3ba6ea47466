package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Checks UTF-8 as strictly as Rust does: surrogates and overlong forms are refused. */
final class Utf8 {

  private Utf8() {}

  static boolean isWellFormed(Bytes bytes) {
    for (var i = 0; i < bytes.length(); i++) {
      if (bytes.at(i) >= 0x80) {
        return canDecode(bytes);
      }
    }
    return true; // ASCII only
  }

  private static boolean canDecode(Bytes bytes) {
    try {
      var _ = StandardCharsets.UTF_8.newDecoder().decode(bytes.buffer());
      return true;
    } catch (CharacterCodingException _) {
      return false;
    }
  }
}
