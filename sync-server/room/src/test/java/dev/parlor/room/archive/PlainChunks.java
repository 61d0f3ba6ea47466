package dev.parlor.room.archive;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A chunk format for tests: each change has the same length and begins with its hash; a snapshot is
 * a concatenation of changes.
 */
final class PlainChunks implements Archive.Chunks {

  static final int BYTES = 96;

  @Override
  public List<Bytes> expand(DocumentId document, Bytes snapshot) {
    var chunks = new ArrayList<Bytes>();
    for (var at = 0; at < snapshot.length(); at += BYTES) {
      chunks.add(snapshot.slice(at, BYTES));
    }
    return chunks;
  }

  @Override
  public ChangeHash hash(Bytes change) {
    return ChangeHash.read(change.toArray(), 0);
  }

  static List<ChangeRecord> changes(long seed, int count) {
    var random = new Random(seed);
    var changes = new ArrayList<ChangeRecord>();
    for (var i = 0; i < count; i++) {
      var chunk = new byte[BYTES];
      random.nextBytes(chunk);
      changes.add(new ChangeRecord(ChangeHash.read(chunk, 0), Bytes.wrap(chunk)));
    }
    return changes;
  }

  static Bytes snapshot(List<ChangeRecord> changes) {
    return Bytes.concat(changes.stream().map(ChangeRecord::chunk).toList());
  }

  static DocumentId document(int seed) {
    var bytes = new byte[16];
    new Random(seed).nextBytes(bytes);
    return DocumentId.of(Bytes.wrap(bytes));
  }
}
