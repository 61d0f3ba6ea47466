package dev.parlor.contexts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.record.Transactions;
import dev.parlor.relay.storage.MemoryRecordStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredContextsTest {
  private static final String ADA = "jwt:ada";
  private static final String BOB = "jwt:bob";
  private static final String PROMPT =
      """
      {"type": "prompt.txt", "streamId": "s1", "timestamp": "2026-01-01T00:00:00Z",
       "request": {"model": "m", "messages": [{"role": "user", "content": "hello"}]}, "extra": 1}
      """;
  private static final String LINE =
      """
      {"type": "block.code.line", "blockId": "b", "streamId": "s1", "seq": 1, "blockNr": 0,
       "timestamp": "2026-01-01T00:00:00Z", "lineNr": 1, "line": "<App />"}
      """;

  private final MemoryRecordStore store = new MemoryRecordStore();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<String> shown = new ArrayList<>();
  private final StoredContexts contexts =
      new StoredContexts(
          new Transactions(store),
          new ContextChat() {
            @Override
            public CompletableFuture<Void> requirePlayer(String room, String userId) {
              return room.equals("theRoom")
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.failedFuture(
                      AppsException.of(ErrorCode.NOT_FOUND, "there is no such room"));
            }

            @Override
            public void show(String room, String userId, String origin, List<JsonNode> blocks) {
              shown.add(room + " " + userId + " " + origin + " " + blocks.size());
            }
          },
          3,
          () -> "drawn" + ids.incrementAndGet(),
          InstantSource.fixed(Instant.parse("2026-11-29T00:00:00Z")));

  @Test
  @DisplayName(
      "without an id a new context is made; a chosen id makes a context once and finds it later")
  void ensures() throws Exception {
    assertEquals("drawn1", get(contexts.ensure(ADA, Optional.empty())));
    assertEquals("drawn2", get(contexts.ensure(ADA, Optional.empty())));
    assertEquals("my-context", get(contexts.ensure(ADA, Optional.of("my-context"))));
    assertEquals("my-context", get(contexts.ensure(ADA, Optional.of("my-context"))));
  }

  @Test
  @DisplayName(
      "another user's context is refused with access-denied, for ensure, append and reading")
  void othersAreRefused() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    assertEquals(
        ErrorCode.ACCESS_DENIED, refusal(contexts.ensure(BOB, Optional.of("my-context"))).code());
    assertEquals(
        ErrorCode.ACCESS_DENIED,
        refusal(contexts.append(BOB, "my-context", "user", blocks(PROMPT))).code());
    assertEquals(
        ErrorCode.ACCESS_DENIED, refusal(contexts.sections(BOB, "my-context", 0, 10)).code());
    assertEquals(
        ErrorCode.ACCESS_DENIED, refusal(contexts.attach(BOB, "my-context", "theRoom")).code());
  }

  @Test
  @DisplayName(
      "the first section has number 0, and sections are returned in order with their blocks as given")
  void appends() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    assertEquals(0, get(contexts.append(ADA, "my-context", "user", blocks(PROMPT))));
    assertEquals(1, get(contexts.append(ADA, "my-context", "llm", blocks(LINE, LINE))));
    var sections = get(contexts.sections(ADA, "my-context", 0, 10));
    assertEquals(List.of(0L, 1L), sections.stream().map(ContextService.Section::seq).toList());
    assertEquals(blocks(PROMPT), sections.getFirst().blocks());
    assertEquals("llm", sections.get(1).origin());
    assertEquals(1, get(contexts.sections(ADA, "my-context", 1, 10)).getFirst().seq());
  }

  @Test
  @DisplayName("a hundred appends at once have the numbers 0 to 99")
  void parallelAppends() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    var numbers = new HashSet<Long>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<java.util.concurrent.Future<Long>>();
      for (var i = 0; i < 100; i++) {
        all.add(
            threads.submit(() -> get(contexts.append(ADA, "my-context", "user", blocks(PROMPT)))));
      }
      for (var one : all) {
        assertTrue(numbers.add(one.get(30, TimeUnit.SECONDS)));
      }
    }
    assertEquals(99, numbers.stream().mapToLong(Long::longValue).max().orElseThrow());
  }

  @Test
  @DisplayName("an append to an unknown context is refused with not-found and makes none")
  void unknownContext() throws Exception {
    assertEquals(
        ErrorCode.NOT_FOUND,
        refusal(contexts.append(ADA, "my-context", "user", blocks(PROMPT))).code());
    assertEquals(ErrorCode.NOT_FOUND, refusal(contexts.sections(ADA, "my-context", 0, 1)).code());
    assertEquals(
        ErrorCode.NOT_FOUND, refusal(contexts.append(ADA, "a/b", "user", blocks(PROMPT))).code());
  }

  @ParameterizedTest(name = "“{0}”")
  @ValueSource(strings = {"ab", "a b", "a/b", "ä12", "", "../x"})
  @DisplayName("a chosen id outside the rule is refused, naming contextId")
  void badIds(String id) {
    assertEquals(Optional.of("contextId"), refusal(contexts.ensure(ADA, Optional.of(id))).field());
  }

  @Test
  @DisplayName(
      "the user's limit of contexts refuses a further one, and an existing one is still found")
  void contextLimit() throws Exception {
    for (var id : List.of("one", "two", "three")) {
      get(contexts.ensure(ADA, Optional.of(id)));
    }
    assertEquals(ErrorCode.TOO_LARGE, refusal(contexts.ensure(ADA, Optional.of("four"))).code());
    assertEquals("two", get(contexts.ensure(ADA, Optional.of("two"))));
    assertEquals("four", get(contexts.ensure(BOB, Optional.of("four"))));
  }

  @Test
  @DisplayName("a block with an unknown type or a wrong field is refused, naming its path")
  void badBlocks() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    assertEquals(Optional.of("blocks"), refusal(append()).field());
    assertEquals(
        Optional.of("blocks[1].type"), refusal(append(PROMPT, "{\"type\": \"prompt.x\"}")).field());
    assertEquals(Optional.of("blocks[0]"), refusal(append("3")).field());
    assertEquals(
        Optional.of("blocks[0].line"), refusal(append(LINE.replace("\"<App />\"", "7"))).field());
    assertEquals(
        Optional.of("blocks[0].request"),
        refusal(append(PROMPT.replace("\"model\"", "\"m\""))).field());
    assertEquals(
        Optional.of("origin"),
        refusal(contexts.append(ADA, "my-context", "bot", blocks(PROMPT))).field());
  }

  @Test
  @DisplayName("a section above 256 KiB is refused with too-large and the limit")
  void largeSection() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    var line = LINE.replace("<App />", "x".repeat(AppLimits.SECTION_BYTES_MAX));
    var refusal = refusal(append(line));
    assertEquals(ErrorCode.TOO_LARGE, refusal.code());
    assertTrue(refusal.text().contains("" + AppLimits.SECTION_BYTES_MAX), refusal.text());
  }

  @Test
  @DisplayName(
      "if the disk refuses, an append fails with unavailable and the next one takes its number")
  void diskRefuses() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    store.refuseCommits(true);
    assertEquals(ErrorCode.UNAVAILABLE, refusal(append(PROMPT)).code());
    store.refuseCommits(false);
    assertEquals(0, get(append(PROMPT)));
  }

  @Test
  @DisplayName(
      "sections of an attached context appear in the room's chat, before attaching and after detaching they do not")
  void attached() throws Exception {
    get(contexts.ensure(ADA, Optional.of("my-context")));
    get(append(PROMPT));
    get(contexts.attach(ADA, "my-context", "theRoom"));
    get(contexts.append(ADA, "my-context", "llm", blocks(LINE, LINE)));
    get(contexts.detach(ADA, "my-context"));
    get(append(PROMPT));
    assertEquals(List.of("theRoom jwt:ada llm 2"), shown);
    assertEquals(ErrorCode.NOT_FOUND, refusal(contexts.attach(ADA, "my-context", "other")).code());
  }

  private CompletableFuture<Long> append(String... blocks) throws Exception {
    return contexts.append(ADA, "my-context", "user", blocks(blocks));
  }

  private static List<JsonNode> blocks(String... blocks) throws Exception {
    var all = new ArrayList<JsonNode>();
    for (var block : blocks) {
      all.add(new ObjectMapper().readTree(block));
    }
    return all;
  }

  private static AppsException refusal(CompletableFuture<?> result) {
    var error = assertThrows(ExecutionException.class, () -> get(result));
    return assertInstanceOf(AppsException.class, error.getCause());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }
}
