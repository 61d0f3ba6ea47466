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
 * {@link Keystrokes} as real Automerge changes, each depending on the one before.
 *
 * @param chunks change chunks in order
 * @param hashes their hashes, in the same order
 */
public record Trace(List<Bytes> chunks, List<ChangeHash> hashes) {

  /** The path of the text in the document. */
  static final Path TEXT = Path.of("text");

  /** The keystrokes of {@link Keystrokes#typing} as this many changes. */
  public static Trace typing(int changes, long seed) {
    return of(Keystrokes.typing(changes - 1, seed), seed);
  }

  private static Trace of(Keystrokes keys, long seed) {
    return of(
        keys.strokes().stream()
            .<Edit>map(key -> new Edit.SpliceText(TEXT, key.position(), 0, key.letter()))
            .toList(),
        seed);
  }

  /** The first change makes the text. Each further change is one edit of the text. */
  static Trace of(List<Edit> edits, long seed) {
    var actor = new byte[16];
    new Random(seed).nextBytes(actor);
    var chunks = new ArrayList<Bytes>(edits.size() + 1);
    var hashes = new ArrayList<ChangeHash>(edits.size() + 1);
    try (var replica = Replica.create(new ActorId(Bytes.wrap(actor)))) {
      chunks.add(replica.transact(List.of(new Edit.Put(TEXT, new Value.Text("")))).orElseThrow());
      for (var edit : edits) {
        chunks.add(replica.transact(List.of(edit)).orElseThrow());
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
