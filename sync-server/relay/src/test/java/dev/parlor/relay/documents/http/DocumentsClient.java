package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A backend that uses the HTTP API for documents. */
public final class DocumentsClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int TIMEOUT_SECONDS = 30;

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;

  public DocumentsClient(int port) {
    this.port = port;
  }

  /** A response. */
  public record Answer(HttpResponse<byte[]> response) {
    public int status() {
      return response.statusCode();
    }

    public String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    public JsonNode json() {
      try {
        return JSON.readTree(response.body());
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + text(), e);
      }
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    /** The code, the field and the rule of a problem, in this order, as far as there are some. */
    public String problem() {
      var json = json();
      return String.join(
              " ",
              json.path("type").asText().replace("urn:parlor:problem:", ""),
              json.path("field").asText(),
              json.path("rule").asText())
          .strip()
          .replaceAll(" +", " ");
    }
  }

  /**
   * Sends a request.
   *
   * @param headers names and values in turn
   */
  public Answer send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/documents" + path))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return new Answer(client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
  }

  public Answer get(String path, String... headers) throws IOException, InterruptedException {
    return send("GET", path, new byte[0], headers);
  }

  /** Reads until the answer has this text, which a client wrote. */
  public Answer awaitContent(String path, String text) throws IOException, InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (true) {
      var answer = get(path);
      if (answer.text().contains(text)) {
        return answer;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("the document does not have " + text + ": " + answer.text());
      }
    }
  }

  public Answer patch(String path, String json, String... headers)
      throws IOException, InterruptedException {
    return withJson("PATCH", path, "application/merge-patch+json", json, headers);
  }

  public Answer jsonPatch(String path, String json, String... headers)
      throws IOException, InterruptedException {
    return withJson("PATCH", path, "application/json-patch+json", json, headers);
  }

  public Answer post(String path, String json, String... headers)
      throws IOException, InterruptedException {
    return withJson("POST", path, "application/json", json, headers);
  }

  private Answer withJson(String method, String path, String type, String json, String... headers)
      throws IOException, InterruptedException {
    var all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "Content-Type";
    all[1] = type;
    return send(method, path, json.getBytes(StandardCharsets.UTF_8), all);
  }

  @Override
  public void close() {
    client.close();
  }
}
