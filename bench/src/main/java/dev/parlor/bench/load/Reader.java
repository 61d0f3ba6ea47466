package dev.parlor.bench.load;

import dev.parlor.crdt.sync.SyncMessage;
import java.util.List;

/**
 * Someone who watches: asks for the document, then acknowledges every message with changes at once,
 * as automerge-repo does, and notes how long it was under way.
 */
final class Reader extends RepoClient {

  private final Writer writer;
  private final Latencies deliveries;
  private long askedAt;
  private long completeAt;
  private int upTo = -1;
  private int measuredFrom = Integer.MAX_VALUE;
  private long bytes;

  Reader(Loop loop, int port, String path, String name, Writer writer, Latencies deliveries) {
    super(loop, port, path, name, writer.document);
    this.writer = writer;
    this.deliveries = deliveries;
  }

  @Override
  void joined() {
    askedAt = System.nanoTime();
    request(at(SyncMessage.Kind.CHANGES, List.of()));
  }

  @Override
  void synced(SyncMessage message, long nanoTime) {
    for (var change : message.changes()) {
      bytes += change.length();
    }
    var newest = -1;
    for (var head : message.heads()) {
      newest = Math.max(newest, writer.position(head));
    }
    if (newest <= upTo || message.changes().isEmpty()) {
      return;
    }
    for (var i = Math.max(upTo + 1, measuredFrom); i <= newest; i++) {
      deliveries.add(nanoTime - writer.sentAt(i));
    }
    upTo = newest;
    if (completeAt == 0 && upTo == writer.sent() - 1) {
      completeAt = nanoTime;
    }
    sync(at(SyncMessage.Kind.BLOB, message.heads()));
  }

  /** Measure deliveries of changes from this position on. */
  void measureFrom(int position) {
    measuredFrom = position;
  }

  boolean isAt(int position) {
    return isJoined() && upTo >= position;
  }

  /** From asking to having everything, in nanoseconds. */
  long joinNanos() {
    return completeAt - askedAt;
  }

  long bytesReceived() {
    return bytes;
  }
}
