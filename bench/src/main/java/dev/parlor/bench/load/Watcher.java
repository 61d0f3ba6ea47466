package dev.parlor.bench.load;

/**
 * A client that reads a document, in any protocol, and answers as a real client does. Owned by the
 * loop's thread.
 */
interface Watcher {

  boolean isJoined();

  Receipts receipts();

  void leave();
}
