package dev.parlor.bench.load;

/**
 * Someone who watches a document, whatever protocol it speaks, and says what a real client would
 * say. Owned by the loop's thread.
 */
interface Watcher {

  boolean isJoined();

  Receipts receipts();

  void leave();
}
