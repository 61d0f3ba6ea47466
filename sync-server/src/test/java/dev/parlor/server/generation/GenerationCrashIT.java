package dev.parlor.server.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.room.Result;
import dev.parlor.crdt.room.Result.Status;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.server.rooms.TestPeer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process on a real disk, killed in the middle of an answer. */
@Timeout(180)
class GenerationCrashIT {
  private static final int PLAYERS = 20;
  private static final int OFFLINE = 5;

  @TempDir private Path data;

  private record Room(DocumentId document, URI socket, List<String> identities) {}

  private static Room openRoom(ServerProcess server) throws Exception {
    JsonNode room = server.post("/api/rooms", "{\"title\":\"Crash\"}", "", "");
    String slug = room.path("slug").asText();
    String page = room.path("links").path("player").asText();
    String key = page.substring(page.indexOf("k=") + 2);
    List<String> identities = new ArrayList<>();
    for (int i = 0; i < PLAYERS; i++) {
      JsonNode identity = server.post("/api/identities", "{\"name\":\"p" + i + "\"}", "", "");
      server.post(
          "/api/rooms/" + slug + "/join",
          "{\"name\":\"p" + i + "\"}",
          identity.path("token").asText(),
          key);
      identities.add(identity.path("identity").asText());
    }
    return switch (DocumentId.parse(room.path("documentId").asText())) {
      case Decoding.Decoded<DocumentId>(DocumentId id) ->
          new Room(id, URI.create(room.path("sync").path("player").asText()), identities);
      case Decoding.Malformed<DocumentId> malformed -> throw new AssertionError(malformed);
    };
  }

  private static boolean settled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && view.generation().grant() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  @Test
  void killedInTheMiddleItMakesNoSecondCallAndEveryRequestHasOneResult() throws Exception {
    try (StubModel stub = new StubModel();
        ServerProcess server = new ServerProcess(data, stub.url()).start()) {
      Room room = openRoom(server);
      List<TestPeer> peers = new ArrayList<>();
      for (int i = 0; i < PLAYERS; i++) {
        TestPeer peer = new TestPeer("p" + i, room.document()).connect(room.socket());
        peers.add(peer);
        peer.await("everybody is there", view -> view.participants().size() == PLAYERS);
      }
      peers
          .getFirst()
          .edit(
              _ ->
                  List.of(
                      new Edit.Put(
                          dev.parlor.crdt.replica.Path.of("settings", "maxPlayers"),
                          Value.of(PLAYERS))));
      for (TestPeer peer : peers) {
        peer.await("seats for all", view -> view.settings().maxPlayers() == PLAYERS);
      }
      List<TestPeer> offline = peers.subList(PLAYERS - OFFLINE, PLAYERS);
      offline.forEach(TestPeer::disconnect);
      peers.forEach(TestPeer::hold);
      List<String> requests = new ArrayList<>();
      for (int i = 0; i < PLAYERS; i++) {
        requests.add(GenerationFixture.press(peers.get(i), room.identities().get(i)));
      }
      peers.forEach(TestPeer::release);
      stub.next().begin().say("One part");
      peers
          .getFirst()
          .await("the part", v -> v.results().stream().anyMatch(r -> r.text().equals("One part")));

      server.kill();
      peers.forEach(TestPeer::disconnect);
      server.start();

      for (TestPeer peer : peers) {
        peer.connect(room.socket());
      }
      RoomView seen = peers.getFirst().await("all is settled", v -> settled(v, requests));
      assertEquals(1, stub.calls());
      assertEquals(PLAYERS, seen.results().size());
      List<Result> others = new ArrayList<>();
      for (Result result : seen.results()) {
        if (result.status() == Status.REFUSED) {
          String reason = String.valueOf(result.reason());
          assertTrue(reason.startsWith("lost-to ") || reason.equals("stale"), reason);
        } else {
          others.add(result);
        }
      }
      assertEquals(1, others.size());
      assertEquals(Status.INTERRUPTED, others.getFirst().status());
      assertEquals("One part", others.getFirst().text());

      String retry = GenerationFixture.press(peers.getFirst(), room.identities().getFirst());
      stub.next().begin().say("Two").done(3, 4);
      peers.getFirst().await("the retry", v -> settled(v, List.of(retry)));
      assertEquals(2, stub.calls());
      for (TestPeer peer : peers) {
        RoomView same = peer.await("everyone sees the same", v -> settled(v, List.of(retry)));
        assertEquals(PLAYERS + 1, same.results().size());
        peer.close();
      }
    }
  }
}
