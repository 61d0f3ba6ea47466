package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Joins the fragments of a message, up to a limit [WS1]. Used by the socket's thread. */
final class Fragments {

  private final List<Bytes> parts = new ArrayList<>(1);
  private long length;
  private boolean text;

  /** The number of bytes in the unfinished message so far. */
  long length() {
    return length;
  }

  /** Whether the unfinished message is a text message. */
  boolean isText() {
    return text;
  }

  /**
   * Adds a fragment of a text or binary message.
   *
   * @return the message if the fragment was its last
   */
  Optional<Bytes> add(Bytes part, boolean last, boolean isText) {
    text = isText;
    length += part.length();
    if (last && parts.isEmpty()) {
      length = 0;
      return Optional.of(part);
    }
    parts.add(part);
    if (!last) {
      return Optional.empty();
    }
    var message = Bytes.concat(parts);
    clear();
    return Optional.of(message);
  }

  void clear() {
    parts.clear();
    length = 0;
  }
}
