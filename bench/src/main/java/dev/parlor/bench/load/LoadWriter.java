package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** The editing client: sends the changes of a trace and receives the relay's acknowledgements. */
final class LoadWriter extends RepoClient implements Editor {

  private final AutomergeConversation conversation;
  private final Trace trace;
  private final SendLog log;
  private boolean blobs;

  LoadWriter(
      Loop loop, int port, String path, DocumentId document, AutomergeConversation conversation) {
    super(
        loop,
        port,
        path,
        "writer-" + document.value().substring(0, 6),
        document,
        conversation.shared());
    this.conversation = conversation;
    this.trace = conversation.trace();
    this.log = new SendLog(trace.size());
  }

  @Override
  void welcomed() {}

  /**
   * Sends the next {@code count} changes in one message. For a server that reads blobs they are one
   * blob, as Automerge sends them.
   */
  @Override
  public void send(int count) {
    var from = log.sending(count);
    var to = log.sent();
    var lastSync = from == 0 ? List.<ChangeHash>of() : List.of(trace.hashes().get(from - 1));
    var fresh = trace.hashes().subList(from, to);
    var chunks = trace.chunks().subList(from, to);
    var message =
        new SyncMessage(
            blobs ? SyncMessage.Kind.BLOB : SyncMessage.Kind.CHANGES,
            List.of(trace.hashes().get(to - 1)),
            List.of(),
            List.of(new SyncMessage.Have(lastSync, BloomFilter.of(fresh, fresh.size()))),
            blobs ? List.of(endToEnd(chunks)) : chunks,
            FLAGS);
    sync(SyncMessageCodec.encode(message));
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
      log.acknowledged(conversation.position(head), nanoTime);
    }
  }

  @Override
  public SendLog log() {
    return log;
  }
}
