package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.document.DocumentDescription;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.InboundDecoder;
import dev.parlor.relay.document.Peer;
import dev.parlor.relay.document.StepExecutor;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A simulated process of a relay. Tests run several of them; clients call them directly. */
final class SimNode implements AutoCloseable {

  final int number;
  final DocumentDirectory directory;
  final Metrics metrics = new Metrics();
  private final DocumentId document;
  private final ChangeStore store;
  private final InboundDecoder decoder;

  SimNode(
      int number,
      DocumentId document,
      ChangeStore store,
      NodeBus bus,
      Limits limits,
      LongSupplier nanoTime) {
    this.number = number;
    this.document = document;
    this.store = store;
    this.decoder = new InboundDecoder(limits);
    this.directory =
        new DocumentDirectory(
            new DocumentDirectory.Environment(store, Runnable::run, metrics, nanoTime),
            limits,
            new PeerId("node-" + number),
            new SessionId("run-of-node-" + number),
            bus);
  }

  DocumentId document() {
    return document;
  }

  /** The changes that are on the node's disk now. */
  Set<ChangeHash> onDisk() throws IOException {
    var stored = new HashSet<ChangeHash>();
    store.load(document).ifPresent(log -> log.tail().forEach(change -> stored.add(change.hash())));
    return stored;
  }

  DocumentHandle handle() {
    return directory.handle(document);
  }

  void receive(Peer peer, Bytes data, StepExecutor executor) {
    handle().receive(peer, decoder.open(data).flatMap(decoder::read).orElseThrow(), executor);
  }

  /**
   * The description of the document after its waiting commands; empty if the document is not in
   * memory.
   */
  Optional<DocumentDescription> describe() throws Exception {
    var answer = directory.admin().describe(document, true);
    return answer.isEmpty()
        ? Optional.empty()
        : Optional.of(answer.get().get(10, TimeUnit.SECONDS));
  }

  /** Waits until the document's worker has finished its steps. */
  void awaitSteps() throws Exception {
    // The second request is answered in a later step than the first, so the first step is over.
    var _ = describe();
    var _ = describe();
  }

  List<ChangeHash> heads() throws Exception {
    return describe().map(DocumentDescription::heads).orElse(List.of());
  }

  /** Closes the document. Its clients must have disconnected. */
  @Override
  public void close() {
    directory
        .admin()
        .close(document)
        .ifPresent(closed -> closed.orTimeout(10, TimeUnit.SECONDS).join());
  }
}
