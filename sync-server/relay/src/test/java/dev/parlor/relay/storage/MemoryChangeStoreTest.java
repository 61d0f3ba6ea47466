package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/**
 * Runs {@link ChangeStoreContract} on the store in memory, and tests its held and failed commits.
 */
class MemoryChangeStoreTest extends ChangeStoreContract {

  private MemoryChangeStore memory = new MemoryChangeStore(new StorageId("memory"));

  @Override
  protected ChangeStore open() {
    return memory;
  }

  @Override
  protected void setDiskFailing(boolean failing) {
    memory.failCommits(failing ? new IOException("no space") : null);
  }

  @Override
  protected ChangeStore afterCrash() {
    memory = memory.afterCrash();
    return memory;
  }

  @Test
  void aCrashLosesHeldCommits() throws Exception {
    await(memory.append(A, changes(1, 1)));
    await(memory.table("t").put("k", Bytes.utf8("old")));
    memory.holdCommits();
    var append = memory.append(A, changes(2, 1));
    var put = memory.table("t").put("k", Bytes.utf8("new"));
    var after = memory.afterCrash();
    assertThrows(ExecutionException.class, () -> await(append));
    assertThrows(ExecutionException.class, () -> await(put));
    assertEquals(changes(1, 1), after.load(A).orElseThrow().tail());
    assertEquals(Optional.of(Bytes.utf8("old")), after.table("t").get("k"));
  }

  @Test
  void heldCommitsCompleteInOrderWhenReleased() throws Exception {
    memory.holdCommits();
    var first = memory.append(A, changes(1, 2));
    var second = memory.append(A, changes(2, 1));
    assertFalse(first.isDone());
    assertFalse(memory.contains(A));
    memory.releaseCommits();
    assertTrue(first.isDone() && second.isDone());
    var both = new java.util.ArrayList<>(changes(1, 2));
    both.addAll(changes(2, 1));
    assertEquals(both, memory.load(A).orElseThrow().tail());
  }

  @Test
  void aFailedWriteStoresNothing() throws Exception {
    var table = memory.table("t");
    await(table.put("k", Bytes.utf8("old")));
    var full = new IOException("no space");
    memory.holdCommits();
    var append = memory.append(A, changes(1, 1));
    var put = table.put("k", Bytes.utf8("new"));
    memory.failCommits(full);
    assertSame(full, assertThrows(ExecutionException.class, () -> await(append)).getCause());
    assertSame(full, assertThrows(ExecutionException.class, () -> await(put)).getCause());
    assertEquals(Optional.of(Bytes.utf8("old")), table.get("k"));
    assertFalse(memory.contains(A));
    memory.failCommits(null);
    await(memory.append(A, changes(1, 1)));
    assertTrue(memory.contains(A));
  }
}
