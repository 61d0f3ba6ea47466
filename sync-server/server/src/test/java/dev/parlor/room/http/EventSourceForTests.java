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
 * An EventSource as the HTML standard defines it. It reads events and keeps the last id. When the
 * connection breaks, it requests the same URL with that id. It stops at any status other than 200.
 * Unlike a browser, it reconnects at once and ignores the server's retry time. It reads only fields
 * of the form that Parlor writes: {@code id: }, {@code event: }, {@code data: }.
 */
final class EventSourceForTests implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An event, or a failure.
   *
   * @param failedStatus the HTTP status at which the source stopped; 0 for an event
   */
  record Received(String id, String name, JsonNode data, int failedStatus) {}

  private final URI uri;
  private final HttpClient client;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

  /** The status, always 200, of each response that {@link #awaitOpen} has not taken. */
  private final BlockingQueue<Integer> openedStatuses = new LinkedBlockingQueue<>();

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
          received.add(new Received("", "", JSON.createObjectNode(), response.statusCode()));
          return;
        }
        openedStatuses.add(response.statusCode());
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
          received.add(new Received(id, name, JSON.readTree(data.toString()), 0));
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

  /** Waits for the next response with status 200. */
  void awaitOpen() throws InterruptedException {
    if (openedStatuses.poll(30, TimeUnit.SECONDS) == null) {
      throw new AssertionError("no response with status 200 arrived");
    }
  }

  /** Waits until an event id was received. */
  String awaitId() throws InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (lastId.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no event id arrived");
      }
      Thread.onSpinWait();
    }
    return lastId;
  }

  /** Waits for the next event or failure. */
  Received next() throws InterruptedException {
    var next = received.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no event arrived");
    }
    return next;
  }

  boolean hasNoUnreadEvents() {
    return received.isEmpty();
  }

  @Override
  public void close() {
    closed = true;
    client.shutdownNow();
  }
}
