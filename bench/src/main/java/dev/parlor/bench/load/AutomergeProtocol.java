package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** The automerge-repo protocol, for Parlor and the reference relay. */
final class AutomergeProtocol implements ClientProtocol {

  private final Trace trace;
  private final Map<ChangeHash, Integer> positions = new HashMap<>();
  private final String socketPath;
  private final SyncMessageCache syncMessages = new SyncMessageCache();

  /**
   * @param socketPath the path of the relay's WebSocket URL
   */
  AutomergeProtocol(Trace trace, String socketPath) {
    this.trace = trace;
    this.socketPath = socketPath;
    for (var i = 0; i < trace.size(); i++) {
      positions.put(trace.hashes().get(i), i);
    }
  }

  /** The cache that all clients of this protocol share. */
  SyncMessageCache syncMessages() {
    return syncMessages;
  }

  Trace trace() {
    return trace;
  }

  /** The position of a change in the trace, or -1. */
  int position(ChangeHash hash) {
    return positions.getOrDefault(hash, -1);
  }

  @Override
  public AutomergeWriter writer(Loop loop, int port, Random random) {
    var documentId = new byte[16];
    random.nextBytes(documentId);
    return new AutomergeWriter(loop, port, socketPath, DocumentId.of(Bytes.wrap(documentId)), this);
  }

  @Override
  public AutomergeReader reader(
      Loop loop, int port, String name, DocumentWriter writer, Latencies deliveries) {
    return new AutomergeReader(
        loop, port, socketPath, name, (AutomergeWriter) writer, this, deliveries);
  }
}
