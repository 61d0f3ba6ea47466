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
  private final String path;
  private final SharedSync shared = new SharedSync();

  AutomergeProtocol(Trace trace, String path) {
    this.trace = trace;
    this.path = path;
    for (var i = 0; i < trace.size(); i++) {
      positions.put(trace.hashes().get(i), i);
    }
  }

  SharedSync shared() {
    return shared;
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
    var id = new byte[16];
    random.nextBytes(id);
    return new AutomergeWriter(loop, port, path, DocumentId.of(Bytes.wrap(id)), this);
  }

  @Override
  public AutomergeReader reader(
      Loop loop, int port, String name, DocumentWriter writer, Latencies deliveries) {
    return new AutomergeReader(loop, port, path, name, (AutomergeWriter) writer, this, deliveries);
  }
}
