package dev.parlor.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Makes an identity, if there is none, and joins the room over HTTP. */
final class RoomAccess {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final HttpClient http;
  private final ObjectMapper json;
  private final RoomAddress address;

  RoomAccess(HttpClient http, ObjectMapper json, RoomAddress address) {
    this.http = http;
    this.json = json;
    this.address = address;
  }

  /** The token of a new identity. */
  String newToken(String name) {
    var body = json.createObjectNode().put("name", name);
    return post(address.api("/identities"), body, "").path("token").asText();
  }

  void join(String token, String name) {
    var body = json.createObjectNode();
    if (!name.isEmpty()) {
      body.put("name", name);
    }
    var _ = post(address.room("/join"), body, token);
  }

  private JsonNode post(URI url, JsonNode body, String token) {
    var request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("Parlor-Key", address.key())
            .POST(BodyPublishers.ofString(body.toString()));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      var response = http.send(request.build(), BodyHandlers.ofString());
      var answer = json.readTree(response.body());
      if (response.statusCode() >= 300) {
        throw new TerminalException(answer.path("detail").asText("the server refused the request"));
      }
      return answer;
    } catch (IOException e) {
      throw new TerminalException("the server at " + address.server() + " does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TerminalException("interrupted");
    }
  }
}
