package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomViewTest {

  private static final JsonNode JS = Vectors.json("room-js.json");

  private static List<Bytes> jsChanges() {
    return StreamSupport.stream(JS.get("changes").spliterator(), false)
        .map(change -> Bytes.ofHex(change.asText()))
        .toList();
  }

  @Test
  @DisplayName("a new room is read without problems and has its initial layout")
  void newRoomIsReadWithoutProblems() {
    try (var replica = Rooms.merged(List.of(), List.of(Rooms.genesis()))) {
      var room = Rooms.view(replica);
      assertEquals(List.of(), room.problems());
      assertEquals("Launch page", room.title());
      assertEquals(Settings.standard(), room.settings());
      assertEquals(
          List.of(
              "role Act as a patient editor who has shipped software",
              "tone Plain and warm, no slogans"),
          room.stack().stream().map(card -> card.type().wire() + " " + card.text()).toList());
      assertEquals(
          List.of(
              "people 24,372 296x328 minimized",
              "note 1008,492 320x208 open",
              "chat 1008,24 320x452 open",
              "output 344,24 640x676 open",
              "stack 24,24 296x636 open"),
          room.windows().stream()
              .map(
                  w ->
                      w.type().wire()
                          + " "
                          + RoomWindow.pos(w.x(), w.y())
                          + " "
                          + RoomWindow.size(w.width(), w.height())
                          + " "
                          + w.state().wire())
              .toList());
      assertEquals(room.notes().getFirst().id(), room.windows().get(1).ref());
      assertEquals(new Generation(0, null, null, null), room.generation());
      assertEquals(Set.of(), Set.copyOf(room.results()));
    }
  }

  @Test
  @DisplayName(
      "[RM2] title, system prompt, cards and notes are collaborative text; all other strings are scalars")
  void fieldsWithCollaborativeText() {
    try (var replica = Rooms.merged(List.of(), List.of(Rooms.genesis()))) {
      var texts = new ArrayList<String>();
      collectTexts("", replica.root(), texts);
      texts.replaceAll(path -> path.replaceAll("/g\\d+/", "/*/"));
      assertEquals(
          List.of("cards/*/text", "cards/*/text", "notes/*/text", "settings/systemPrompt", "title"),
          texts);
    }
  }

  private static void collectTexts(String path, Value value, List<String> texts) {
    switch (value) {
      case Value.Text _ -> texts.add(path);
      case Value.MapOf(var entries) ->
          entries.forEach(
              (key, inner) -> collectTexts(path.isEmpty() ? key : path + "/" + key, inner, texts));
      case Value.ListOf(var items) -> items.forEach(item -> collectTexts(path + "/#", item, texts));
      default -> {
        // a scalar
      }
    }
  }

  @Test
  @DisplayName(
      "[RM3] a room made by JavaScript is read, including text, scalars, floats and timestamps")
  void roomMadeByJavaScriptIsRead() {
    try (var replica = Replica.load(Optional.empty(), jsChanges(), Rooms.actor(1));
        var saved =
            Replica.load(
                Optional.of(Bytes.ofHex(JS.get("save").asText())), List.of(), Rooms.actor(2))) {
      assertEquals(
          StreamSupport.stream(JS.get("heads").spliterator(), false)
              .map(head -> ChangeHash.parse(head.asText()).orElseThrow())
              .toList(),
          replica.heads());
      assertEquals(replica.root(), saved.root());
      var room = Rooms.view(replica);
      assertEquals(List.of(), room.problems());
      assertEquals(JS.get("title").asText(), room.title());
      assertEquals(
          new Settings(
              Settings.TurnMode.TURNS,
              4,
              Settings.Status.ACTIVE,
              Settings.StackRule.COMBINE,
              null,
              "Answer in English.",
              false),
          room.settings());
      assertEquals(
          List.of(
              new Participant(
                  "guest:\ud83e\udda6", "Otto", null, null, Participant.Role.SPECTATOR, 7),
              new Participant(
                  "id_anna",
                  "Anna",
                  "\ud83e\udd8a",
                  null,
                  Participant.Role.HOST,
                  1_750_000_000_123L),
              new Participant(
                  "id_ben", "Ben", null, "#c05", Participant.Role.PLAYER, 1_750_000_001_000L)),
          room.participants());
      var limit = room.card("c2").orElseThrow();
      assertEquals("50 tokens", limit.text());
      assertEquals(1_750_000_003_000L, limit.at());
      assertEquals(Integer.valueOf(1), limit.turn());
      assertEquals(JS.get("note").asText(), room.note("n1").orElseThrow().text());
      var window = room.window("w1").orElseThrow();
      assertEquals(1008, window.x());
      assertEquals(186, window.height());
      assertEquals(
          Value.map(
              "pinned", Value.of(true), "scale", Value.of(1.5), "count", new Value.Counter(3)),
          window.props());
      assertEquals("hello\nthere", room.chat().getFirst().text());
      assertEquals(
          "Answer in English.\n\nYou are a lighthouse keeper.\n\nIMPORTANT: Keep your response under 50 tokens.",
          PromptFold.fold(room.cards(), "q", room.settings()).text());
      assertEquals("id_anna", TurnOrder.of(room, Set.of()).holder());
    }
  }

  @Test
  @DisplayName(
      "[GE1] Java reads both of two concurrent locks that JavaScript wrote, with the same winner first")
  void concurrentLocksAreBothRead() {
    try (var replica = Replica.load(Optional.empty(), jsChanges(), Rooms.actor(1))) {
      var locks = RoomView.readLocks(replica.conflicts(Path.of("generation", "lock")));
      assertEquals(
          List.of(JS.get("lockWinner").asText(), JS.get("lockLoser").asText()),
          locks.stream().map(Lock::request).toList());
      assertEquals(locks.getFirst(), Rooms.view(replica).generation().lock());
      for (var lock : locks) {
        assertEquals(
            Optional.empty(), LockRules.refusalReason(lock, Rooms.view(replica), _ -> false));
      }
    }
  }

  @Test
  @DisplayName(
      "[RM5] a value that is missing or of another kind has its default and is listed as a problem")
  void repairsAreListed() {
    var card = Value.map("type", Value.of("joker"), "text", Value.of(5), "muted", Value.of("yes"));
    var room =
        RoomView.read(
            Value.map(
                "title", Value.text("x".repeat(300)),
                "cards", Value.map("c", card, "d", Value.of(1)),
                "chat", Value.of("nothing"),
                "windows", Value.map("w", Value.map("pos", Value.of("far,away"))),
                "generation", Value.map("epoch", Value.of(-1), "lock", Value.of(true))));
    assertEquals(200, room.title().length());
    var read = room.card("c").orElseThrow();
    assertEquals(CardType.CUSTOM, read.type());
    assertEquals("", read.text());
    assertFalse(read.muted());
    assertTrue(room.card("d").isEmpty());
    assertEquals(40, room.window("w").orElseThrow().x());
    assertEquals(0, room.generation().epoch());
    var problems = room.problems().stream().map(p -> p.path() + " " + p.message()).toList();
    for (var expected :
        List.of(
            "title is longer than 200 characters; shown cut",
            "settings is missing",
            "cards/c/text should be a string",
            "cards/c/muted should be true or false",
            "cards/c/by is missing, should be a string",
            "cards/d should be a map",
            "chat should be a list",
            "windows/w/pos should be two numbers around ','",
            "generation/epoch should be an integer from 0",
            "generation/lock is not a map")) {
      assertTrue(problems.contains(expected), expected + " in " + problems);
    }
    assertTrue(
        problems.stream().anyMatch(p -> p.startsWith("cards/c/type should be one of role, tone")));
  }

  @Test
  @DisplayName("an extra is on unless its field is present and not true")
  void extrasAreOnByDefault() {
    var settings =
        Value.map("cursors", Value.of(false), "carets", Value.of("yes"), "typing", Value.of(true));
    var room = RoomView.read(Value.map("settings", settings));
    assertEquals(
        Set.of(Settings.Extra.CURSORS, Settings.Extra.CARETS), room.settings().extrasOff());
    assertTrue(room.problems().contains(new Problem("settings/carets", "should be true or false")));
    assertEquals(Set.of(), Settings.standard().extrasOff());
  }

  @Test
  @DisplayName("[RM4] an optional field that is null is read like a missing field")
  void nullIsMissing() {
    var missing = RoomView.read(Value.map("settings", Value.map()));
    var settings = Value.map("cursors", new Value.Null(), "model", new Value.Null());
    var nulls = RoomView.read(Value.map("settings", settings));
    assertEquals(missing.settings(), nulls.settings());
    assertEquals(missing.problems(), nulls.problems());
  }

  @Test
  @DisplayName("truncating a long string never splits a surrogate pair")
  void truncationNeverSplitsACharacter() {
    var title = "x".repeat(199) + "\ud83e\udda6";
    assertEquals("x".repeat(199), RoomView.read(Value.map("title", Value.text(title))).title());
  }

  @Test
  @DisplayName("[RM7] a participant without a name has the guest name of the identity")
  void peopleWithoutNamesHaveGuestNames() {
    var room =
        RoomView.read(
            Value.map("participants", Value.map("id_7", Value.map("name", Value.of(" ")))));
    assertEquals(GuestName.of("id_7").name(), room.participants().getFirst().name());
  }
}
