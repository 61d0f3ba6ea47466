package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person takes part in a room with a JSON Web Token of a configured issuer. */
class JwtIT {

  private static String claims(String subject, long seconds) {
    return "{\"iss\":\"https://issuer.example\",\"aud\":\"parlor\",\"sub\":\""
        + subject
        + "\",\"name\":\"Ada Lovelace\",\"exp\":"
        + Instant.now().plusSeconds(seconds).getEpochSecond()
        + "}";
  }

  @Test
  @DisplayName(
      "[AC11] a valid JWT is accepted as an identity, an expired one is refused, a removal applies")
  void personWithAJwtTakesPart(@TempDir Path folder) throws Exception {
    var key = Issuer.Key.make(Kind.ES256, "one");
    try (var issuer = new Issuer()) {
      issuer.serve(key);
      var settings =
          Map.of(
              "PARLOR_JWT_JWKS_URL", issuer.url().toString(),
              "PARLOR_JWT_ISSUER", "https://issuer.example",
              "PARLOR_JWT_AUDIENCE", "parlor");
      try (var server = TestServer.start(folder, settings)) {
        var room = server.room("A room");
        var ada = new TestServer.Person("jwt:u1", key.token(claims("u1", 600)));
        var joined = room.withLink("player", ada).post("/join", "{}");
        assertEquals(200, joined.statusCode(), joined.body());
        assertEquals("jwt:u1", json(joined).path("identity").asText());
        assertEquals("Ada Lovelace", json(joined).path("participant").path("name").asText());
        var message = room.withLink("player", ada).post("/chat", "{\"text\":\"hello\"}");
        assertEquals("jwt:u1", json(message).path("by").asText());

        var expired = new TestServer.Person("jwt:u1", key.token(claims("u1", -600)));
        var refused = room.withLink("player", expired).post("/join", "{}");
        assertProblem(401, "bad-jwt", refused);
        assertEquals("AC11", json(refused).path("rule").asText());

        var host = room.join("host", server.person("Bo"));
        assertEquals(200, host.post("/participants/jwt:u1/kick", "{}").statusCode());
        assertProblem(403, "kicked", room.withLink("player", ada).post("/join", "{}"));
      }
    }
  }
}
