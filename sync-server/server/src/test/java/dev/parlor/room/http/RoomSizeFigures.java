package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures the sizes of a room with ten windows, and the overhead of an event. {@code ./parlor
 * bench events} runs it; the build does not, since it asserts nothing.
 */
class RoomSizeFigures {
  private static final int WINDOWS = 10;
  private static final String CARD = "{\"type\":\"tone\",\"text\":\"Dry\"}";

  @Test
  void roomOfTenWindows(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = roomWithWindows(server);
      var ada = room.join("player", server.person("Ada"));
      System.out.printf(
          Locale.ROOT,
          "figure: a room of %d windows: %d bytes as JSON, %d bytes as .automerge, %d bytes of sync messages for a new client%n",
          WINDOWS,
          ada.get("").body().length(),
          server
              .http()
              .client
              .send(
                  server.http().request(room.path("/export?as=automerge"), ada.headers()).build(),
                  HttpResponse.BodyHandlers.ofByteArray())
              .body()
              .length,
          bytesOfSync(room));
      try (var client = EventsIT.Client.open(ada)) {
        ada.post("/play", CARD);
        var event = client.until(played -> played.name().equals("card-played")).getLast();
        var data = event.data().toString().getBytes(StandardCharsets.UTF_8).length;
        var lines = "id: " + event.id() + "\nevent: " + event.name() + "\ndata: \n\n";
        System.out.printf(
            Locale.ROOT,
            "figure: an event of %d bytes of JSON has %d bytes of the stream's own lines%n",
            data,
            lines.length());
      }
    }
  }

  /** The bytes of the sync messages until a new client has the whole document. */
  private static int bytesOfSync(RoomUnderTest room) throws Exception {
    var url = URI.create(room.created().path("sync").path("player").asText());
    var document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
    var bytes = 0;
    try (var late = new SyncPeer(url, "late", document)) {
      late.sendSync();
      while (late.heads().isEmpty() || !late.heads().equals(late.serverHeads())) {
        if (late.receive() instanceof WireMessage.Sync sync) {
          bytes += sync.data().length();
        }
      }
    }
    return bytes;
  }

  private static RoomUnderTest roomWithWindows(TestServer server) {
    var maker = server.room("Windows").join("host", server.person("Maker"));
    var file = (ObjectNode) json(maker.get("/export?as=json"));
    var windows = (ObjectNode) file.path("windows");
    var ids = windows.properties().stream().map(Map.Entry::getKey).toList();
    for (var i = ids.size(); i < WINDOWS; i++) {
      windows.set("note-" + i, windows.path(ids.getLast()).deepCopy());
    }
    var imported = server.http().post("/api/rooms/import", file.toString());
    if (imported.statusCode() != 201) {
      throw new IllegalStateException(imported.body());
    }
    return new RoomUnderTest(server.http(), json(imported));
  }
}
