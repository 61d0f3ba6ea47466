package dev.parlor.server.storage;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.storage.StoppingDisk.Part;
import java.util.List;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The same with two shards and their tables' store: stopped while these are made, between a write
 * to one and a write to another, and while they recover one after the other.
 */
@Execution(ExecutionMode.CONCURRENT)
class ShardedCrashPointTest extends CrashPointTest {

  @Override
  int shards() {
    return 2;
  }

  /** In one shard and the other by turns. */
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
