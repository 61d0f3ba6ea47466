package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.DeclaredCost;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decodes sync messages and the changes in them. Safe from any thread. Connections decode messages
 * before a document's worker gets them, so that the worker neither parses nor hashes. Decoding has
 * two steps, since the second may take too long for a thread that serves other connections.
 */
public final class InboundDecoder {

  /** A sync message whose fields are decoded, but not the changes in it. */
  public record Undecoded(SyncMessage message, List<Bytes> chunks, int bytes) {
    public Undecoded {
      chunks = List.copyOf(chunks);
    }
  }

  private final Limits.Work work;
  private final SyncLimits syncLimits;
  private final FormatLimits formatLimits;
  private final DocumentDecoder documents;

  public InboundDecoder(Limits limits) {
    work = limits.work();
    var sync = SyncLimits.DEFAULT;
    syncLimits =
        new SyncLimits(
            sync.headsMax(),
            sync.needMax(),
            sync.haveMax(),
            sync.lastSyncMax(),
            sync.filterBytesMax(),
            sync.probesMax());
    var format = FormatLimits.DEFAULT;
    formatLimits =
        new FormatLimits(
            limits.changes().bytesPerChangeMax(),
            format.dependenciesMax(),
            format.actorsMax(),
            format.actorBytesMax(),
            format.messageBytesMax());
    documents = new DocumentDecoder(DocumentDecoder.limits(limits.changes(), formatLimits));
  }

  /**
   * Decodes the fields of a message, but not its changes. The cost is proportional to the number of
   * hashes and chunks in the message.
   */
  public Decoding<Undecoded> open(Bytes data) {
    return switch (SyncMessageCodec.decode(data, syncLimits)) {
      case Decoding.Malformed<SyncMessage>(var rule, var reason) ->
          Decoding.malformed(rule, reason);
      case Decoding.Decoded<SyncMessage>(var message) ->
          switch (chunks(message)) {
            case Decoding.Malformed<List<Bytes>>(var rule, var reason) ->
                Decoding.malformed(rule, reason);
            case Decoding.Decoded<List<Bytes>>(var chunks) ->
                Decoding.of(new Undecoded(message, chunks, data.length()));
          };
    };
  }

  /**
   * Whether {@link #open} would take too long for a shared thread: the message may contain a
   * million changes.
   */
  public boolean isLong(Bytes data) {
    return data.length() > work.decodedBytesMax();
  }

  /** Whether {@link #read} would take too long for a shared thread. */
  public boolean isLong(Undecoded undecoded) {
    if (undecoded.bytes() > work.decodedBytesMax()) {
      return true;
    }
    var deflated = 0;
    for (var chunk : undecoded.chunks()) {
      if (ChangeCodec.isDocument(chunk)) {
        return true;
      }
      deflated += ChangeCodec.isDeflated(chunk) ? chunk.length() : 0;
    }
    return deflated > work.deflatedBytesMax();
  }

  /**
   * Inflates, hashes and decodes the changes. If the message has a document chunk, the call may
   * wait until other chunks are decoded.
   */
  public Decoding<InboundMessage> read(Undecoded undecoded) {
    if (undecoded.message().kind() == SyncMessage.Kind.BLOB
        && undecoded.chunks().stream().anyMatch(ChangeCodec::isDocument)) {
      return documents
          .read(undecoded, formatLimits)
          .flatMap(result -> Decoding.of(withCost(undecoded, result.changes(), result.document())));
    }
    return switch (ChangeCodec.decodeEach(
        undecoded.chunks(), formatLimits, FixedLimits.REFUSED_CHANGES_MAX)) {
      case Decoding.Malformed<DecodedChanges>(var rule, var reason) ->
          Decoding.malformed(rule, reason);
      case Decoding.Decoded<DecodedChanges>(var changes) ->
          Decoding.of(withCost(undecoded, changes, Optional.empty()));
    };
  }

  /** The message without its changes, which stay undecoded. */
  public InboundMessage withoutChanges(Undecoded undecoded) {
    return new InboundMessage(undecoded.message(), List.of(), undecoded.bytes(), undecoded.bytes());
  }

  /**
   * Computes the cost of a message and divides its changes into portions. A portion ends before the
   * change that would make it too large; a single change is never divided.
   */
  private InboundMessage withCost(
      Undecoded undecoded, DecodedChanges decoded, Optional<Snapshot> document) {
    var changes = decoded.changes();
    var bytes = decoded.unreadBytes();
    var operationsCost = 0L;
    var portionCost = 0L;
    var ends = new ArrayList<Integer>(1);
    for (var i = 0; i < changes.size(); i++) {
      var length = changes.get(i).plain().length();
      var declaredCost =
          DeclaredCost.of(changes.get(i), FixedLimits.DECLARED_OPERATIONS_MAX)
              * work.bytesPerOperation();
      bytes += length;
      operationsCost += declaredCost;
      if (portionCost > 0 && portionCost + length + declaredCost > work.portionBytesMax()) {
        ends.add(i);
        portionCost = 0;
      }
      portionCost += length + declaredCost;
    }
    ends.add(changes.size());
    var memoryCost = Math.max(0, changes.size() - 1L) * FixedLimits.CHANGE_MEMORY_BYTES;
    var cost = Math.max(undecoded.bytes(), bytes) + operationsCost + memoryCost;
    return new InboundMessage(
        undecoded.message(), changes, undecoded.bytes(), cost, ends, decoded.unread(), document);
  }

  /** Decodes separate change chunks, plain or deflated. */
  public Decoding<List<ChangeChunk>> changes(List<Bytes> chunks) {
    return ChangeCodec.decodeAll(chunks, formatLimits);
  }

  private Decoding<List<Bytes>> chunks(SyncMessage message) {
    return switch (message.kind()) {
      case CHANGES -> Decoding.of(message.changes());
      case BLOB -> {
        var all = new ArrayList<Bytes>(1);
        for (var blob : message.changes()) {
          switch (ChangeCodec.splitWithDocuments(blob, formatLimits)) {
            case Decoding.Decoded<List<Bytes>>(var chunks) -> all.addAll(chunks);
            case Decoding.Malformed<List<Bytes>> malformed -> {
              yield malformed;
            }
          }
        }
        yield Decoding.of(all);
      }
    };
  }
}
