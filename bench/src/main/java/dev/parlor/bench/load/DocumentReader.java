package dev.parlor.bench.load;

/**
 * A client that reads a document, with any protocol, and answers as a real client does. Owned by
 * the loop's thread.
 */
interface DocumentReader {

  boolean isJoined();

  Receipts receipts();

  void leave();
}
