package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.access.MemoryBriefRecords;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Idempotency keys and event streams on two nodes. */
class SharedRepliesTest {
  private Instant now = Instant.EPOCH;
  private final MemoryBriefRecords brief = new MemoryBriefRecords(() -> now);
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger pauses = new AtomicInteger();
  private final Idempotency a = node();
  private final Idempotency b = node();

  private Idempotency node() {
    var limits = ServiceLimits.defaults().http();
    return new Idempotency(
        limits,
        () -> now,
        Optional.of(
            new SharedReplies(
                brief,
                new RandomIds(new SecureRandom()),
                limits.idempotencySeconds(),
                _ -> {
                  pauses.incrementAndGet();
                  LockSupport.parkNanos(1_000);
                })));
  }

  private Reply count() {
    return Reply.text(201, "text/plain", "call " + calls.incrementAndGet()).header("X-Test", "é");
  }

  @DisplayName("a request that is repeated on another node has one effect and the same reply")
  @Test
  void repetitionOnAnotherNodeIsReplayed() {
    var first = a.execute("scope", "body", this::count);
    var second = b.execute("scope", "body", this::count);
    assertEquals(first.header("Idempotency-Replayed", "true"), second);
    assertEquals(1, calls.get());
    assertEquals("call 2", b.execute("other", "body", this::count).body().toUtf8());
  }

  @DisplayName("the same key with another body is refused on another node")
  @Test
  void otherBodyIsRefused() {
    a.execute("scope", "body", this::count);
    var refused =
        assertThrows(ProblemException.class, () -> b.execute("scope", "other", this::count));
    assertEquals(422, refused.problem().status());
  }

