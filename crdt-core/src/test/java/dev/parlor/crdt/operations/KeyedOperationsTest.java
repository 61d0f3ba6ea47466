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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeyedOperationsTest {

  private static boolean hasKeyedOperation(Replica replica, Edit edit) {
    return KeyedOperations.anyIn(replica.transact(List.of(edit)).orElseThrow());
  }

  @Test
  @DisplayName(
      "changes that set or remove a map field are keyed; text edits and list items are not")
  void fieldWritesAreDistinguishedFromKeystrokesAndListItems() {
    var replica = Replica.create(new ActorId(Bytes.utf8("0123456789abcdef")));
    assertTrue(hasKeyedOperation(replica, new Edit.Put(Path.of("title"), Value.text("Parlor"))));
    assertTrue(hasKeyedOperation(replica, new Edit.Put(Path.of("list"), Value.list(List.of()))));
    assertFalse(hasKeyedOperation(replica, new Edit.SpliceText(Path.of("title"), 0, 0, "The ")));
    assertFalse(hasKeyedOperation(replica, new Edit.SpliceText(Path.of("title"), 2, 4, "")));
    assertFalse(hasKeyedOperation(replica, new Edit.Append(Path.of("list"), Value.of("one"))));
    assertTrue(hasKeyedOperation(replica, new Edit.Delete(Path.of("title"))));
    replica.close();
  }

  @Test
  @DisplayName("bytes that are not a change count as a keyed change")
  void bytesThatAreNotAChangeCountAsFieldWrites() {
    assertTrue(KeyedOperations.anyIn(Bytes.utf8("no change at all")));
  }
}
