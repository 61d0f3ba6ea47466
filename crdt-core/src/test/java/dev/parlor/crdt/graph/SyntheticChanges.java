package dev.parlor.crdt.graph;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Synthetic changes for tests of the graph alone: random hashes and bytes, real dependencies and
 * sequence numbers.
 */
public final class SyntheticChanges {

  private final Random random;
  private final List<ChangeChunk> made = new ArrayList<>();
  private final long[] seqs;

  public SyntheticChanges(long seed, int actors) {
    random = new Random(seed);
    seqs = new long[actors];
  }

  public List<ChangeChunk> made() {
    return made;
  }

  /** No chunk is shorter: magic bytes, checksum, type and length. */
  private static final int CHUNK_BYTES_MIN = 10;

  /** A change of this actor after these. */
  public ChangeChunk change(int actor, Collection<ChangeHash> deps, int length) {
    var hash =
        new ChangeHash(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    var bytes = new byte[Math.max(CHUNK_BYTES_MIN, length)];
    random.nextBytes(bytes);
    var actorBytes = new byte[16];
    actorBytes[0] = (byte) actor;
    actorBytes[1] = (byte) (actor >> 8);
    var change =
        new ChangeChunk(
            hash,
            new ActorId(Bytes.wrap(actorBytes)),
            ++seqs[actor],
            made.size() + 1,
            0,
            "",
            List.copyOf(new TreeSet<>(deps)),
            List.of(),
            Bytes.EMPTY,
            Bytes.wrap(bytes));
    made.add(change);
    return change;
  }

  /** A random document: every actor continues from its last change and sometimes merges others. */
  public static SyntheticChanges random(long seed, int actors, int count) {
    var changes = new SyntheticChanges(seed, actors);
    var heads = new ArrayList<TreeSet<ChangeHash>>();
    for (var i = 0; i < actors; i++) {
      heads.add(new TreeSet<>());
    }
    for (var i = 0; i < count; i++) {
      var actor = changes.random.nextInt(actors);
      var own = heads.get(actor);
      if (changes.random.nextInt(3) == 0) {
        own.addAll(heads.get(changes.random.nextInt(actors)));
      }
      var change = changes.change(actor, own, 1 + changes.random.nextInt(300));
      own.clear();
      own.add(change.hash());
    }
    return changes;
  }

  /** One actor's changes, each after the one before. */
  public static SyntheticChanges chain(long seed, int count) {
    var changes = new SyntheticChanges(seed, 1);
    List<ChangeHash> last = List.of();
    for (var i = 0; i < count; i++) {
      last = List.of(changes.change(0, last, 120).hash());
    }
    return changes;
  }
}
