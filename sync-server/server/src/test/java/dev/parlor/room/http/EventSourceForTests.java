package dev.parlor.room.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An EventSource as the HTML standard defines it. It reads events, keeps the last id, requests the
 * same URL with that id when the connection broke, and gives up at any status but 200. It
 * reconnects at once and ignores the server's retry time.
 */
final class EventSourceForTests implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An event, or the status at which the source gave up. */
  record Received(String id, String name, JsonNode data, int failed) {}

  private final URI uri;
  private final HttpClient client;
  private final BlockingQueue<Received> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> opened = new LinkedBlockingQueue<>();
  private volatile String lastId = "";
  private volatile boolean closed;

  EventSourceForTests(URI uri) {
    this(uri, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  /**
   * @param client sends the requests; closed with this source
   */
  EventSourceForTests(URI uri, HttpClient client) {
    this.uri = uri;
    this.client = client;
    Thread.ofVirtual().start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        var request = HttpRequest.newBuilder(uri).header("Accept", "text/event-stream");
        if (!lastId.isEmpty()) {
          request.header("Last-Event-ID", lastId);
        }
        var response = client.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
          response.body().close();
          told.add(new Received("", "", JSON.createObjectNode(), response.statusCode()));
          return;
        }
        opened.add(response.statusCode());
        try (var lines =
            new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
          read(lines);
        }
      } catch (IOException _) {
        // The connection broke: the source reconnects.
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void read(BufferedReader lines) throws IOException {
    var id = lastId;
    var name = "";
    var data = new StringBuilder();
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        lastId = id;
        if (!data.isEmpty()) {
          told.add(new Received(id, name, JSON.readTree(data.toString()), 0));
        }
        name = "";
        data.setLength(0);
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data.append(line.substring(6));
      }
    }
  }

  /** Waits until the server has answered 200 once more. */
  void awaitOpen() throws InterruptedException {
    if (opened.poll(30, TimeUnit.SECONDS) == null) {
      throw new AssertionError("it does not open");
    }
  }

  /** Waits until an id is known. */
  String awaitId() throws InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (lastId.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no id came");
      }
      Thread.onSpinWait();
    }
    return lastId;
  }

  Received next() throws InterruptedException {
    var next = told.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came");
    }
    return next;
  }

  boolean isQuiet() {
    return told.isEmpty();
  }

  @Override
  public void close() {
    closed = true;
    client.shutdownNow();
  }
}