  @DisplayName("the same key on two nodes at once is executed once")
  @Test
  void concurrentRequestsHaveOneEffect() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var round = 0; round < 20; round++) {
        calls.set(0);
        var scope = "scope " + round;
        var requests = new ArrayList<Callable<Integer>>();
        for (var i = 0; i < 6; i++) {
          var node = i % 2 == 0 ? a : b;
          requests.add(
              () -> {
                try {
                  return node.execute(scope, "body", this::count).status();
                } catch (ProblemException e) {
                  return e.problem().status();
                }
              });
        }
        for (var status : threads.invokeAll(requests)) {
          assertTrue(status.get() == 201 || status.get() == 409, "status " + status.get());
        }
        assertEquals(1, calls.get());
      }
    }
  }

  @DisplayName("a request in progress on another node is answered with 409 after the longest wait")
  @Test
  void requestInProgressIsAConflict() {
    a.execute(
        "scope",
        "body",
        () -> {
          var refused =
              assertThrows(ProblemException.class, () -> b.execute("scope", "body", this::count));
          assertEquals("idempotency-key-in-use", refused.problem().code());
          return count();
        });
    assertEquals(1, calls.get());
    assertTrue(pauses.get() * 100 >= FixedServiceLimits.IDEMPOTENCY_WAIT_SECONDS_MAX * 1_000);
  }

  @DisplayName("a refused request may be repeated on another node")
  @Test
  void refusedRequestMayBeRepeated() {
    assertThrows(
        ProblemException.class,
        () ->
            a.execute(
                "scope",
                "body",
                () -> {
                  throw ProblemDetail.of(409, "busy", "busy").thrown();
                }));
    assertEquals("call 1", b.execute("scope", "body", this::count).body().toUtf8());
  }

  @DisplayName("the claim of a node that died between claim and reply expires")
  @Test
  void claimOfADeadNodeExpires() {
    assertThrows(
        StoreUnavailableException.class,
        () ->
            a.execute(
                "scope",
                "body",
                () -> {
                  brief.setAway(true);
                  throw new StoreUnavailableException(new java.io.IOException("died"));
                }));
    brief.setAway(false);
    assertThrows(ProblemException.class, () -> b.execute("scope", "body", this::count));
    now = now.plusSeconds(FixedServiceLimits.IDEMPOTENCY_CLAIM_SECONDS);
    assertEquals("call 1", b.execute("scope", "body", this::count).body().toUtf8());
  }

  @DisplayName("a request with a key is not executed while the cluster does not answer")
  @Test
  void nothingIsExecutedWithoutTheCluster() {
    brief.setAway(true);
    assertThrows(StoreUnavailableException.class, () -> a.execute("scope", "body", this::count));
    assertEquals(0, calls.get());
  }

  @DisplayName("the cluster stores no reply in the clear")
  @Test
  void storedReplyIsEncrypted() {
    a.execute("scope", "body", () -> Reply.text(201, "text/plain", "a secret token"));
    assertTrue(brief.texts().stream().noneMatch(text -> text.contains("secret token")));
    assertTrue(brief.texts().stream().noneMatch(text -> text.contains("scope")));
  }

  @DisplayName("an event stream of one node is resumed on the other with an event id that was sent")
  @Test
  void streamIsResumedOnAnotherNode() {
    var streamsOfA = new StreamTickets(() -> now, Optional.of(new SharedStreams(brief)));
    var streamsOfB = new StreamTickets(() -> now, Optional.of(new SharedStreams(brief)));
    var room = new RandomIds(new SecureRandom()).documentId();
    var caller = new Caller(Optional.of("id_x"), Role.PLAYER, Optional.of(room), Optional.empty());
    StreamTickets.Connection connection = () -> {};
    streamsOfA.onConnect("ticket", caller, "abc-7", connection);
    assertEquals(
        Optional.of(caller),
        streamsOfB.find("ticket", "abc-9").map(StreamTickets.ResumableStream::caller));
    assertEquals(Optional.empty(), streamsOfB.find("ticket", "xyz-9"));
    assertEquals(Optional.empty(), streamsOfB.find("other", "abc-9"));

    streamsOfA.onDisconnect("ticket", connection);
    now = now.plusSeconds(FixedServiceLimits.EVENT_RESUME_SECONDS_MAX);
    assertEquals(Optional.empty(), streamsOfB.find("ticket", "abc-9"));

    streamsOfA.onConnect("second", caller, "abc-7", connection);
    streamsOfA.close(_ -> true);
    assertEquals(Optional.empty(), streamsOfB.find("second", "abc-9"));
  }

  @DisplayName("decisions about the people of a room are taken one after the other on all nodes")
  @Test
  void decisionsOfARoomAreSerialized() throws Exception {
    var nodes = List.of(locks(), locks());
    var inside = new AtomicInteger();
    var decided = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var decisions = new ArrayList<Callable<Void>>();
      for (var i = 0; i < 8; i++) {
        var node = nodes.get(i % 2);
        decisions.add(
            () -> {
              try (var _ = node.acquire("room")) {
                assertEquals(1, inside.incrementAndGet());
                LockSupport.parkNanos(1_000);
                inside.decrementAndGet();
                decided.incrementAndGet();
              } catch (ProblemException e) {
                assertEquals(503, e.problem().status());
              }
              return null;
            });
      }
      for (var decision : threads.invokeAll(decisions)) {
        decision.get();
      }
    }
    assertTrue(decided.get() > 0);
  }

  @DisplayName(
      "a node that dies in a decision leaves a lock that expires; others get 503 until then")
  @Test
  void lockOfADeadNodeExpires() {
    var dead = locks().acquire("room");
    var refused = assertThrows(ProblemException.class, () -> locks().acquire("room"));
    assertEquals(503, refused.problem().status());
    now = now.plusSeconds(FixedServiceLimits.DECISION_LOCK_SECONDS);
    locks().acquire("room").close();
    dead.close();
  }

  private RoomLocks locks() {
    return new RoomLocks(Optional.of(brief), _ -> LockSupport.parkNanos(1_000));
  }
}
