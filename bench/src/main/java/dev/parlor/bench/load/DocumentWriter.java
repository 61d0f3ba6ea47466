package dev.parlor.bench.load;

/** The client that edits a document, with any protocol. Owned by the loop's thread. */
interface DocumentWriter {

  boolean isJoined();

  /** Sends the next {@code count} edits in one message. */
  void send(int count);

  SendLog log();

  void leave();
}
