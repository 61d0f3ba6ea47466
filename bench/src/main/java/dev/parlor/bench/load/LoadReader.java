package dev.parlor.bench.load;

import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import java.util.List;

/**
 * A reading client: requests the document, acknowledges every message with changes at once, as
 * automerge-repo does, and records the delivery times.
 */
final class LoadReader extends RepoClient implements Watcher {

  private final AutomergeConversation conversation;
  private final Receipts receipts;

  LoadReader(
      Loop loop,
      int port,
      String path,
      String name,
      LoadWriter writer,
      AutomergeConversation conversation,
      Latencies deliveries) {
    super(loop, port, path, name, writer.document, conversation.shared());
    this.conversation = conversation;
    this.receipts = new Receipts(writer.log(), deliveries);
  }

  @Override
  void welcomed() {
    receipts.asked();
    request(SyncMessageCodec.encode(at(SyncMessage.Kind.CHANGES, List.of())));
  }

  @Override
  void synced(SyncMessage message, long nanoTime) {
    var newest = -1;
    for (var head : message.heads()) {
      newest = Math.max(newest, conversation.position(head));
    }
    if (newest <= receipts.upTo() || message.changes().isEmpty()) {
      return;
    }
    receipts.received(newest, nanoTime);
    sync(conversation.shared().answer(message.heads()));
  }

  @Override
  public Receipts receipts() {
    return receipts;
  }
}
