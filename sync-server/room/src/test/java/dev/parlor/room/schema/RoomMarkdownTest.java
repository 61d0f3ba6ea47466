package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomMarkdownTest {

  private static Result result(
      String request,
      String by,
      String query,
      List<String> chunks,
      Result.Status status,
      @Nullable String reason,
      Result.@Nullable Usage usage,
      long startedAt) {
    return new Result(
        request,
        by,
        query,
        "",
        "rehearsal",
        List.of(),
        chunks,
        status,
        reason,
        usage,
        1,
        startedAt,
        null,
        null,
        null);
  }

  @Test
  @DisplayName("a transcript has the description of a chat message's image")
  void imagesAreDescribed() {
    var chat =
        Value.list(
            List.of(
                Value.map(
                    "id",
                    Value.of("m1"),
                    "by",
                    Value.of("ben"),
                    "kind",
                    Value.of("say"),
                    "text",
                    Value.of("Look"),
                    "image",
                    Value.of("zOne"),
                    "alt",
                    Value.of("a kite")),
                Value.map(
                    "id",
                    Value.of("m2"),
                    "by",
                    Value.of("ben"),
                    "kind",
                    Value.of("say"),
                    "text",
                    Value.of(""),
                    "image",
                    Value.of("zOne"))));
    var transcript = RoomMarkdown.of(RoomView.read(Value.map("chat", chat)));
    assertTrue(transcript.contains("): Look (image: a kite)\n"), transcript);
    assertTrue(transcript.contains("): (image)\n"), transcript);
  }

  @Test
  @DisplayName(
      "a transcript has title, people, stack, results, chat and notes; typed texts are escaped")
  void transcriptHasAllParts() {
    var at = Rooms.NOW;
    var room =
        new RoomView(
            1,
            "Launch *page*",
            Settings.standard(),
            List.of(
                new Participant("anna", "Anna <img src=x>", null, null, Participant.Role.HOST, 1),
                new Participant("ben", "Ben", null, null, Participant.Role.PLAYER, 2)),
            List.of(
                new Card(
                    "c1",
                    CardType.ROLE,
                    "You are a `pirate`\nwith two lines",
                    null,
                    "anna",
                    at,
                    "a0",
                    null,
                    false,
                    null),
                new Card("c2", CardType.TONE, "Calm.", null, "ben", at, "a1", null, true, "anna")),
            List.of(
                new RoomWindow(
                    "w",
                    RoomWindow.Type.NOTE,
                    "Keep",
                    0,
                    0,
                    1,
                    1,
                    "a0",
                    RoomWindow.State.CLOSED,
                    "n",
                    new Value.MapOf(new TreeMap<>()),
                    "anna",
                    at)),
            List.of(new Note("n", "Say _room_."), new Note("blank", " ")),
            List.of(
                new ChatEntry("m1", "ben", at, ChatEntry.Kind.SAY, "hello\n there ", null),
                new ChatEntry("m2", "parlor", at, ChatEntry.Kind.SYSTEM, "Ben joined", null),
                new ChatEntry("m3", "ben", at, ChatEntry.Kind.PROGRAM, "a page", null)),
            new Generation(1, null, null, null),
            List.of(
                result(
                    "r1",
                    "anna",
                    "Write it.\n# now",
                    List.of("Once **up", "on**\n"),
                    Result.Status.DONE,
                    null,
                    new Result.Usage(12, 2, true),
                    at),
                result("r2", "ben", "Lost.", List.of(), Result.Status.REFUSED, "stale", null, at),
                result(
                    "r3",
                    "id_0",
                    "Again.",
                    List.of(),
                    Result.Status.ERROR,
                    "the model did not answer",
                    null,
                    at + 60_000)),
            List.of());
    assertEquals(Vectors.golden("room.md"), RoomMarkdown.of(room));
  }

  @Test
  @DisplayName("the transcript of an empty room is its title")
  void transcriptOfAnEmptyRoom() {
    assertEquals("# Untitled room\n", RoomMarkdown.of(RoomView.read(Value.map())));
  }
}
