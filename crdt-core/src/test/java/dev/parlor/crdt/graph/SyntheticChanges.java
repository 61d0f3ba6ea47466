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
 * Makes changes for tests of the graph alone. Hashes and bytes are random; dependencies and
 * sequence numbers are valid.
 */
public final class SyntheticChanges {

  /** The minimum length of a chunk: magic bytes, checksum, type and length. */
  private static final int CHUNK_BYTES_MIN = 10;

  private final Random random;
  private final List<ChangeChunk> changes = new ArrayList<>();
  private final long[] seqs;

  public SyntheticChanges(long seed, int actorCount) {
    random = new Random(seed);
    seqs = new long[actorCount];
  }

  public List<ChangeChunk> changes() {
    return changes;
  }

  /** Makes the actor's next change with these dependencies and this many bytes. */
  public ChangeChunk change(int actor, Collection<ChangeHash> deps, int byteLength) {
    var hash =
        new ChangeHash(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    var bytes = new byte[Math.max(CHUNK_BYTES_MIN, byteLength)];
    random.nextBytes(bytes);
    var actorBytes = new byte[16];
    actorBytes[0] = (byte) actor;
    actorBytes[1] = (byte) (actor >> 8);
    var change =
        new ChangeChunk(
            hash,
            new ActorId(Bytes.wrap(actorBytes)),
            ++seqs[actor],
            changes.size() + 1,
            0,
            "",
            List.copyOf(new TreeSet<>(deps)),
            List.of(),
            Bytes.EMPTY,
            Bytes.wrap(bytes));
    changes.add(change);
    return change;
  }

  /** A random history: each change depends on the actor's last change, and sometimes on others. */
  public static SyntheticChanges random(long seed, int actorCount, int changeCount) {
    var changes = new SyntheticChanges(seed, actorCount);
    var headsByActor = new ArrayList<TreeSet<ChangeHash>>();
    for (var i = 0; i < actorCount; i++) {
      headsByActor.add(new TreeSet<>());
    }
    for (var i = 0; i < changeCount; i++) {
      var actor = changes.random.nextInt(actorCount);
      var actorHeads = headsByActor.get(actor);
      if (changes.random.nextInt(3) == 0) {
        actorHeads.addAll(headsByActor.get(changes.random.nextInt(actorCount)));
      }
      var change = changes.change(actor, actorHeads, 1 + changes.random.nextInt(300));
      actorHeads.clear();
      actorHeads.add(change.hash());
    }
    return changes;
  }

  /** The changes of one actor, each depending on the previous change. */
  public static SyntheticChanges chain(long seed, int changeCount) {
    var changes = new SyntheticChanges(seed, 1);
    List<ChangeHash> last = List.of();
    for (var i = 0; i < changeCount; i++) {
      last = List.of(changes.change(0, last, 120).hash());
    }
    return changes;
  }
}
