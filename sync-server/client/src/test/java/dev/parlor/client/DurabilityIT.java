package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.connection.Timing;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.document.HeldStore;
import dev.parlor.relay.socket.RelayFixture;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When the client says that changes are saved, against a relay whose commits the test controls. */
class DurabilityIT {

  private static final Duration WAIT_MAX = Duration.ofSeconds(30);
  private static final Path N = Path.of("n");

  private static final Timing TIMING =
      new Timing(
          Duration.ofMillis(20),
          Duration.ofMillis(50),
          Duration.ZERO,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  private static Repo repo(RelayFixture relay) {
    return Repo.builder().server(relay.url()).timing(TIMING).open();
  }

  private static Edit put(int number) {
    return new Edit.Put(N, Value.of(number));
  }

  /** Waits until the document has this number. */
  private static void await(DocumentHandle handle, int number) throws Exception {
    var seen = new CompletableFuture<Void>();
    Runnable check =
        () -> {
          if (handle.read(N).equals(Optional.of(Value.of(number)))) {
            seen.complete(null);
          }
        };
    try (var _ = handle.onChange(_ -> check.run())) {
      check.run();
      seen.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  @DisplayName(
      "[DU1] while the relay does not commit, another client has the change, and its author is not"
          + " told \"saved\"; after the commit the author is told")
  void savedOnlyAfterTheCommit() throws Exception {
    var store = new HeldStore();
    try (var relay = RelayFixture.start(new RelayFixture.Setup().store(store));
        var ada = repo(relay);
        var bob = repo(relay)) {
      var adas = ada.create(put(1));
      assertEquals(SaveState.SAVED, adas.awaitSaved(WAIT_MAX));
      var bobs = bob.find(adas.id(), WAIT_MAX);
      store.hold();
      adas.change(put(2));
      var saved = adas.saved();
      await(bobs, 2);
      assertEquals(1, store.held());
      assertFalse(saved.isDone());
      assertEquals(SaveState.PENDING, adas.saveState());
      store.release();
      assertEquals(SaveState.SAVED, saved.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS));
      assertEquals(SaveState.SAVED, adas.saveState());
    }
  }

  @Test
  @DisplayName(
      "[DU1] a change that a crash of the relay lost before the commit was never \"saved\"; its"
          + " author brings it again, and then it is")
  void lostBeforeTheCommit() throws Exception {
    var store = new HeldStore();
    var first = RelayFixture.start(new RelayFixture.Setup().store(store));
    try (var ada = repo(first);
        var bob = repo(first)) {
      var adas = ada.create(put(1));
      assertEquals(SaveState.SAVED, adas.awaitSaved(WAIT_MAX));
      var bobs = bob.find(adas.id(), WAIT_MAX);
      store.hold();
      adas.change(put(2));
      var saved = adas.saved();
      await(bobs, 2);
      var port = first.port();
      first.crash();
      store.crash();
      assertFalse(saved.isDone());
      try (var second = RelayFixture.start(new RelayFixture.Setup().store(store).port(port))) {
        assertEquals(SaveState.SAVED, saved.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS));
        try (var eve = repo(second)) {
          assertEquals(Optional.of(Value.of(2)), eve.find(adas.id(), WAIT_MAX).read(N));
        }
      }
    }
  }

  @Test
  @DisplayName(
      "[AD3] a refused change is told as a problem, its document is never \"saved\", and other"
          + " documents go on")
  void refusedChange() throws Exception {
    var changes = Limits.defaults().changes();
    var limits =
        Limits.defaults()
            .with(
                new Limits.Changes(
                    64 << 10,
                    changes.bytesPerDocumentMax(),
                    changes.changesPerDocumentMax(),
                    changes.operationsPerChangeMax(),
                    changes.operationsPerDocumentMax(),
                    changes.stringBytesMax()));
    try (var relay = RelayFixture.start(new RelayFixture.Setup().limits(limits));
        var repo = repo(relay)) {
      var handle = repo.create(put(1));
      assertEquals(SaveState.SAVED, handle.awaitSaved(WAIT_MAX));
      var told = new CompletableFuture<Problem>();
      try (var _ = repo.onProblem(told::complete)) {
        handle.change(new Edit.Put(Path.of("long"), new Value.Blob(randomBytes(100_000))));
        var failure =
            assertThrows(
                ExecutionException.class,
                () -> handle.saved().get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS));
        assertInstanceOf(ChangeRefusedException.class, failure.getCause());
        var problem = told.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        assertEquals(Problem.Kind.CHANGE_REFUSED, problem.kind());
        assertTrue(problem.description().startsWith("[AD3]"), problem.description());
      }
      assertEquals(SaveState.REFUSED, handle.saveState());
      handle.change(put(2));
      assertEquals(SaveState.REFUSED, handle.awaitSaved(WAIT_MAX));
      assertEquals(SaveState.SAVED, repo.create(put(1)).awaitSaved(WAIT_MAX));
    }
  }

  private static Bytes randomBytes(int count) {
    var bytes = new byte[count];
    new Random(1).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
