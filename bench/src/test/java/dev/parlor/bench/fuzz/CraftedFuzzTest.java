package dev.parlor.bench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CraftedFuzzTest {

  private static final Path VECTORS = Path.of("..", "docs", "vectors");

  @Test
  @DisplayName("[AD1] encoding the decoded operations of a change again gives the same bytes")
  void encodingDecodedOperationsGivesTheSameBytes() throws IOException {
    for (var history : Histories.all(VECTORS)) {
      for (var change : history) {
        var operations = Operation.of(change);
        var header = header(change);
        assertEquals(change.otherActors(), ChangeForge.others(change.actor(), operations));
        assertEquals(change.plain(), ChangeForge.change(header, operations));
      }
    }
  }

  private static ChangeForge.Header header(ChangeChunk change) {
    return new ChangeForge.Header(
        change.deps(),
        change.actor(),
        change.seq(),
        change.startOp(),
        change.time(),
        change.message(),
        change.otherActors());
  }

  @Test
  @DisplayName("[AD7] in 6,000 crafted changes no admitted change aborts the Automerge bindings")
  void noAdmittedChangeAbortsTheBindings(@TempDir Path failures) throws IOException {
    var outcome =
        CraftedFuzz.run(
            new CraftedFuzz.Options(6_000, Duration.ofMinutes(1), 20261120, VECTORS, failures));
    assertEquals(List.of(), outcome.failures);
    assertEquals(0, outcome.aborts + outcome.bindingErrors + outcome.exceptions);
    assertTrue(outcome.admitted > 300, outcome.admitted + " admitted");
    assertTrue(outcome.admittedWithRepeats > 60, outcome.admittedWithRepeats + " with repeats");
    for (var rule : List.of("AD1", "AD2")) {
      assertTrue(outcome.refused.getOrDefault(rule, 0L) > 300, outcome.refused.toString());
    }
  }

  /**
   * Changes that abort the Automerge bindings or make them throw, each on top of a small document.
   */
  private static List<Bytes> aborting(FuzzedDocument document, ChangeChunk start) {
    var text =
        document.knownOperations.stream().filter(k -> k.operation().action() == 4).findFirst();
    var letter = document.knownOperations.stream().filter(k -> k.operation().insert()).findFirst();
    var inText = text.orElseThrow().id();
    var element = letter.orElseThrow().id();
    var plain =
        new Operation(
            null, null, element, true, Operation.SET, 6, Bytes.utf8("x"), List.of(), false, null);
    var author = Histories.actor(4_242);
    var header =
        new ChangeForge.Header(
            List.of(start.hash()),
            author,
            1,
            document.maxOperation + 1,
            0,
            "",
            List.of(start.actor()));
    var headerWithoutActors =
        new ChangeForge.Header(header.deps(), author, 1, header.startOp(), 0, "", List.of());
    return List.of(
        // A map key in a text.
        ChangeForge.change(
            header, List.of(plain.inObject(inText).atPlace(Bytes.utf8("key"), null, false))),
        // List elements in the root map.
        ChangeForge.change(header, List.of(plain)),
        // An actor that is not in the actor table of the change.
        ChangeForge.change(headerWithoutActors, List.of(plain.inObject(inText))),
        // An action that does not exist.
        ChangeForge.change(header, List.of(plain.inObject(inText).withAction(9))),
        // A reference to an element that does not exist yet.
        ChangeForge.change(
            header,
            List.of(
                plain
                    .inObject(inText)
                    .atPlace(null, new Operation.Id(start.actor(), 90_000), true))));
  }

  @Test
  @DisplayName(
      "[AD7] changes that abort the Automerge bindings are refused by admission, and the child process reports them if they reach it")
  void changesThatAbortTheBindingsAreRefused() throws IOException {
    var start = Histories.all(VECTORS).getFirst().getFirst();
    var document = new FuzzedDocument();
    document.offer(start);
    var outcomes = new ArrayList<String>();
    for (var aborting : aborting(document, start)) {
      var change = Histories.decode(aborting);
      var refusal = assertInstanceOf(Offer.Rejected.class, document.offer(change));
      assertTrue(refusal.rule().equals("AD1") || refusal.rule().equals("AD2"), refusal.toString());
      try (var child = new CraftedFuzz.Child()) {
        var answer =
            child.apply(
                CraftedChild.OPEN, List.of(change.hash()), List.of(start.plain(), aborting), true);
        outcomes.add(answer == null ? "aborted" : answer.isEmpty() ? "no error" : "error");
      }
    }
    // The other two changes have no assertion here: the bindings may accept them, although
    // they may reject the same changes on other replicas.
    assertEquals("aborted", outcomes.get(0), "a map key within a text");
    assertEquals("aborted", outcomes.get(2), "an actor outside the table");
    assertEquals("error", outcomes.get(3), "an unknown action");
  }
}
