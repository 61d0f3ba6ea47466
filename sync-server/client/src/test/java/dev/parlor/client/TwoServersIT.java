package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.client.connection.ConnectionState;
import dev.parlor.client.connection.Timing;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.interop.NodeProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The client against real processes of both servers, beside an unmodified automerge-repo client.
 */
@Execution(ExecutionMode.CONCURRENT)
class TwoServersIT {

  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final Path LIST = Path.of("list");

  /** Short pauses, so that a test does not wait for them. */
  private static final Timing TIMING =
      new Timing(
          Duration.ofMillis(50),
          Duration.ofMillis(200),
          Duration.ofMillis(50),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("");

  @ParameterizedTest(name = "{0}")
  @EnumSource(ServerUnderTest.Kind.class)
  @DisplayName(
      "offline edits of a JVM client and of an unmodified client merge after kill -9 of the server;"
          + " Parlor saves them, and of the reference server that is unknown")
  void offlineEditsMerge(ServerUnderTest.Kind kind) throws Exception {
    var told = kind == ServerUnderTest.Kind.PARLOR ? SaveState.SAVED : SaveState.UNKNOWN;
    try (var server = ServerUnderTest.start(kind, folder.resolve("server"));
        var repo = builder(server).store(folder.resolve("client")).open()) {
      var handle =
          repo.create(
              new Edit.Put(Path.of("title"), Value.text("from the JVM")),
              new Edit.Put(LIST, Value.list(List.of())));
      assertEquals(told, handle.awaitSaved(WAIT_MAX));
      var ephemeral = new CompletableFuture<Map<?, ?>>();
      try (var js = NodeProcess.scenario("jvm-client", server.url(), handle.url());
          var _ = handle.onEphemeral(message -> ephemeral.complete(message.content()))) {
        js.expect("online");
        await(handle, list -> list.size() == 1);
        handle.sendEphemeral(Map.of("cursor", 3));
        assertEquals(Map.of("cursor", 4L), ephemeral.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS));
        handle.change(new Edit.Append(LIST, Value.text("jvm online")));
        js.expect("ready");
        assertEquals(told, handle.awaitSaved(WAIT_MAX));

        server.kill();
        js.go();
        js.expect("offline");
        handle.change(new Edit.Append(LIST, Value.text("jvm offline")));
        assertEquals(SaveState.PENDING, handle.saveState());
        server.restart();
        js.expect("document");
        js.succeeds();
      }
      await(handle, list -> list.size() == 4);
      assertEquals(told, handle.awaitSaved(WAIT_MAX));
      try (var other = builder(server).open()) {
        var found = other.find(handle.id(), WAIT_MAX);
        await(found, list -> list.size() == 4);
        assertEquals(handle.root(), found.root());
        var unknown = DocumentId.of(Bytes.utf8("nobody has this"));
        assertThrows(DocumentUnavailableException.class, () -> other.find(unknown, WAIT_MAX));
        assertInstanceOf(ConnectionState.Connected.class, other.connection());
      }
    }
  }

  private static RepoBuilder builder(ServerUnderTest server) {
    return Repo.builder().server(server.url()).timing(TIMING);
  }

  /** Waits until the list in the document meets the condition. */
  private static void await(DocumentHandle handle, Predicate<List<Value>> condition)
      throws Exception {
    var met = new CompletableFuture<Void>();
    Runnable check =
        () -> {
          if (handle.read(LIST).orElseThrow() instanceof Value.ListOf(var items)
              && condition.test(items)) {
            met.complete(null);
          }
        };
    try (var _ = handle.onChange(_ -> check.run())) {
      check.run();
      met.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
