package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The one who edits: sends changes of a trace, and hears how far the relay acknowledges. */
final class Writer extends RepoClient {

  private final Trace trace;
  private final Map<ChangeHash, Integer> positions = new HashMap<>();
  private final long[] sentAt;
  private final long[] acknowledgedAfter;
  private int sent;
  private boolean blobs;
  private int acknowledgedUpTo;

  Writer(Loop loop, int port, String path, DocumentId document, Trace trace) {
    super(loop, port, path, "writer-" + document.value().substring(0, 6), document);
    this.trace = trace;
    this.sentAt = new long[trace.size()];
    this.acknowledgedAfter = new long[trace.size()];
    for (var i = 0; i < trace.size(); i++) {
      positions.put(trace.hashes().get(i), i);
    }
  }

  @Override
  void joined() {}

  /**
   * Sends the next {@code count} changes in one message, as a client sends what it made since: end
   * to end in a blob to a server that has said it understands them, as Automerge does.
   */
  void send(int count) {
    var from = sent;
    var to = Math.min(trace.size(), from + count);
    var now = System.nanoTime();
    for (var i = from; i < to; i++) {
      sentAt[i] = now;
    }
    sent = to;
    var lastSync = from == 0 ? List.<ChangeHash>of() : List.of(trace.hashes().get(from - 1));
    var fresh = trace.hashes().subList(from, to);
    var chunks = trace.chunks().subList(from, to);
    sync(
        new SyncMessage(
            blobs ? SyncMessage.Kind.BLOB : SyncMessage.Kind.CHANGES,
            List.of(trace.hashes().get(to - 1)),
            List.of(),
            List.of(new SyncMessage.Have(lastSync, BloomFilter.of(fresh, fresh.size()))),
            blobs ? List.of(endToEnd(chunks)) : chunks,
            FLAGS));
  }

  private static Bytes endToEnd(List<Bytes> chunks) {
    var all = new ByteArrayOutputStream();
    chunks.forEach(chunk -> all.writeBytes(chunk.toArray()));
    return Bytes.wrap(all.toByteArray());
  }

  @Override
  void synced(SyncMessage message, long nanoTime) {
    blobs = message.understandsBlobs();
    for (var head : message.heads()) {
      var position = positions.getOrDefault(head, -1);
      for (; acknowledgedUpTo <= position; acknowledgedUpTo++) {
        acknowledgedAfter[acknowledgedUpTo] = nanoTime - sentAt[acknowledgedUpTo];
      }
    }
  }

  int sent() {
    return sent;
  }

  long sentAt(int position) {
    return sentAt[position];
  }

  /** The position of a change in the trace, or -1. */
  int position(ChangeHash hash) {
    return positions.getOrDefault(hash, -1);
  }

  boolean everythingAcknowledged() {
    return isJoined() && acknowledgedUpTo >= sent;
  }

  ChangeHash lastSent() {
    return trace.hashes().get(sent - 1);
  }

  /** Adds the times from sending to acknowledgement of the changes from this position on. */
  void acknowledgementsFrom(int position, Latencies target) {
    for (var i = position; i < acknowledgedUpTo; i++) {
      target.add(acknowledgedAfter[i]);
    }
  }
}
