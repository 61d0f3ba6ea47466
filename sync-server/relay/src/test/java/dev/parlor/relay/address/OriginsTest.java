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
    assertTrue(
        behindProxy.mayOpenSocket(Optional.of("https://parlor.example"), "127.0.0.1:8787", false));
    assertFalse(
        behindProxy.mayOpenSocket(Optional.of("http://parlor.example"), "127.0.0.1:8787", false));
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
    assertTrue(loopback.mayOpenSocket(Optional.empty(), host, false));
    assertTrue(loopback.mayOpenSocket(Optional.of("http://127.0.0.1:8787"), host, false));
    assertTrue(loopback.mayOpenSocket(Optional.of("http://localhost:5173"), host, false));
    for (var origin :
        List.of(
            "null",
            "http://127.0.0.1:9999",
            "http://evil.example",
            "http://127.0.0.1:8787.evil.example",
            "file://127.0.0.1:8787")) {
      assertFalse(loopback.mayOpenSocket(Optional.of(origin), host, false), origin);
    }
    assertFalse(
        loopback.mayOpenSocket(Optional.of("http://evil.example:8787"), "evil.example:8787", false),
        "after DNS rebinding, origin and Host header agree but do not name this server");
  }

  @Test
  @DisplayName(
      "[WS5] with TLS the server's own origin must have https; without TLS, http and https are accepted")
  void ownOriginHasHttpsIfTheServerUsesTls() {
    var tls = new Origins("127.0.0.1", Optional.empty(), List.of(), true, _ -> false);
    var host = "127.0.0.1:8787";
    assertTrue(tls.mayOpenSocket(Optional.of("https://127.0.0.1:8787"), host, false));
    assertFalse(tls.mayOpenSocket(Optional.of("http://127.0.0.1:8787"), host, false));
    assertTrue(loopback.mayOpenSocket(Optional.of("https://127.0.0.1:8787"), host, false));
    assertEquals(Optional.of("https://127.0.0.1:8787"), tls.proofOrigin(Optional.empty(), host));
    assertEquals(
        Optional.of("http://127.0.0.1:8787"), loopback.proofOrigin(Optional.empty(), host));
    assertEquals(Optional.empty(), tls.proofOrigin(Optional.of("http://127.0.0.1:8787"), host));
  }

  @Test
  @DisplayName(
      "[WS5] the origins of apps with their own schemes may open sockets if they are listed")
  void listedAppsMayOpenSockets() {
    var apps =
        new Origins(
            "127.0.0.1", Optional.empty(), List.of("capacitor://localhost", "tauri://localhost"));
    var host = "127.0.0.1:8787";
    assertTrue(apps.mayOpenSocket(Optional.of("capacitor://localhost"), host, false));
    assertTrue(apps.mayOpenSocket(Optional.of("tauri://localhost"), host, false));
    assertFalse(apps.mayOpenSocket(Optional.of("ionic://localhost"), host, true));
    assertFalse(loopback.mayOpenSocket(Optional.of("capacitor://localhost"), host, true));
  }

  @Test
  @DisplayName("[WS5] the origin null counts only in a list, and only for a request with a secret")
  void nullNeedsASecret() {
    var host = "127.0.0.1:8787";
    for (var listed : List.of("null", "*")) {
      var origins = new Origins("127.0.0.1", Optional.empty(), List.of(listed));
      assertTrue(origins.mayOpenSocket(Optional.of("null"), host, true), listed);
      assertFalse(origins.mayOpenSocket(Optional.of("null"), host, false), listed);
      assertEquals(Optional.empty(), origins.proofOrigin(Optional.of("null"), host), listed);
    }
    assertFalse(loopback.mayOpenSocket(Optional.of("null"), host, true));
  }

  @Test
  @DisplayName("[WS5] the pages of published apps open no socket, even if every origin is allowed")
  void appsMayNeverConnect() {
    var origins =
        new Origins(
            "127.0.0.1",
            Optional.empty(),
            List.of("*", "https://notes--ada.apps.example"),
            false,
            host -> host.endsWith(".apps.example"));
    var host = "127.0.0.1:8787";
    for (var origin : List.of("https://notes--ada.apps.example", "HTTPS://x--y.apps.example")) {
      assertFalse(origins.mayOpenSocket(Optional.of(origin), host, true), origin);
      assertEquals(Optional.empty(), origins.proofOrigin(Optional.of(origin), host), origin);
    }
    assertTrue(origins.mayOpenSocket(Optional.of("https://other.example"), host, false));
  }
}
