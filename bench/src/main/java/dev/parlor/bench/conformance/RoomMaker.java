package dev.parlor.bench.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Makes rooms over the server's HTTP interface, if it has one. */
final class RoomMaker {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(5);
  private static final int CREATED = 201;

  private RoomMaker() {}

  /** A room with its sync addresses by role. */
  record Room(DocumentId document, JsonNode syncAddresses, SSLContext trust) {
    Target syncTarget(String role) {
      return Target.parse(syncAddresses.path(role).asText(), trust);
    }
  }

  static Room make(Probe probe) throws IOException {
    var trust = probe.target().tls().orElseGet(TlsTrust::ofJava);
    try (var http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trust).build()) {
      var owner = post(http, probe.target(), "/api/identities", "{}", "");
      var token = owner.path("token").asText();
      var room = post(http, probe.target(), "/api/rooms", "{\"title\":\"Conformance\"}", token);
      var document = DocumentId.parse(room.path("documentId").asText()).orElseThrow();
      return new Room(document, room.path("sync"), trust);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Finding("an answer over HTTP", "an interruption");
    }
  }

  private static JsonNode post(
      HttpClient http, Target target, String path, String body, String token)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(target.origin() + path))
            .timeout(ANSWER_TIME_MAX)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    var response = http.send(request.build(), BodyHandlers.ofString());
    return Optional.of(response)
        .filter(answer -> answer.statusCode() == CREATED)
        .map(answer -> read(answer.body()))
        .orElseThrow(() -> new NotOfferedException("no rooms are made over HTTP"));
  }

  private static JsonNode read(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException _) {
      throw new NotOfferedException("no rooms are made over HTTP");
    }
  }
}
