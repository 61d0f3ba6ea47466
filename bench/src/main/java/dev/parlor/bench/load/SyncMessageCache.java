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
final class SyncMessageCache {

  private Bytes lastData = Bytes.wrap(new byte[0]);
  private @Nullable Decoding<SyncMessage> lastDecoded;
  private List<ChangeHash> lastHeads = List.of();
  private @Nullable Bytes lastAnswer;

  Decoding<SyncMessage> decode(Bytes data) {
    var decoded = lastDecoded;
    if (decoded == null || !lastData.equals(data)) {
      decoded = SyncMessageCodec.decode(data, SyncLimits.DEFAULT);
      lastData = data;
      lastDecoded = decoded;
    }
    return decoded;
  }

  /** The message of a client at these heads. */
  Bytes answer(List<ChangeHash> heads) {
    var answer = lastAnswer;
    if (answer == null || !lastHeads.equals(heads)) {
      answer = SyncMessageCodec.encode(RepoClient.at(SyncMessage.Kind.BLOB, heads));
      lastHeads = heads;
      lastAnswer = answer;
    }
    return answer;
  }
}
