package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoomRegistryTest {
  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final RoomRegistry registry =
      new RoomRegistry(new MemoryTable(), new MemoryTable(), FreshRecords.ofOneNode());

  @Test
  void reservedDocumentBelongsToARoomBeforeItIsPublished() {
    var room = new RoomInfo(ids.slug(), ids.documentId(), Optional.of("id_1"), 7);
    assertFalse(registry.isRoom(room.documentId()));

    registry.reserve(room).join();
    assertTrue(registry.isRoom(room.documentId()));
    assertEquals(Optional.empty(), registry.bySlug(room.slug()));

    registry.publish(room).join();
    assertEquals(Optional.of(room), registry.bySlug(room.slug()));
  }

  @Test
  void roomWithoutOwnerIsReadAsWritten() {
    var room = new RoomInfo(ids.slug(), ids.documentId(), Optional.empty(), 7);
    registry.publish(room).join();
    assertEquals(Optional.of(room), registry.bySlug(room.slug()));
  }

  @Test
  void slugsHave22Characters() {
    for (var i = 0; i < 100; i++) {
      assertTrue(ids.slug().matches("[1-9A-HJ-NP-Za-km-z]{22}"));
    }
    assertEquals(Optional.empty(), registry.bySlug(""));
    assertEquals(Optional.empty(), registry.bySlug("x".repeat(10_000)));
  }
}
