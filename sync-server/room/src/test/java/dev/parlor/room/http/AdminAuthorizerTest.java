package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.config.Secret;
import dev.parlor.room.http.AdminAuthorizer.Answer;
import dev.parlor.room.http.AdminAuthorizer.Visit;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdminAuthorizerTest {

  private static final String TOKEN = "a token of the operator";

  private final AdminAuthorizer open = new AdminAuthorizer(Optional.empty(), Optional.empty());

  /** A request of a program on this machine. */
  private static Visit curl(String host) {
    return new Visit(
        false,
        true,
        List.of("host", "accept"),
        List.of(host),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static Visit with(Visit visit, String header) {
    return new Visit(
        false,
        true,
        List.of("host", header),
        visit.hosts(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static Visit page(String host, List<String> origins, List<String> fetchSite) {
    return new Visit(
        false, true, List.of("host"), List.of(host), origins, fetchSite, Optional.empty());
  }

  private static Visit showing(String token) {
    return new Visit(
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
      assertEquals(Answer.OPEN, open.answer(curl(host)), host);
    }
  }

  @DisplayName("a request from another machine is refused")
  @Test
  void otherMachinesAreRefused() {
    var visit = curl("localhost");
    assertEquals(
        Answer.HIDDEN,
        open.answer(
            new Visit(
                false,
                false,
                visit.headerNames(),
                visit.hosts(),
                visit.origins(),
                visit.fetchSite(),
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
      assertEquals(Answer.HIDDEN, open.answer(curl(host)), host);
    }
    assertEquals(
        Answer.HIDDEN,
        open.answer(
            new Visit(
                false,
                true,
                List.of("host"),
                List.of("localhost", "parlor.example"),
                List.of(),
                List.of(),
                Optional.empty())));
    assertEquals(
        Answer.HIDDEN,
        open.answer(
            new Visit(false, true, List.of(), List.of(), List.of(), List.of(), Optional.empty())));
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
      assertEquals(Answer.HIDDEN, open.answer(with(curl("127.0.0.1:8787"), header)), header);
    }
  }

  @DisplayName("with a public URL every request needs a token")
  @Test
  void publicUrlRequiresAToken() {
    var url = Optional.of(URI.create("https://parlor.example"));
    assertEquals(
        Answer.HIDDEN, new AdminAuthorizer(Optional.empty(), url).answer(curl("127.0.0.1:8787")));
    var withToken = new AdminAuthorizer(Optional.of(new Secret(TOKEN)), url);
    assertEquals(Answer.OPEN, withToken.answer(showing(TOKEN)));
    assertEquals(Answer.TOKEN_MISSING, withToken.answer(curl("127.0.0.1:8787")));
    var here = Optional.of(URI.create("http://127.0.0.1:8787"));
    assertEquals(
        Answer.OPEN, new AdminAuthorizer(Optional.empty(), here).answer(curl("localhost")));
  }

  @DisplayName("of all web pages only the server's own page is allowed")
  @Test
  void onlyTheServersOwnPageIsAllowed() {
    var host = "127.0.0.1:8787";
    assertEquals(
        Answer.OPEN,
        open.answer(page(host, List.of("http://127.0.0.1:8787"), List.of("same-origin"))));
    for (var origin :
        List.of(
            "http://evil.example",
            "null",
            "http://127.0.0.1:9999",
            "http://localhost:8787",
            "https://127.0.0.1:8787",
            "")) {
      assertEquals(Answer.HIDDEN, open.answer(page(host, List.of(origin), List.of())), origin);
    }
    // An image request of another page: it has no Origin header, but the browser names its site.
    assertEquals(Answer.HIDDEN, open.answer(page(host, List.of(), List.of("cross-site"))));
    assertEquals(Answer.HIDDEN, open.answer(page(host, List.of(), List.of("same-site"))));
    assertEquals(Answer.OPEN, open.answer(page(host, List.of(), List.of("none"))));
  }

  @DisplayName("over TLS only the page with https is the server's own")
  @Test
  void overTlsOnlyTheHttpsPageIsTheServersOwn() {
    var host = "127.0.0.1:8787";
    for (var origin : List.of("https://127.0.0.1:8787", "http://127.0.0.1:8787")) {
      var visit =
          new Visit(
              true,
              true,
              List.of("host"),
              List.of(host),
              List.of(origin),
              List.of(),
              Optional.empty());
      assertEquals(
          origin.startsWith("https") ? Answer.OPEN : Answer.HIDDEN, open.answer(visit), origin);
    }
  }

  @DisplayName("a configured token must match as a whole")
  @Test
  void configuredTokenMustMatchWhole() {
    var authorizer = new AdminAuthorizer(Optional.of(new Secret(TOKEN)), Optional.empty());
    assertEquals(Answer.OPEN, authorizer.answer(showing(TOKEN)));
    assertEquals(Answer.TOKEN_MISSING, authorizer.answer(showing(TOKEN + "x")));
    assertEquals(Answer.TOKEN_MISSING, authorizer.answer(showing(TOKEN.substring(1))));
    assertEquals(Answer.TOKEN_MISSING, authorizer.answer(showing("")));
    assertEquals(Answer.TOKEN_MISSING, authorizer.answer(curl("localhost")));
    assertEquals(Answer.HIDDEN, authorizer.answer(with(showing(TOKEN), "x-forwarded-for")));
  }
}
