package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders of an app's backend to a relay without rooms. */
class AccessOrdersIT {
  private static final String TOKEN = "a-token-for-this-test-only";

  @TempDir private Path folder;

  private Relay relay(Optional<Secret> backendToken) throws Exception {
    var keys = new SyncSettings.Keys.PemFile(Issuer.Key.make(Kind.EdDSA, "app").pem(folder));
    var issuer = new SyncSettings.Issuer(keys, Optional.of("my-app"), Optional.empty());
    var sync =
        new SyncSettings(
            SyncSettings.Access.TOKEN,
            Optional.of(issuer),
            Optional.of(URI.create("http://127.0.0.1:1/")),
            backendToken);
    return Relay.start(RelayConfig.onLoopback(folder.resolve("data")).withSync(sync));
  }

  private static int order(Relay relay, String pathAndQuery, String... headers)
      throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://127.0.0.1:" + relay.port() + "/api/admin/access/" + pathAndQuery))
              .POST(BodyPublishers.noBody())
              .headers(headers);
      return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  @DisplayName(
      "the app's backend may order a relay to ask again, with its own token only, and no page of a"
          + " browser may")
  void orderNeedsTheToken() throws Exception {
    try (var relay = relay(Optional.of(new Secret(TOKEN)))) {
      String[] right = {"Authorization", "Bearer " + TOKEN};
      assertEquals(202, order(relay, "ada", right));
      assertEquals(202, order(relay, "ada?document=4NMNnkMhL8jXrdJ9jamS58PAVdXu", right));
      assertEquals(400, order(relay, "ada?document=x", right));
      assertEquals(404, order(relay, "ada", "Authorization", "Bearer " + TOKEN + "x"));
      assertEquals(404, order(relay, "ada", "Authorization", TOKEN));
      assertEquals(404, order(relay, "ada/x", right));
      assertEquals(404, order(relay, "ada", right[0], right[1], "Origin", relay.url().toString()));
    }
  }

  @Test
  @DisplayName("a relay without a token for its backend takes no orders")
  void withoutAToken() throws Exception {
    try (var relay = relay(Optional.empty())) {
      assertEquals(404, order(relay, "ada", "Authorization", "Bearer "));
    }
  }

  @Test
  @DisplayName("guesses of the token are limited: above the limit of orders a minute each gets 429")
  void guessesAreLimited() throws Exception {
    try (var relay = relay(Optional.of(new Secret(TOKEN)));
        var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + relay.port() + "/api/admin/access/ada"))
              .POST(BodyPublishers.noBody())
              .header("Authorization", "Bearer wrong")
              .build();
      var status = 404;
      for (var sent = 0;
          status == 404 && sent < 2 * FixedLimits.BACKEND_ORDERS_PER_MINUTE_MAX;
          sent++) {
        status = client.send(request, BodyHandlers.discarding()).statusCode();
      }
      assertEquals(429, status);
    }
  }
}
