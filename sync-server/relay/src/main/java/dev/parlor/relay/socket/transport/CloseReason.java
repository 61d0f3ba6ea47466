package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Checks and limits the content of close frames: a code and a reason. */
final class CloseReason {

  private static final int BYTES_MAX = 123;

  static final int PROTOCOL_ERROR = 1002;

  /** A text message that is not UTF-8. */
  static final int NOT_UTF8 = 1007;

  private static final int NONE = 0;

  private CloseReason() {}

  /** The code in a client's close frame; 0 if the frame has no code, -1 if the frame is invalid. */
  static int codeOf(Bytes payload) {
    if (payload.isEmpty()) {
      return NONE;
    }
    if (payload.length() == 1) {
      return -1;
    }
    var code = payload.at(0) << 8 | payload.at(1);
    var isStandard = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return (isStandard || (code >= 3000 && code <= 4999))
            && isText(payload.slice(2, payload.length() - 2))
        ? code
        : -1;
  }

  /** Whether the bytes are UTF-8. */
  static boolean isText(Bytes bytes) {
    try {
      var _ = StandardCharsets.UTF_8.newDecoder().decode(bytes.buffer());
      return true;
    } catch (CharacterCodingException _) {
      return false;
    }
  }

  /** Shortens a reason to the length that fits into a close frame. */
  static String truncate(String reason) {
    var truncated = reason;
    while (truncated.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
      truncated = truncated.substring(0, truncated.offsetByCodePoints(truncated.length(), -1));
    }
    return truncated;
  }
}
