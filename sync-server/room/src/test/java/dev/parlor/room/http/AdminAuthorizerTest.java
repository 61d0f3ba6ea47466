package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.config.Secret;
import dev.parlor.room.http.AdminAuthorizer.AdminRequest;
import dev.parlor.room.http.AdminAuthorizer.Decision;
import dev.parlor.room.http.Administration.OldToken;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdminAuthorizerTest {

  private static final String TOKEN = "a token of the operator";

  private final AdminAuthorizer withoutToken = authorizer(Optional.empty(), Optional.empty());

  private static AdminAuthorizer authorizer(Optional<Secret> token, Optional<URI> publicUrl) {
    return new AdminAuthorizer(token, Optional.empty(), publicUrl, InstantSource.system());
  }

  /** A request of a program on this machine. */
  private static AdminRequest localRequest(String host) {
    return new AdminRequest(
        false,
        true,
        List.of("host", "accept"),
        List.of(host),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static AdminRequest withHeader(AdminRequest request, String header) {
    return new AdminRequest(
        false,
        true,
        List.of("host", header),
        request.hosts(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static AdminRequest pageRequest(
      String host, List<String> origins, List<String> fetchSites) {
    return new AdminRequest(
        false, true, List.of("host"), List.of(host), origins, fetchSites, Optional.empty());
  }

  private static AdminRequest requestWithToken(String token) {
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
      assertEquals(Decision.ALLOWED, withoutToken.decide(localRequest(host)), host);
    }
  }

  @DisplayName("a request from another machine is refused")
  @Test
  void otherMachinesAreRefused() {
    var request = localRequest("localhost");
    assertEquals(
        Decision.HIDDEN,
        withoutToken.decide(
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
      assertEquals(Decision.HIDDEN, withoutToken.decide(localRequest(host)), host);
    }
    assertEquals(
        Decision.HIDDEN,
        withoutToken.decide(
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
        withoutToken.decide(
            new AdminRequest(
                false, true, List.of(), List.of(), List.of(), List.of(), Optional.empty())));
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
      assertEquals(
          Decision.HIDDEN,
          withoutToken.decide(withHeader(localRequest("127.0.0.1:8787"), header)),
          header);
    }
  }

  @DisplayName("with a public URL on another host every request needs a token")
  @Test
  void publicUrlRequiresAToken() {
    var url = Optional.of(URI.create("https://parlor.example"));
    assertEquals(
        Decision.HIDDEN, authorizer(Optional.empty(), url).decide(localRequest("127.0.0.1:8787")));
    var withToken = authorizer(Optional.of(new Secret(TOKEN)), url);
    assertEquals(Decision.ALLOWED, withToken.decide(requestWithToken(TOKEN)));
    assertEquals(Decision.TOKEN_MISSING, withToken.decide(localRequest("127.0.0.1:8787")));
    var here = Optional.of(URI.create("http://127.0.0.1:8787"));
    assertEquals(
        Decision.ALLOWED, authorizer(Optional.empty(), here).decide(localRequest("localhost")));
  }

  @DisplayName("of all web pages only the server's own page is allowed")
  @Test
  void onlyTheServersOwnPageIsAllowed() {
    var host = "127.0.0.1:8787";
    assertEquals(
        Decision.ALLOWED,
        withoutToken.decide(
            pageRequest(host, List.of("http://127.0.0.1:8787"), List.of("same-origin"))));
    for (var origin :
        List.of(
            "http://evil.example",
            "null",
            "http://127.0.0.1:9999",
            "http://localhost:8787",
            "https://127.0.0.1:8787",
            "")) {
      assertEquals(
          Decision.HIDDEN,
          withoutToken.decide(pageRequest(host, List.of(origin), List.of())),
          origin);
    }
    // The request of an image by another page: it has Sec-Fetch-Site but no Origin.
    assertEquals(
        Decision.HIDDEN, withoutToken.decide(pageRequest(host, List.of(), List.of("cross-site"))));
    assertEquals(
        Decision.HIDDEN, withoutToken.decide(pageRequest(host, List.of(), List.of("same-site"))));
    assertEquals(
        Decision.ALLOWED, withoutToken.decide(pageRequest(host, List.of(), List.of("none"))));
  }

  @DisplayName("over TLS only the page with https counts as the server's own page")
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
          origin.startsWith("https") ? Decision.ALLOWED : Decision.HIDDEN,
          withoutToken.decide(request),
          origin);
    }
  }

  @DisplayName("a request needs exactly the configured token")
  @Test
  void configuredTokenMustMatchExactly() {
    var authorizer = authorizer(Optional.of(new Secret(TOKEN)), Optional.empty());
    assertEquals(Decision.ALLOWED, authorizer.decide(requestWithToken(TOKEN)));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(requestWithToken(TOKEN + "x")));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(requestWithToken(TOKEN.substring(1))));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(requestWithToken("")));
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(localRequest("localhost")));
    assertEquals(
        Decision.HIDDEN, authorizer.decide(withHeader(requestWithToken(TOKEN), "x-forwarded-for")));
  }

  @DisplayName("the token before a rotation is accepted beside the new token until its end time")
  @Test
  void oldTokenUntilItsEnd() {
    var until = Instant.parse("2027-01-31T12:00:00Z");
    var now = new AtomicReference<>(until.minusMillis(1));
    var authorizer =
        new AdminAuthorizer(
            Optional.of(new Secret(TOKEN)),
            Optional.of(new OldToken(new Secret(TOKEN + " before"), until)),
            Optional.empty(),
            now::get);
    assertEquals(Decision.ALLOWED, authorizer.decide(requestWithToken(TOKEN + " before")));
    assertEquals(Decision.ALLOWED, authorizer.decide(requestWithToken(TOKEN)));
    now.set(until);
    assertEquals(Decision.TOKEN_MISSING, authorizer.decide(requestWithToken(TOKEN + " before")));
    assertEquals(Decision.ALLOWED, authorizer.decide(requestWithToken(TOKEN)));
  }
}
