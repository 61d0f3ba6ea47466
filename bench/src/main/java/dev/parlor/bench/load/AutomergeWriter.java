package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** A client that sends the changes of a trace and receives the acknowledgements of the relay. */
final class AutomergeWriter extends RepoClient implements DocumentWriter {

  private final AutomergeProtocol protocol;
  private final Trace trace;
  private final SendLog log;
  private boolean serverAcceptsBlobs;

  AutomergeWriter(
      Loop loop, int port, String path, DocumentId document, AutomergeProtocol protocol) {
    super(
        loop,
        port,
        path,
        "writer-" + document.value().substring(0, 6),
        document,
        protocol.syncMessages());
    this.protocol = protocol;
    this.trace = protocol.trace();
    this.log = new SendLog(trace.size());
  }

  @Override
  void joinAccepted() {}

  /**
   * Sends the next {@code count} changes in one message. If the server accepts messages of type 43,
   * they are one blob, as Automerge sends them.
   */
  @Override
  public void send(int count) {
    var from = log.markSent(count);
    var to = log.sent();
    var lastSync = from == 0 ? List.<ChangeHash>of() : List.of(trace.hashes().get(from - 1));
    var newHashes = trace.hashes().subList(from, to);
    var chunks = trace.chunks().subList(from, to);
    var message =
        new SyncMessage(
            serverAcceptsBlobs ? SyncMessage.Kind.BLOB : SyncMessage.Kind.CHANGES,
            List.of(trace.hashes().get(to - 1)),
            List.of(),
            List.of(new SyncMessage.Have(lastSync, BloomFilter.of(newHashes, newHashes.size()))),
            serverAcceptsBlobs ? List.of(concatenated(chunks)) : chunks,
            FLAGS);
    sync(SyncMessageCodec.encode(message));
  }

  private static Bytes concatenated(List<Bytes> chunks) {
    var all = new ByteArrayOutputStream();
    chunks.forEach(chunk -> all.writeBytes(chunk.toArray()));
    return Bytes.wrap(all.toByteArray());
  }

  @Override
  void syncReceived(SyncMessage message, long nanoTime) {
    serverAcceptsBlobs = message.understandsBlobs();
    for (var head : message.heads()) {
      log.acknowledged(protocol.position(head), nanoTime);
    }
  }

  @Override
  public SendLog log() {
    return log;
  }
}
