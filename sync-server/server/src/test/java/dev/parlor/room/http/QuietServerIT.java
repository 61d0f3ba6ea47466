package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.room.http.EventsIT.Client;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server on which nothing happens does nothing: no part of it polls. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class QuietServerIT {
  private static final int PING_MILLIS = 200;
  private static final int PONG = 0xa;

  /** Metrics of the Java runtime, and those that pings and the scrapes themselves change. */
  private static final List<String> OF_RUNTIME_PINGS_AND_SCRAPES =
      List.of("jvm_", "process_", "system_", "parlor_http_", "parlor_frames_out_total");

  /** Answers a number of pings. Any other frame fails the test. */
  private static void answerPings(RawClient client, int count) throws IOException {
    for (var i = 0; i < count; i++) {
      var ping = assertInstanceOf(RawClient.Frame.Ping.class, client.read(), "a quiet socket");
      client.write(RawClient.encode(PONG, true, ping.data()));
    }
  }

  private static TreeSet<String> changed(Scrape before, Scrape after) {
    var changed = new TreeSet<String>();
    after
        .values()
        .forEach(
            (sample, value) -> {
              if (before.value(sample) != value
                  && OF_RUNTIME_PINGS_AND_SCRAPES.stream().noneMatch(sample::startsWith)) {
                changed.add(sample + " " + before.value(sample) + " -> " + value);
              }
            });
    return changed;
  }

  @Test
  @DisplayName(
      "while nobody acts, a room with a peer, a program and an event stream changes no"
          + " metric of messages, writes, rooms or models in the time of twenty pings")
  void quietServerDoesNothing(@TempDir Path folder) throws Exception {
    var limits = ServiceLimits.defaults().with(new Limits.Liveness(PING_MILLIS));
    try (var server = TestServer.start(folder, PageFiles.of(folder), limits)) {
      var room = server.room("Quiet");
      var ada = room.join("host", server.person("Ada"));
      var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
      var url = URI.create(room.created().path("sync").path("player").asText());
      try (var program = ProgramClient.of(server, ada);
          var stream = Client.open(ada);
          var peer = new SyncPeer(url, "guest", document)) {
        peer.sendSync();
        while (peer.size() == 0) {
          peer.receive();
        }
        answerPings(peer.client(), 5);
        var messages = program.messages().size();
        var before = Scrape.of(server.http());
        answerPings(peer.client(), 20);
        var after = Scrape.of(server.http());
        assertEquals(new TreeSet<String>(), changed(before, after));
        assertEquals(messages, program.messages().size());
        assertEquals(1, after.value("parlor_rooms_open"));
        // All three still work.
        assertEquals(201, ada.post("/chat", "{\"text\":\"hello\"}").statusCode());
        var heard = stream.until(event -> event.name().equals("chat"));
        assertEquals("hello", heard.getLast().data().path("text").asText());
        assertTrue(!changed(after, Scrape.of(server.http())).isEmpty());
      }
    }
  }
}
