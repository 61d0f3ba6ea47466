package dev.parlor.bench.load;

/** The one who edits a document, whatever protocol it speaks. Owned by the loop's thread. */
interface Editor {

  boolean isJoined();

  /** Sends the next {@code count} edits in one message. */
  void send(int count);

  SendLog log();

  void leave();
}
