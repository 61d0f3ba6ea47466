package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyedOperationsTest {

  private static boolean any(Replica replica, Edit edit) {
    return KeyedOperations.anyIn(replica.transact(List.of(edit)).orElseThrow());
  }

  @Test
  void fieldWritesAreDistinguishedFromKeystrokesAndListItems() {
    var replica = Replica.create(new ActorId(Bytes.utf8("0123456789abcdef")));
    assertTrue(any(replica, new Edit.Put(Path.of("title"), Value.text("Parlor"))));
    assertTrue(any(replica, new Edit.Put(Path.of("list"), Value.list(List.of()))));
    assertFalse(any(replica, new Edit.SpliceText(Path.of("title"), 0, 0, "The ")));
    assertFalse(any(replica, new Edit.SpliceText(Path.of("title"), 2, 4, "")));
    assertFalse(any(replica, new Edit.Append(Path.of("list"), Value.of("one"))));
    assertTrue(any(replica, new Edit.Delete(Path.of("title"))));
    replica.close();
  }

  @Test
  void bytesThatAreNotAChangeCountAsFieldWrites() {
    assertTrue(KeyedOperations.anyIn(Bytes.utf8("no change at all")));
  }
}
