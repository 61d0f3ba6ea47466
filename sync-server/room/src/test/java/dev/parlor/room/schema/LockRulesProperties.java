package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

class LockRulesProperties {

  private static final RoomView ROOM =
      Rooms.room(
          Settings.standard(),
          List.of(
              Rooms.person("anna", Participant.Role.HOST, 1),
              Rooms.person("ben", Participant.Role.PLAYER, 2),
              Rooms.person("eve", Participant.Role.SPECTATOR, 3)),
          List.of(Rooms.card("c1", CardType.ROLE, "r", "a0")));

  private static Lock lock(String by, String query, String card, List<Attachment> attach) {
    return new Lock("r", by, Rooms.NOW, query, List.of(card), 4, "", attach, null);
  }

  private static String reason(Lock lock) {
    return LockRules.refusalReason(lock, ROOM, _ -> false).orElse("accepted");
  }

  @Example
  @Label("[GE3] each kind of refused request gets its own reason")
  void eachRefusalHasItsReason() {
    assertEquals("accepted", reason(lock("anna", "q", "c1", List.of())));
    assertEquals("not-allowed", reason(lock("eve", "q", "c1", List.of())));
    assertEquals("not-allowed", reason(lock("unknown", "q", "c1", List.of())));
    assertEquals("invalid: query is empty", reason(lock("anna", " ", "c1", List.of())));
    assertEquals(
        "invalid: query is longer than 16000 characters",
        reason(lock("anna", "q".repeat(16_001), "c1", List.of())));
    assertEquals(
        "invalid: cards names a card that is not in the room",
        reason(lock("anna", "q", "c2", List.of())));
  }

  @Example
  @Label("[GE17] attachments beyond a limit, and notes that the room does not have, are invalid")
  void invalidAttachments() {
    assertEquals(
        "invalid: attach names a note that is not in the room",
        reason(lock("ben", "q", "c1", List.of(Attachment.note("missing")))));
    assertEquals(
        "invalid: attach has more than 8 entries",
        reason(lock("ben", "q", "c1", Collections.nCopies(9, Attachment.text("a", null)))));
    assertEquals(
        "invalid: attach has a text longer than 16000 characters",
        reason(lock("ben", "q", "c1", List.of(Attachment.text("a".repeat(16_001), null)))));
    assertEquals(
        "invalid: attach has 112000 characters together; at most 100000 fit",
        reason(
            lock(
                "ben",
                "q",
                "c1",
                Collections.nCopies(7, Attachment.text("a".repeat(16_000), null)))));
  }

  @Example
  @Label("[GE1] an id of other characters than letters, digits, - and _ is not the id of a request")
  void unusableIds() {
    assertTrue(LockRules.isUsableId("0123-abc_XYZ"));
    for (var id : List.of("", "a b", "a/b", "\ud83e\udda6", "a".repeat(65), "a\0")) {
      assertTrue(!LockRules.isUsableId(id), id);
    }
  }

  @Property
  @Label("[GE3] seen and at never refuse a request: an old request waits for its author instead")
  void seenAndAtNeverRefuse(@ForAll long seen, @ForAll long at) {
    var lock = new Lock("r", "anna", at, "q", List.of("c1"), seen);
    assertEquals(Optional.empty(), LockRules.refusalReason(lock, ROOM, _ -> false));
  }
}
