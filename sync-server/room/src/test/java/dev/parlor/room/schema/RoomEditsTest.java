package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomEditsTest {

  private Replica replica;

  @BeforeEach
  void open() {
    replica = Rooms.merged(List.of(), List.of(Rooms.genesis()));
  }

  @AfterEach
  void close() {
    assertEquals(List.of(), room().problems());
    replica.close();
  }

  private RoomView room() {
    return Rooms.view(replica);
  }

  private void run(List<Edit> edits) {
    assertTrue(replica.transact(edits).isPresent());
  }

  static Result running(String request) {
    return new Result(
        request,
        "anna",
        "Write it.",
        "You are a pirate.",
        "rehearsal",
        List.of("c1"),
        List.of(),
        Result.Status.RUNNING,
        null,
        null,
        1,
        Rooms.NOW,
        null,
        null,
        null);
  }

  @Test
  @DisplayName("a second join changes name and role, but not the place in the turn order")
  void secondJoinKeepsThePlaceInTheTurnOrder() {
    var first = new Participant("anna", "Anna", null, "#c05", Participant.Role.HOST, 5);
    run(RoomEdits.join(room(), first));
    assertEquals(Optional.of(first), room().participant("anna"));
    var again = new Participant("anna", "Anne", "x", null, Participant.Role.PLAYER, 99);
    run(RoomEdits.join(room(), again));
    assertEquals(
        Optional.of(new Participant("anna", "Anne", "x", null, Participant.Role.PLAYER, 5)),
        room().participant("anna"));
    assertEquals(Optional.empty(), replica.transact(RoomEdits.join(room(), again)));
  }

  @Test
  @DisplayName("a card can be played, moved, muted, removed and restored")
  void cardEdits() {
    run(RoomEdits.play(Rooms.card("c", CardType.TONE, "Calm.", "b00")));
    run(RoomEdits.reorder("c", "Zz"));
    assertEquals("c", room().cards().getFirst().id());
    run(RoomEdits.mute("c", true));
    run(RoomEdits.remove("c", "ben"));
    assertEquals(
        Optional.of(
            Rooms.removed(Rooms.muted(Rooms.card("c", CardType.TONE, "Calm.", "Zz")), "ben")),
        room().card("c"));
    assertTrue(room().stack().stream().noneMatch(card -> card.id().equals("c")));
    run(RoomEdits.restore("c"));
    run(RoomEdits.mute("c", false));
    assertTrue(room().card("c").orElseThrow().isActive());
  }

  @Test
  @DisplayName("a window can be moved, resized, brought to the front and closed; its note stays")
  void windowEdits() {
    run(RoomEdits.note(new Note("n", "words")));
    var window = room().windows().getFirst();
    run(RoomEdits.move(window.id(), -5, 7));
    run(RoomEdits.resize(window.id(), 300, 200));
    run(RoomEdits.setZ(window.id(), "z0"));
    run(RoomEdits.state(window.id(), RoomWindow.State.CLOSED));
    var after = room().windows().getLast();
    assertEquals(
        List.of(window.id(), "-5,7", "300x200", "closed"),
        List.of(
            after.id(),
            RoomWindow.pos(after.x(), after.y()),
            RoomWindow.size(after.width(), after.height()),
            after.state().wire()));
    assertEquals("words", room().note("n").orElseThrow().text());
    run(
        RoomEdits.open(
            new RoomWindow(
                "w",
                RoomWindow.Type.NOTE,
                "T",
                1,
                2,
                3,
                4,
                "z1",
                RoomWindow.State.OPEN,
                "n",
                window.props(),
                "anna",
                5)));
    assertEquals("n", room().window("w").orElseThrow().ref());
  }

  @Test
  @DisplayName("the edits of a run write lock, grant, chunks and result, and remove the lock")
  void runEdits() {
    var lock = new Lock("r", "anna", Rooms.NOW, "Write it.", List.of("g1"), 0);
    run(RoomEdits.lock(lock));
    assertEquals(lock, room().generation().lock());
    var grant = new Grant("r", 1, Rooms.NOW, Rooms.NOW + 60_000);
    run(RoomEdits.grant(grant));
    assertEquals(1, room().generation().epoch());
    assertEquals(grant, room().generation().grant());
    run(RoomEdits.result(running("r")));
    run(RoomEdits.chunk("r", "Once "));
    run(RoomEdits.chunk("r", "upon"));
    run(RoomEdits.stop(new Stop("r", "ben", Rooms.NOW + 1)));
    assertEquals(new Stop("r", "ben", Rooms.NOW + 1), room().generation().stop());
    run(
        RoomEdits.finish(
            "r",
            Result.Status.STOPPED,
            Ending.STOPPED,
            "stopped by Ben",
            new Result.Usage(12, 2, true),
            Rooms.NOW + 2_000,
            150L,
            2_000));
    run(RoomEdits.release());
    assertNull(room().generation().lock());
    assertNull(room().generation().grant());
    assertNull(room().generation().stop());
    var result = room().result("r").orElseThrow();
    assertEquals("Once upon", result.text());
    assertEquals(Result.Status.STOPPED, result.status());
    assertEquals(Ending.STOPPED, result.ending());
    assertEquals(new Result.Usage(12, 2, true), result.usage());
    assertEquals(Long.valueOf(150), result.ttftMs());
    assertEquals(Optional.empty(), replica.transact(RoomEdits.release()));
    run(RoomEdits.removeResult("r"));
    assertEquals(List.of(), room().results());
    run(RoomEdits.epoch(7));
    assertEquals(7, room().generation().epoch());
  }
}
