package dev.parlor.bench.load;

/** The client that edits a document, in any protocol. Owned by the loop's thread. */
interface Editor {

  boolean isJoined();

  /** Sends the next {@code count} edits in one message. */
  void send(int count);

  SendLog log();

  void leave();
}
