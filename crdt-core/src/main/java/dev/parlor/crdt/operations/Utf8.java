package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Whether bytes are UTF-8 as Rust understands it: no surrogates, no overlong forms. */
final class Utf8 {

  private Utf8() {}

  static boolean isWellFormed(Bytes bytes) {
    for (var i = 0; i < bytes.length(); i++) {
      if (bytes.at(i) >= 0x80) {
        return decodes(bytes);
      }
    }
    return true;
  }

  private static boolean decodes(Bytes bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.buffer()).remaining() >= 0;
    } catch (CharacterCodingException _) {
      return false;
    }
  }
}
