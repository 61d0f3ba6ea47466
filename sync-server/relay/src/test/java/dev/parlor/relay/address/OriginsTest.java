package dev.parlor.relay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OriginsTest {
  private final Origins loopback =
      new Origins("127.0.0.1", Optional.empty(), List.of("http://localhost:5173"));

  @Test
  @DisplayName("a server on loopback accepts only the Host headers of loopback")
  void loopbackAcceptsOnlyItsOwnNames() {
    for (var host :
        List.of("localhost", "localhost:8787", "127.0.0.1:8787", "[::1]:8787", "LOCALHOST:1")) {
      assertTrue(loopback.isOurHost(host), host);
    }
    for (var host :
        List.of("", "evil.example", "evil.example:8787", "127.0.0.1.evil.example", "[::2]:8787")) {
      assertFalse(loopback.isOurHost(host), host);
    }
  }

  @Test
  @DisplayName("with a public URL the server also accepts its host and its origin")
  void publicUrlIsAccepted() {
    var behindProxy =
        new Origins("127.0.0.1", Optional.of(URI.create("https://parlor.example")), List.of());
    assertTrue(behindProxy.isOurHost("parlor.example"));
    assertTrue(behindProxy.mayOpenSocket(Optional.of("https://parlor.example"), "127.0.0.1:8787"));
    assertFalse(behindProxy.mayOpenSocket(Optional.of("http://parlor.example"), "127.0.0.1:8787"));
  }

  @Test
  @DisplayName("a server on all interfaces accepts every Host header, unless it has a public URL")
  void serverOnAllInterfacesAcceptsEveryHostWithoutAPublicUrl() {
    assertTrue(new Origins("0.0.0.0", Optional.empty(), List.of()).isOurHost("box.lan:8787"));
    var withPublicUrl =
        new Origins("0.0.0.0", Optional.of(URI.create("http://box.lan:8787")), List.of());
    assertTrue(withPublicUrl.isOurHost("box.lan:8787"));
    assertFalse(withPublicUrl.isOurHost("evil.example"));
  }

  @Test
  @DisplayName(
      "[WS5] the server's own origin, allowed origins and clients without an origin may open a socket")
  void ownAndAllowedOriginsMayOpenSockets() {
    var host = "127.0.0.1:8787";
    assertTrue(loopback.mayOpenSocket(Optional.empty(), host));
    assertTrue(loopback.mayOpenSocket(Optional.of("http://127.0.0.1:8787"), host));
    assertTrue(loopback.mayOpenSocket(Optional.of("http://localhost:5173"), host));
    for (var origin :
        List.of(
            "null",
            "http://127.0.0.1:9999",
            "http://evil.example",
            "http://127.0.0.1:8787.evil.example",
            "file://127.0.0.1:8787")) {
      assertFalse(loopback.mayOpenSocket(Optional.of(origin), host), origin);
    }
    assertFalse(
        loopback.mayOpenSocket(Optional.of("http://evil.example:8787"), "evil.example:8787"),
        "after DNS rebinding, origin and Host header agree but do not name this server");
  }

  @Test
  @DisplayName(
      "[WS5] with TLS the server's own origin must have https; without TLS, http and https are accepted")
  void ownOriginHasHttpsIfTheServerUsesTls() {
    var tls = new Origins("127.0.0.1", Optional.empty(), List.of(), true);
    var host = "127.0.0.1:8787";
    assertTrue(tls.mayOpenSocket(Optional.of("https://127.0.0.1:8787"), host));
    assertFalse(tls.mayOpenSocket(Optional.of("http://127.0.0.1:8787"), host));
    assertTrue(loopback.mayOpenSocket(Optional.of("https://127.0.0.1:8787"), host));
    assertEquals(Optional.of("https://127.0.0.1:8787"), tls.proofOrigin(Optional.empty(), host));
    assertEquals(
        Optional.of("http://127.0.0.1:8787"), loopback.proofOrigin(Optional.empty(), host));
    assertEquals(Optional.empty(), tls.proofOrigin(Optional.of("http://127.0.0.1:8787"), host));
  }
}
