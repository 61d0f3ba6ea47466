package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.ServiceLimits;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IdempotencyTest {
  private Instant now = Instant.EPOCH;
  private final AtomicInteger calls = new AtomicInteger();
  private final Idempotency idempotency =
      new Idempotency(ServiceLimits.defaults().http(), () -> now, Optional.empty());

  private Reply count() {
    return Reply.text(201, "text/plain", "call " + calls.incrementAndGet());
  }

  @DisplayName("a request that is sent five times with the same key is executed once")
  @Test
  void sameKeyRunsOnce() {
    for (var i = 0; i < 5; i++) {
      assertEquals("call 1", idempotency.execute("key", "body", this::count).body().toUtf8());
    }
    assertEquals(1, calls.get());
    assertEquals("call 2", idempotency.execute("other", "body", this::count).body().toUtf8());
  }

  @DisplayName("the same key with another body is refused")
  @Test
  void sameKeyWithAnotherBodyIsRefused() {
    idempotency.execute("key", "body", this::count);
    var refused =
        assertThrows(
            ProblemException.class, () -> idempotency.execute("key", "other body", this::count));
    assertEquals(422, refused.problem().status());
    assertEquals(1, calls.get());
  }

  @DisplayName("a refused request may be retried with the same key")
  @Test
  void refusedRequestMayBeRetried() {
    Supplier<Reply> refusing =
        () -> {
          throw ProblemDetail.of(409, "busy", "busy").thrown();
        };
    assertThrows(ProblemException.class, () -> idempotency.execute("key", "body", refusing));
    assertEquals("call 1", idempotency.execute("key", "body", this::count).body().toUtf8());
  }

  @DisplayName("a concurrent request with the same key waits for the first one")
  @Test
  void secondRequestWaitsForTheFirst() throws Exception {
    var started = new CountDownLatch(1);
    var release = new CompletableFuture<Void>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first =
          threads.submit(
              () ->
                  idempotency.execute(
                      "key",
                      "body",
                      () -> {
                        started.countDown();
                        release.join();
                        return count();
                      }));
      started.await();
      var second = threads.submit(() -> idempotency.execute("key", "body", this::count));
      release.complete(null);
      assertEquals("call 1", first.get().body().toUtf8());
      assertEquals("call 1", second.get().body().toUtf8());
    }
    assertEquals(1, calls.get());
  }

  @DisplayName("a replayed reply has the header Idempotency-Replayed")
  @Test
  void replayIsMarked() {
    idempotency.execute("key", "body", this::count);
    var replayed = idempotency.execute("key", "body", this::count);
    assertEquals("true", replayed.headers().get("Idempotency-Replayed"));
  }

  @DisplayName("stored replies expire, and their number is limited")
  @Test
  void repliesExpireAndAreLimited() {
    idempotency.execute("key", "body", this::count);
    now = now.plusSeconds(ServiceLimits.defaults().http().idempotencySeconds());
    assertEquals("call 2", idempotency.execute("key", "body", this::count).body().toUtf8());

    var limitedToTwo =
        new Idempotency(new ServiceLimits.Http(1, 1, 1, 2, 60), () -> now, Optional.empty());
    limitedToTwo.execute("a", "body", this::count);
    limitedToTwo.execute("b", "body", this::count);
    limitedToTwo.execute("c", "body", this::count);
    var before = calls.get();
    limitedToTwo.execute("c", "body", this::count);
    assertEquals(before, calls.get());
    limitedToTwo.execute("a", "body", this::count);
    assertTrue(calls.get() > before, "the reply of a was the oldest and is evicted");
  }
}
