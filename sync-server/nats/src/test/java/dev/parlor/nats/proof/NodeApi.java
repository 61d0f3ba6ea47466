package dev.parlor.nats.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The HTTP interface of one node, or of the proxy. */
public final class NodeApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

  private final String host;
  private final int port;

  public NodeApi(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** The interface of a node. */
  public static NodeApi of(ParlorProcess node) {
    return new NodeApi(node.host(), node.port());
  }

  /** An answer. */
  public record Answer(int status, JsonNode body) {

    /** The body of a success. */
    public JsonNode success() throws IOException {
      if (status >= 300) {
        throw new IOException("status " + status + ": " + body);
      }
      return body;
    }
  }

  /** A person with an identity, and the key of the link to a room. */
  public record Person(String identity, String token, String key) {}

  /**
   * Sends a POST.
   *
   * @param person who sends it; with empty texts, nobody
   * @param idempotencyKey empty for none
   */
  public Answer post(String path, String body, Person person, String idempotencyKey)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
            .header("Content-Type", "application/json")
            .timeout(ANSWER_MAX)
            .POST(BodyPublishers.ofString(body));
    if (!person.token().isEmpty()) {
      request.header("Authorization", "Bearer " + person.token());
    }
    if (!person.key().isEmpty()) {
      request.header("Parlor-Key", person.key());
    }
    if (!idempotencyKey.isEmpty()) {
      request.header("Idempotency-Key", idempotencyKey);
    }
    // A client of its own: a connection that is kept from before may be to a process that was
    // killed.
    try (var http = HttpClient.newHttpClient()) {
      var response = http.send(request.build(), BodyHandlers.ofString());
      var text = response.body();
      return new Answer(
          response.statusCode(),
          text.startsWith("{") ? JSON.readTree(text) : JSON.createObjectNode());
    }
  }

  /** Creates a room; its links and addresses. */
  public JsonNode createRoom(String title) throws IOException, InterruptedException {
    return post("/api/rooms", "{\"title\":\"" + title + "\"}", nobody(""), "").success();
  }

  /** Creates an identity and joins a room by one of its links. */
  public Person join(JsonNode room, String role, String name)
      throws IOException, InterruptedException {
    var link = room.path("links").path(role).asText();
    var key = link.substring(link.indexOf("k=") + 2);
    var person = identity(name, key);
    var _ =
        post(
                "/api/rooms/" + room.path("slug").asText() + "/join",
                "{\"name\":\"" + name + "\"}",
                person,
                "")
            .success();
    return person;
  }

  /** Creates an identity that shows the key of a link. */
  public Person identity(String name, String key) throws IOException, InterruptedException {
    var identity = post("/api/identities", "{\"name\":\"" + name + "\"}", nobody(""), "").success();
    return new Person(identity.path("identity").asText(), identity.path("token").asText(), key);
  }

  /** Asks the model; the id of the request. */
  public String ask(JsonNode room, Person person, String text)
      throws IOException, InterruptedException {
    return question(room, person, text).success().path("request").asText();
  }

  /** Asks the model; the answer of the node. */
  public Answer question(JsonNode room, Person person, String text)
      throws IOException, InterruptedException {
    var slug = room.path("slug").asText();
    var body = "{\"query\":\"room:" + slug + " " + text + "\"}";
    return post("/api/rooms/" + slug + "/generate", body, person, "");
  }

  /** A room's sync address for a role, at this node. */
  public String syncUrl(JsonNode room, String role) {
    var url = URI.create(room.path("sync").path(role).asText());
    return "ws://" + host + ":" + port + url.getRawPath();
  }

  /** Nobody, with the key of a link or without one. */
  public static Person nobody(String key) {
    return new Person("", "", key);
  }
}
