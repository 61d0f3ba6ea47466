package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.FoldedPrompt.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AnswerPathTest {
  private final TreeMap<String, Value> results = new TreeMap<>();

  private void result(String request, String answer, @Nullable String after) {
    result(request, answer, after, Result.Status.DONE);
  }

  private void result(String request, String answer, @Nullable String after, Result.Status status) {
    result(request, answer, after, status, List.of());
  }

  private void result(
      String request,
      String answer,
      @Nullable String after,
      Result.Status status,
      List<Attachment> attach) {
    results.put(
        request,
        RoomSchema.result(
            new Result(
                request,
                "ann",
                "ask " + request,
                "",
                "m",
                List.of(),
                List.of(answer),
                status,
                null,
                null,
                1,
                1,
                2L,
                null,
                1L,
                after,
                null,
                null,
                0,
                attach,
                null)));
  }

  private RoomView room() {
    return RoomView.read(Value.map("results", new Value.MapOf(new TreeMap<>(results))));
  }

  private List<String> path(String after) {
    return AnswerPath.of(room(), after).pairs().stream().map(Result::request).toList();
  }

  @Test
  @DisplayName(
      "[PF9] the path follows the field after from answer to answer and lists the oldest first")
  void oldestFirst() {
    result("a", "one", "");
    result("b", "two", "a");
    result("c", "three", "b");
    result("x", "another", "a");
    assertEquals(List.of("a", "b", "c"), path("c"));
    assertEquals(List.of("a", "x"), path("x"));
    assertEquals(List.of(), path(""));
    var folded =
        PromptFold.fold(List.of(), "Go on", Settings.standard(), AnswerPath.of(room(), "b"));
    assertEquals(
        List.of(
            new Message("user", "ask a"),
            new Message("assistant", "one"),
            new Message("user", "ask b"),
            new Message("assistant", "two"),
            new Message("user", "Go on")),
        folded.messages());
  }

  @Test
  @DisplayName(
      "[PF9] the path ends at a result without the field after, at an unknown id, and in a cycle")
  void pathEnds() {
    result("old", "before", null);
    result("a", "one", "old");
    result("b", "two", "missing");
    result("c", "three", "d");
    result("d", "four", "c");
    assertEquals(List.of("old", "a"), path("a"));
    assertEquals(List.of("b"), path("b"));
    assertEquals(List.of("c", "d"), path("d"));
    assertEquals(List.of(), path("nothing"));
  }

  @Test
  @DisplayName("[PF9] the path skips a result whose answer is blank")
  void blankAnswersAreSkipped() {
    result("a", "one", "");
    result("b", " \n", "a", Result.Status.ERROR);
    result("c", "three", "b");
    assertEquals(List.of("a", "c"), path("c"));
  }

  @Test
  @DisplayName(
      "[PF9] if a path exceeds the length limit, its oldest pairs are left out and counted")
  void oldestPairsAreOmitted() {
    var requests = new ArrayList<String>();
    var before = "";
    for (var i = 0; i < 10; i++) {
      var request = "r" + i;
      result(request, "w".repeat(100_000 - "ask r0".length()), before);
      requests.add(request);
      before = request;
    }
    var path = AnswerPath.of(room(), before);
    assertEquals(requests.subList(6, 10), path.pairs().stream().map(Result::request).toList());
    assertEquals(6, path.omitted());
    assertEquals(6, PromptFold.fold(List.of(), "q", Settings.standard(), path).omitted());
  }

  @Test
  @DisplayName("[PF12] of more than eight images, the oldest of the earlier questions are left out")
  void oldestImagesAreLeftOut() {
    result("a", "one", "", Result.Status.DONE, images("a", 4));
    result("b", "two", "a", Result.Status.DONE, images("b", 4));
    var own = List.of(Attachment.image("own0", "a kite"), Attachment.image("own1", ""));
    var messages =
        PromptFold.fold(List.of(), own, "Go on", Settings.standard(), AnswerPath.of(room(), "b"))
            .messages();
    assertEquals(List.of("a0", "a1"), messages.get(0).images());
    assertEquals(List.of("b0", "b1", "b2", "b3"), messages.get(2).images());
    assertEquals("<image>\na kite\n</image>\n\nGo on", messages.getLast().content());
    assertEquals(List.of("own0", "own1"), messages.getLast().images());
  }

  private static List<Attachment> images(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> Attachment.image(prefix + i, "")).toList();
  }

  @Test
  @DisplayName("[GE3] a request whose field after names no answer of the room is invalid")
  void unknownAfterIsInvalid() {
    result("a", "one", "");
    result("b", "", "", Result.Status.REFUSED);
    for (var after : List.of("missing", "b")) {
      var lock = new Lock("r", "ann", 1, "q", List.of(), 0, after);
      assertEquals(
          "after names no answer of this room",
          LockRules.invalidReason(lock, room(), _ -> false).orElseThrow());
    }
    var lock = new Lock("r", "ann", 1, "q", List.of(), 0, "a");
    assertEquals(java.util.Optional.empty(), LockRules.invalidReason(lock, room(), _ -> false));
    var follower = new Lock("r", "ann", 1, "q", List.of(), 0, "waiting");
    assertEquals(
        java.util.Optional.empty(), LockRules.invalidReason(follower, room(), "waiting"::equals));
  }

  @Test
  @DisplayName("an integer above 2^53 - 1 in a lock counts as damaged, since it cannot be written")
  void tooLargeIntegersAreDamaged() {
    for (var at : List.of(1L << 53, Long.MAX_VALUE)) {
      var lock =
          RoomView.readLocks(
                  List.of(
                      Value.map(
                          "request", Value.of("r"),
                          "by", Value.of("ann"),
                          "at", Value.of(at),
                          "query", Value.of("q"),
                          "cards", Value.list(List.of()),
                          "seen", Value.of(at))))
              .getFirst();
      assertEquals(0, lock.at());
      assertEquals(-1, lock.seen());
      assertEquals("", lock.after());
    }
  }
}
