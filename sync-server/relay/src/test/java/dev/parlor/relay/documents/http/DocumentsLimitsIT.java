package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.deletion.DeletionListener;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.document.HeldStore;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.documents.http.DocumentsClient.Answer;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.socket.Authenticator.Outcome;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.stream.DocumentStreams;
import io.helidon.webserver.http.HttpRouting;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What happens at the limits of the HTTP API for documents, and when the disk or memory is full.
 */
class DocumentsLimitsIT {
  private static final int MINUTE = 600;

  private final HeldStore store = new HeldStore();
  private final RelayFixture relay = RelayFixture.start(new RelayFixture.Setup().store(store));
  private final DocumentStreams streams =
      new DocumentStreams(relay.documents(), new Metrics(), System::nanoTime);
  private final AtomicBoolean memoryIsFull = new AtomicBoolean();

  private final class Server implements AutoCloseable {
    private final Documents documents;
    private final WebPort web;
    private final DocumentsClient client;

    Server(DocumentApiLimits limits) throws Exception {
      documents =
          new Documents(
              new Documents.Environment(
                  store,
                  _ -> true,
                  relay.documents(),
                  DocumentPolicy.unscoped(),
                  memoryIsFull::get,
                  () -> false,
                  () -> Instant.EPOCH,
                  new Random(1)),
              limits);
      var http =
          new DocumentsHttp(
              documents,
              new Deletions(
                  store,
                  new Tombstones(store),
                  relay.documents(),
                  DeletionListener.NONE,
                  Duration.ofDays(1),
                  () -> Instant.EPOCH),
              streams,
              _ -> new Outcome.Accepted(Caller.ofOpenRelay()),
              OperatorRequests.none(),
              new Origins("127.0.0.1", Optional.empty(), List.of()),
              ClientAddresses.ofSockets(),
              limits);
      var routing = HttpRouting.builder();
      http.addTo(routing);
      web =
          new WebPort(
              "127.0.0.1",
              0,
              new BasePathRouting(BasePath.ROOT),
              Optional.empty(),
              Map.of(),
              builder -> builder.maxPayloadSize(-1).routing(routing));
      web.start();
      client = new DocumentsClient(web.port());
    }

    @Override
    public void close() {
      client.close();
      web.stop();
      documents.close();
    }
  }

  /** The default limits, except for some. */
  private static DocumentApiLimits limits(
      int perMinute, int requests, int waitMillis, int operations, int answerBytes) {
    var standard = DocumentApiLimits.defaults();
    return new DocumentApiLimits(
        perMinute,
        requests,
        waitMillis,
        standard.jsonBytesMax(),
        standard.fileBytesMax(),
        standard.jsonDepthMax(),
        standard.patchOperationsMax(),
        operations,
        answerBytes,
        standard.pageMax(),
        standard.pageDefault(),
        2,
        standard.headsMax());
  }

  @AfterEach
  void stop() {
    streams.close();
    relay.close();
  }

  private static void assertProblem(int status, String problem, Answer answer) {
    assertEquals(status + " " + problem, answer.status() + " " + answer.problem(), answer.text());
  }

  private static String create(DocumentsClient client, String json) throws Exception {
    return "/" + client.post("", json).json().path("id").asText();
  }

  @Test
  @DisplayName("a document above the limits of JSON is refused as JSON and available as a file")
  void largeDocuments() throws Exception {
    try (var server = new Server(limits(MINUTE, 16, 10_000, 20, 30))) {
      var client = server.client;
      var many = create(client, "{\"text\":\"" + "x".repeat(30) + "\"}");
      assertProblem(413, "document-too-large", client.get(many));
      assertProblem(413, "document-too-large", client.patch(many, "{\"n\":1}"));
      assertEquals(200, client.get(many + ".automerge").status());
      var wide = create(client, "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}");
      assertProblem(413, "document-too-large", client.get(wide));
      create(client, "{}");
      var page = client.get("?limit=10").json();
      assertEquals(2, page.path("documents").size());
      assertEquals(
          1,
          client
              .get("?limit=10&after=" + page.path("next").asText())
              .json()
              .path("documents")
              .size());
    }
  }

  @Test
  @DisplayName("requests above the rate of an address get 429 with Retry-After")
  void rate() throws Exception {
    try (var server = new Server(limits(3, 16, 10_000, 1_000, 1_000))) {
      for (var i = 0; i < 3; i++) {
        assertEquals(200, server.client.get("").status());
      }
      var refused = server.client.get("");
      assertProblem(429, "too-many-requests", refused);
      assertEquals("2", refused.header("Retry-After"));
    }
  }

  @Test
  @DisplayName(
      "a write is answered only when it is on disk; while the disk waits it gets 503, and readers"
          + " never see what is not on disk")
  void diskWaits() throws Exception {
    try (var server = new Server(limits(MINUTE, 16, 300, 1_000, 1_000))) {
      var client = server.client;
      var path = create(client, "{\"n\":1}");
      store.hold();
      assertProblem(503, "busy", client.patch(path, "{\"n\":2}"));
      assertProblem(503, "busy", client.get(path));
      store.release();
      assertEquals("{\"n\":2}", client.get(path).text());
      assertEquals(204, client.patch(path, "{\"n\":3}").status());
    }
  }

  @Test
  @DisplayName("while memory is nearly full, documents are neither read nor written")
  void fullMemory() throws Exception {
    try (var server = new Server(limits(MINUTE, 16, 10_000, 1_000, 1_000))) {
      var path = create(server.client, "{\"n\":1}");
      memoryIsFull.set(true);
      assertProblem(503, "memory", server.client.get(path));
      assertProblem(503, "memory", server.client.patch(path, "{\"n\":2}"));
      assertProblem(503, "memory", server.client.post("", "{}"));
      memoryIsFull.set(false);
      assertEquals("{\"n\":1}", server.client.get(path).text());
    }
  }

  @Test
  @DisplayName("clients that send bodies slowly keep other writes out with 503, but no reads")
  void slowBodies() throws Exception {
    try (var server = new Server(limits(100_000, 1, 10_000, 1_000, 1_000))) {
      var client = server.client;
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.web.port())) {
        var head =
            "POST /api/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + "Content-Length: 100\r\n\r\n{";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        Answer answer;
        do {
          answer = client.post("", "{}"); // until the server has read the head
        } while (answer.status() == 201);
        assertProblem(503, "busy", answer);
        assertEquals(200, client.get("").status());
      }
      while (client.post("", "{}").status() != 201) {
        Thread.onSpinWait(); // until the server has seen the end of the connection
      }
    }
  }
}
