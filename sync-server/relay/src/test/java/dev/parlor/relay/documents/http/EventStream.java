package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A client that reads server-sent events over a real connection. */
final class EventStream implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An event. */
  record Event(String name, String id, JsonNode data) {}

  private final HttpClient client;
  private final BufferedReader reader;

  /**
   * Opens a stream.
   *
   * @param headers names and values in turn
   */
  EventStream(int port, String path, String... headers) throws IOException, InterruptedException {
    client = HttpClient.newHttpClient();
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/documents" + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    assertTrue(
        response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream"));
    reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  /** The next event, or one without a name at the end of the stream. */
  Event next() throws IOException {
    Map<String, String> fields = new HashMap<>();
    while (true) {
      var line = reader.readLine();
      if (line == null) {
        return new Event("", "", JSON.nullNode());
      }
      if (line.isEmpty() && fields.containsKey("event")) {
        return new Event(
            fields.get("event"), fields.getOrDefault("id", ""), JSON.readTree(fields.get("data")));
      }
      var colon = line.indexOf(": ");
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 2));
      }
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
