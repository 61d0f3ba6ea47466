package dev.parlor.server.relay;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.server.config.Limits;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads sync messages and the changes in them. Pure and safe from any thread: connections decode on
 * their own threads, so that a room's writer neither parses nor hashes.
 */
public final class InboundDecoder {

  private final SyncLimits syncLimits;
  private final FormatLimits formatLimits;

  public InboundDecoder(Limits limits) {
    var sync = SyncLimits.DEFAULT;
    syncLimits =
        new SyncLimits(
            sync.headsMax(),
            sync.needMax(),
            sync.haveMax(),
            sync.lastSyncMax(),
            sync.filterBytesMax(),
            sync.probesMax(),
            limits.frames().syncChangesMax());
    var format = FormatLimits.DEFAULT;
    formatLimits =
        new FormatLimits(
            limits.changes().bytesPerChangeMax(),
            format.dependenciesMax(),
            format.actorsMax(),
            format.actorBytesMax(),
            format.messageBytesMax());
  }

  public Decoding<Inbound> decode(Bytes data) {
    return SyncMessageCodec.decode(data, syncLimits)
        .flatMap(
            message ->
                chunks(message)
                    .flatMap(this::changes)
                    .map(changes -> new Inbound(message, changes, data.length())));
  }

  /** Reads changes that stand alone, plain or deflated. */
  public Decoding<List<ChangeChunk>> changes(List<Bytes> chunks) {
    return ChangeCodec.decodeAll(chunks, formatLimits);
  }

  private Decoding<List<Bytes>> chunks(SyncMessage message) {
    return switch (message.kind()) {
      case CHANGES -> Decoding.of(message.changes());
      case BLOB -> {
        var all = new ArrayList<Bytes>();
        for (var blob : message.changes()) {
          switch (ChangeCodec.split(blob, formatLimits)) {
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
