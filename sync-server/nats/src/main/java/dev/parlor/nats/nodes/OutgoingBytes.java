package dev.parlor.nats.nodes;

import java.util.function.LongSupplier;

/**
 * Counts the bytes that wait for the network: the bytes handed to the client library, less the
 * bytes that it has written. The library also writes messages of its own, so the count may be too
 * low by a few bytes until the queue is empty. Safe from any thread.
 */
final class OutgoingBytes {

  private final long bytesMax;
  private final LongSupplier written;

  /** Guarded by this object: the bytes handed over and written since the count began. */
  private long offered;

  private long writtenBefore;

  /**
   * @param bytesMax bytes that may wait; above: a message is refused unless none waits
   * @param written the bytes that the library has written since it connected first
   */
  OutgoingBytes(long bytesMax, LongSupplier written) {
    this.bytesMax = bytesMax;
    this.written = written;
    this.writtenBefore = written.getAsLong();
  }

  /** Counts a message; returns false if too many bytes wait. */
  synchronized boolean add(long bytes) {
    var waiting = offered - (written.getAsLong() - writtenBefore);
    if (waiting <= 0) {
      clear();
      waiting = 0;
    }
    if (waiting > 0 && waiting + bytes > bytesMax) {
      return false;
    }
    offered += bytes;
    return true;
  }

  /** A message that was counted will not be written. */
  synchronized void dropped(long bytes) {
    offered -= bytes;
  }

  /** Nothing waits any more. */
  synchronized void clear() {
    offered = 0;
    writtenBefore = written.getAsLong();
  }

  /** The bytes of a message on the network. */
  static long size(String subject, int length) {
    return "PUB ".length() + subject.length() + " 1048576\r\n".length() + length + 2L;
  }
}
