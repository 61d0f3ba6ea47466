package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.config.Secret;
import dev.parlor.room.http.AdminAuthorizer.Decision;
import dev.parlor.room.http.AdminAuthorizer.AdminRequest;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdminAuthorizerTest {

  private static final String TOKEN = "a token of the operator";

  private final AdminAuthorizer open = new AdminAuthorizer(Optional.empty(), Optional.empty());

  /** A request of a program on this machine. */
  private static AdminRequest curl(String host) {
    return new AdminRequest(
        false,
        true,
        List.of("host", "accept"),
        List.of(host),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static AdminRequest with(AdminRequest request, String header) {
    return new AdminRequest(
        false,
        true,
        List.of("host", header),
        request.hosts(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static AdminRequest page(String host, List<String> origins, List<String> fetchSite) {
    return new AdminRequest(
        false, true, List.of("host"), List.of(host), origins, fetchSite, Optional.empty());
  }

  private static AdminRequest showing(String token) {
    return new AdminRequest(
        false,
        true,
        List.of("host"),
        List.of("localhost"),
        List.of(),
        List.of(),
        Optional.of(token));
  }

  @DisplayName("a program on the server's machine is allowed without a token")
  @Test
  void programsOnThisMachineAreAllowed() {
    for (var host : List.of("127.0.0.1:8787", "localhost", "LOCALHOST:1", "[::1]:8787", "[::1]")) {
      assertEquals(Decision.ALLOWED, open.answer(curl(host)), host);
    }
  }

  @DisplayName("a request from another machine is refused")
  @Test
  void otherMachinesAreRefused() {
    var request = curl("localhost");
    assertEquals(
        Decision.HIDDEN,
        open.answer(
            new AdminRequest(
                false,
                false,
                request.headerNames(),
                request.hosts(),
                request.origins(),
                request.fetchSites(),
                Optional.empty())));
  }

  @DisplayName("a host name that only resembles a loopback name is refused")
  @Test
  void hostNamesThatResembleLoopbackAreRefused() {
    for (var host :
        List.of(
            "parlor.example",
            "127.0.0.1.evil.example",
            "127.evil.example",
            "localhost.evil.example:8787",
            "localhost:evil",
            "[::1]evil",
            "0.0.0.0:8787",
            "")) {
      assertEquals(Decision.HIDDEN, open.answer(curl(host)), host);
    }
    assertEquals(
        Decision.HIDDEN,
        open.answer(
            new AdminRequest(
                false,
                true,
                List.of("host"),
                List.of("localhost", "parlor.example"),
                List.of(),
                List.of(),
                Optional.empty())));
    assertEquals(
        Decision.HIDDEN,
        open.answer(
            new AdminRequest(false, true, List.of(), List.of(), List.of(), List.of(), Optional.empty())));
  }

  @DisplayName("a request through a reverse proxy on the same machine is refused")
  @Test
  void requestsThroughALocalReverseProxyAreRefused() {
    for (var header :
        List.of(
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "forwarded",
            "via",
            "x-real-ip")) {
      assertEquals(Decision.HIDDEN, open.answer(with(curl("127.0.0.1:8787"), header)), header);
    }
  }

  @DisplayName("with a public URL every request needs a token")
  @Test
  void publicUrlRequiresAToken() {
    var url = Optional.of(URI.create("https://parlor.example"));
    assertEquals(
        Decision.HIDDEN, new AdminAuthorizer(Optional.empty(), url).answer(curl("127.0.0.1:8787")));
    var withToken = new AdminAuthorizer(Optional.of(new Secret(TOKEN)), url);
    assertEquals(Decision.ALLOWED, withToken.answer(showing(TOKEN)));
    assertEquals(Decision.TOKEN_MISSING, withToken.answer(curl("127.0.0.1:8787")));
    var here = Optional.of(URI.create("http://127.0.0.1:8787"));
    assertEquals(
        Decision.ALLOWED, new AdminAuthorizer(Optional.empty(), here).answer(curl("localhost")));
  }

  @DisplayName("of all web pages only the server's own page is allowed")
  @Test
  void onlyTheServersOwnPageIsAllowed() {
    var host = "127.0.0.1:8787";
    assertEquals(
        Decision.ALLOWED,
        open.answer(page(host, List.of("http://127.0.0.1:8787"), List.of("same-origin"))));
    for (var origin :
        List.of(
            "http://evil.example",
            "null",
            "http://127.0.0.1:9999",
            "http://localhost:8787",
            "https://127.0.0.1:8787",
            "")) {
      assertEquals(Decision.HIDDEN, open.answer(page(host, List.of(origin), List.of())), origin);
    }
    // An image request of another page: it has no Origin header, but the browser names its site.
    assertEquals(Decision.HIDDEN, open.answer(page(host, List.of(), List.of("cross-site"))));
    assertEquals(Decision.HIDDEN, open.answer(page(host, List.of(), List.of("same-site"))));
    assertEquals(Decision.ALLOWED, open.answer(page(host, List.of(), List.of("none"))));
  }

  @DisplayName("over TLS only the page with https is the server's own")
  @Test
  void overTlsOnlyTheHttpsPageIsTheServersOwn() {
    var host = "127.0.0.1:8787";
    for (var origin : List.of("https://127.0.0.1:8787", "http://127.0.0.1:8787")) {
      var request =
          new AdminRequest(
              true,
              true,
              List.of("host"),
              List.of(host),
              List.of(origin),
              List.of(),
              Optional.empty());
      assertEquals(
          origin.startsWith("https") ? Decision.ALLOWED : Decision.HIDDEN, open.answer(request), origin);
    }
  }

  @DisplayName("a configured token must match as a whole")
  @Test
  void configuredTokenMustMatchWhole() {
    var authorizer = new AdminAuthorizer(Optional.of(new Secret(TOKEN)), Optional.empty());
    assertEquals(Decision.ALLOWED, authorizer.decide(showing(TOKEN)));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(showing(TOKEN + "x")));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(showing(TOKEN.substring(1))));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(showing("")));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(curl("localhost")));
    assertEquals(Decision.HIDDEN, authorizer.decide(with(showing(TOKEN), "x-forwarded-for")));
  }
}
