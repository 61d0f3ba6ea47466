package dev.parlor.bench.load;

import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import java.util.List;

/**
 * A client that requests the document, acknowledges every message with changes at once, as
 * automerge-repo does, and records the delivery times.
 */
final class AutomergeReader extends RepoClient implements DocumentReader {

  private final AutomergeProtocol protocol;
  private final Receipts receipts;

  AutomergeReader(
      Loop loop,
      int port,
      String path,
      String name,
      AutomergeWriter writer,
      AutomergeProtocol protocol,
      Latencies deliveries) {
    super(loop, port, path, name, writer.document, protocol.syncMessages());
    this.protocol = protocol;
    this.receipts = new Receipts(writer.log(), deliveries);
  }

  @Override
  void joinAccepted() {
    receipts.markRequested();
    request(SyncMessageCodec.encode(at(SyncMessage.Kind.CHANGES, List.of())));
  }

  @Override
  void syncReceived(SyncMessage message, long nanoTime) {
    var newest = -1;
    for (var head : message.heads()) {
      newest = Math.max(newest, protocol.position(head));
    }
    if (newest <= receipts.lastPosition() || message.changes().isEmpty()) {
      return;
    }
    receipts.received(newest, nanoTime);
    sync(protocol.syncMessages().answer(message.heads()));
  }

  @Override
  public Receipts receipts() {
    return receipts;
  }
}
