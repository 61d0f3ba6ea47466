package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a sync message once if many clients receive the same bytes, and encodes their common
 * answer once. This saves CPU, since the load generator shares the machine with the server. Owned
 * by the loop's thread.
 */
final class SharedSync {

  private Bytes lastData = Bytes.wrap(new byte[0]);
  private @Nullable Decoding<SyncMessage> lastDecoded;
  private List<ChangeHash> lastHeads = List.of();
  private @Nullable Bytes lastAnswer;

  Decoding<SyncMessage> decode(Bytes data) {
    var known = lastDecoded;
    if (known == null || !lastData.equals(data)) {
      known = SyncMessageCodec.decode(data, SyncLimits.DEFAULT);
      lastData = data;
      lastDecoded = known;
    }
    return known;
  }

  /** The message of a client at these heads. */
  Bytes answer(List<ChangeHash> heads) {
    var known = lastAnswer;
    if (known == null || !lastHeads.equals(heads)) {
      known = SyncMessageCodec.encode(RepoClient.at(SyncMessage.Kind.BLOB, heads));
      lastHeads = heads;
      lastAnswer = known;
    }
    return known;
  }
}
