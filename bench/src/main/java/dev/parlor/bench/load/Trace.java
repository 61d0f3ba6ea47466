package dev.parlor.bench.load;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The changes of one writer: a person who types into a text, mostly at the place where they typed
 * before. Real Automerge changes, each depending on the one before.
 *
 * @param chunks change chunks in order
 * @param hashes their hashes, in the same order
 */
public record Trace(List<Bytes> chunks, List<ChangeHash> hashes) {

  /** Types {@code changes} characters, one change each; the same seed gives the same trace. */
  public static Trace typing(int changes, long seed) {
    var random = new Random(seed);
    var actor = new byte[16];
    random.nextBytes(actor);
    var chunks = new ArrayList<Bytes>(changes);
    var hashes = new ArrayList<ChangeHash>(changes);
    var text = Path.of("text");
    try (var replica = Replica.create(new ActorId(Bytes.wrap(actor)))) {
      chunks.add(replica.transact(List.of(new Edit.Put(text, new Value.Text("")))).orElseThrow());
      var length = 0;
      var caret = 0;
      while (chunks.size() < changes) {
        if (random.nextInt(40) == 0) {
          caret = random.nextInt(length + 1);
        }
        var letter =
            random.nextInt(6) == 0 ? " " : String.valueOf((char) ('a' + random.nextInt(26)));
        chunks.add(
            replica.transact(List.of(new Edit.SpliceText(text, caret, 0, letter))).orElseThrow());
        caret++;
        length++;
      }
    }
    for (var chunk : chunks) {
      hashes.add(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow().hash());
    }
    return new Trace(List.copyOf(chunks), List.copyOf(hashes));
  }

  public int size() {
    return chunks.size();
  }
}
