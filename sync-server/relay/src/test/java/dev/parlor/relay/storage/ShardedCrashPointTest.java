package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.StoppingDisk.Part;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs {@link CrashPointTest} with two shards and the store of the tables. The disk stops while
 * these stores are created, between writes to two of them, and while they recover one after the
 * other.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class ShardedCrashPointTest extends CrashPointTest {

  @Override
  int shards() {
    return 2;
  }

  /** Documents alternate between the two shards. */
  @Override
  DocumentId document(int number) {
    var seed = number;
    while (ShardedChangeStore.shardOf(ChangeStoreContract.document(seed), 2) != number % 2) {
      seed += 10;
    }
    return ChangeStoreContract.document(seed);
  }

  @Override
  long openingSteps() {
    return 40;
  }

  @Override
  List<Part> parts(long step) {
    var all = List.of(Part.values());
    return List.of(all.get((int) (step % all.size())));
  }
}
