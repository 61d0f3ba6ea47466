package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import java.util.List;

/** The port to one socket's outgoing half; only its {@link Outbox} thread calls it. May block. */
interface SocketWriter {

  /** One thing to write. */
  sealed interface Item {
    /** How much it counts against the outbox's limit. */
    int length();
  }

  /** A binary message of two parts, which many sockets may share the first of. */
  record Message(Bytes shared, Bytes own) implements Item {
    @Override
    public int length() {
      return shared.length() + own.length();
    }
  }

  /** A ping without payload. */
  record Ping() implements Item {
    @Override
    public int length() {
      return 2;
    }
  }

  /** The answer to the peer's ping, with its payload. */
  record Pong(Bytes payload) implements Item {
    @Override
    public int length() {
      return 2 + payload.length();
    }
  }

  /** The end; nothing is written after it. */
  record Close(int code, String reason) implements Item {
    @Override
    public int length() {
      return 4;
    }
  }

  /**
   * Writes the items in order, in as few system calls as it can; throws when the socket is gone.
   */
  void write(List<Item> items);

  /** Breaks the connection without a word. From any thread. */
  void kill();
}
