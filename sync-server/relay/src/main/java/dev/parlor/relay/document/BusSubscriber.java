package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.nodes.NodeBus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives one document's messages from the bus. It decodes each message on the bus's thread and
 * puts it into the document's mailbox. A message is lost if the mailbox is full. The document
 * resynchronizes with the other nodes when its mailbox has space again. Safe from any thread.
 */
final class BusSubscriber implements NodeBus.Listener, StepExecutor {

  private static final Logger LOG = LoggerFactory.getLogger(BusSubscriber.class);

  /**
   * Puts a command into the document's mailbox. If no thread works on the document, the executor
   * runs a step.
   */
  @FunctionalInterface
  interface CommandSink {
    Mailbox.PutResult put(DocumentCommand command, long cost, StepExecutor executor);
  }

  private final DocumentId document;
  private final InboundDecoder decoder;
  private final CommandSink sink;

  BusSubscriber(DocumentId document, InboundDecoder decoder, CommandSink sink) {
    this.document = document;
    this.decoder = decoder;
    this.sink = sink;
  }

  @Override
  public void received(Bytes frame) {
    switch (WireCodec.decode(frame)) {
      case Decoding.Decoded<WireMessage>(WireMessage.Sync sync) -> {
        switch (decoder.open(sync.data()).flatMap(decoder::read)) {
          case Decoding.Decoded<InboundMessage>(var inbound) ->
              put(new DocumentCommand.ReceiveFromNode(inbound), inbound.cost());
          case Decoding.Malformed<InboundMessage>(var rule, var reason) -> malformed(rule, reason);
        }
      }
      case Decoding.Decoded<WireMessage>(WireMessage.Ephemeral ephemeral) ->
          put(new DocumentCommand.ReceiveEphemeralFromNode(ephemeral), ephemeral.data().length());
      case Decoding.Decoded<WireMessage>(var other) ->
          malformed("WS1", "not a message between nodes: " + other.getClass().getSimpleName());
      case Decoding.Malformed<WireMessage>(var rule, var reason) -> malformed(rule, reason);
    }
  }

  @Override
  public void resumed() {
    put(new DocumentCommand.BusResumed(), 0);
  }

  private void put(DocumentCommand command, long cost) {
    // If the mailbox is full, the message is lost and drained() starts a resynchronization.
    var _ = sink.put(command, cost, this);
  }

  private void malformed(String rule, String reason) {
    LOG.error(
        "document {}: another node sent an unreadable message: [{}] {}", document, rule, reason);
  }

  // For the document's worker.

  @Override
  public void later(Runnable step) {
    step.run();
  }

  @Override
  public void drained() {
    resumed();
  }
}
