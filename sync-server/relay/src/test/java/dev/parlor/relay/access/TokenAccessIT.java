package dev.parlor.relay.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.health.Masking;
import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.socket.OnEachTransport;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import dev.parlor.relay.token.JwtKeys;
import dev.parlor.relay.token.JwtVerifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access by token, with unmodified automerge-repo clients and the backend of docs/relay.md. */
@OnEachTransport
class TokenAccessIT {
  private static final Issuer.Key KEY = Issuer.Key.make(Kind.EdDSA, "app");

  @TempDir private Path folder = Path.of("replaced by JUnit");
  private final SocketTransport transport;

  TokenAccessIT(SocketTransport transport) {
    this.transport = transport;
  }

  private Path privateKey() throws Exception {
    return Files.writeString(
        folder.resolve("private.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(KEY.pair().getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
  }

  private RelayConfig config() {
    var issuer =
        new SyncSettings.Issuer(
            new SyncSettings.Keys.PemFile(KEY.pem(folder)),
            Optional.of("my-app"),
            Optional.empty());
    return RelayConfig.onLoopback(folder.resolve("data"))
        .withSockets(transport)
        .withSync(
            new SyncSettings(SyncSettings.Access.TOKEN, Optional.of(issuer), Optional.empty()));
  }

  @Test
  @DisplayName(
      "[TK1] [TK2] [TK3] clients with tokens of an app's backend create, write and read what the"
          + " tokens say, and nothing else")
  void clientsOfAnApp() throws Exception {
    try (var relay = Relay.start(config());
        var node = NodeProcess.scenario("tokens", relay.url(), privateKey())) {
      var token = node.expect("token").replace("\"", "");
      node.expect("passed");
      node.succeeds();
      assertTrue(token.startsWith("eyJ"), token);
      for (var text : new String[] {"/sync/a/" + token, "/sync?access_token=" + token}) {
        assertFalse(Masking.mask("GET " + text + " HTTP/1.1").contains(token), text);
      }
    }
  }

  @Test
  @DisplayName("[TK4] the connection is closed with 4002 when its token expires")
  void expiry() throws Exception {
    var now = Instant.ofEpochSecond(1_000_000);
    var verifier =
        new JwtVerifier(
            JwtKeys.ofPem(KEY.pem(folder)), Optional.empty(), Optional.empty(), () -> now);
    // With the allowed difference of clocks, this token is valid for another millisecond.
    var clock = now.plusSeconds(60).minusMillis(1);
    var store = new dev.parlor.relay.document.HeldStore();
    var tokens =
        new TokenAccess(verifier, new DocumentOwners(store), Optional.empty(), () -> clock);
    var token = KEY.token("{\"sub\":\"ada\",\"exp\":1000000}");
    var setup =
        new RelayFixture.Setup(transport)
            .store(store)
            .authenticator(request -> tokens.authenticate(request.path().substring(8)));
    try (var relay = RelayFixture.start(setup);
        var client = RawClient.connect(relay.url("/sync/a/" + token))) {
      assertEquals(4002, client.awaitClose().code());
    }
  }
}
