package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.connection.ConnectionEnd;
import dev.parlor.client.connection.ConnectionState;
import dev.parlor.client.connection.ServerAddress;
import dev.parlor.client.connection.Timing;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.token.Issuer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client at a relay that asks for tokens. */
class TokensIT {

  private static final Duration WAIT_MAX = Duration.ofSeconds(30);
  private static final Path N = Path.of("n");
  private static final Issuer.Key KEY = Issuer.Key.make(Issuer.Kind.EdDSA, "app");
  private static final long EXPIRED = 1_000_000;
  private static final long VALID = 9_000_000_000L;

  private static final Timing TIMING =
      new Timing(
          Duration.ofMillis(20),
          Duration.ofMillis(50),
          Duration.ZERO,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("");

  private Relay relay() throws Exception {
    var issuer =
        new SyncSettings.Issuer(
            new SyncSettings.Keys.PemFile(KEY.pem(folder)), Optional.empty(), Optional.empty());
    return Relay.start(
        RelayConfig.onLoopback(folder.resolve("data"))
            .withSync(
                new SyncSettings(
                    SyncSettings.Access.TOKEN, Optional.of(issuer), Optional.empty())));
  }

  private static URI address(Relay relay, String subject, long expires, String permission) {
    var token =
        KEY.token(
            "{\"sub\":\"%s\",\"exp\":%d,\"documents\":{\"*\":\"%s\"},\"create\":true}"
                .formatted(subject, expires, permission));
    return URI.create(relay.url() + "/a/" + token);
  }

  private static Edit put(int number) {
    return new Edit.Put(N, Value.of(number));
  }

  @Test
  @DisplayName(
      "[TK4] after an expired token the client asks for another address and connects; with a fixed"
          + " address it stops and says why")
  void expiredToken() throws Exception {
    try (var relay = relay()) {
      var ends = new ArrayList<Optional<ConnectionEnd>>();
      ServerAddress addresses =
          last -> {
            ends.add(last);
            return address(relay, "ada", last.isEmpty() ? EXPIRED : VALID, "own");
          };
      try (var repo = Repo.builder().server(addresses).timing(TIMING).open()) {
        assertEquals(SaveState.SAVED, repo.create(put(1)).awaitSaved(WAIT_MAX));
        assertEquals(2, ends.size());
        assertEquals(Optional.empty(), ends.getFirst());
        var end = assertInstanceOf(ConnectionEnd.Closed.class, ends.getLast().orElseThrow());
        assertEquals(4002, end.code());
        var id = repo.create(put(1)).id();
        var fixed = address(relay, "ada", EXPIRED, "own");
        try (var other = Repo.builder().server(fixed).timing(TIMING).open()) {
          var failure =
              assertThrows(DocumentUnavailableException.class, () -> other.find(id, WAIT_MAX));
          assertTrue(String.valueOf(failure.getMessage()).contains("4002"), failure::toString);
          assertInstanceOf(ConnectionState.Stopped.class, other.connection());
        }
      }
    }
  }

  @Test
  @DisplayName(
      "[AD5] a client that may only read receives everything; its own change is refused, and is"
          + " kept in its copy")
  void readOnly() throws Exception {
    try (var relay = relay();
        var owner = repo(address(relay, "ada", VALID, "own"));
        var reader = repo(address(relay, "bob", VALID, "read"))) {
      var owned = owner.create(put(1));
      assertEquals(SaveState.SAVED, owned.awaitSaved(WAIT_MAX));
      var read = reader.find(owned.id(), WAIT_MAX);
      read.change(new Edit.Put(Path.of("mine"), Value.of(true)));
      assertEquals(SaveState.REFUSED, read.awaitSaved(WAIT_MAX));
      var seen = new CompletableFuture<List<?>>();
      try (var _ = read.onChange(event -> seen.complete(event.after()))) {
        owned.change(put(2));
        seen.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
      }
      assertEquals(Optional.of(Value.of(2)), read.read(N));
      assertEquals(Optional.of(Value.of(true)), read.read(Path.of("mine")));
      assertEquals(Optional.empty(), owned.read(Path.of("mine")));
    }
  }

  private static Repo repo(URI address) {
    return Repo.builder().server(address).timing(TIMING).open();
  }
}
