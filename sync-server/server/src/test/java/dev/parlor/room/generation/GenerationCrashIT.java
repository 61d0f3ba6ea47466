package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.TestPeer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The server as a process on a real disk, killed during an answer. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class GenerationCrashIT {
  private static final int PLAYERS = 20;
  private static final int OFFLINE = 5;

  @TempDir private Path data;

  /** A room and its people; the first one created seats for all of them. */
  private record Room(
      DocumentId document,
      String slug,
      List<String> keys,
      List<String> identities,
      List<String> tokens) {

    /** A WebSocket that is authenticated as this person. */
    URI socket(ServerProcess server, int person) throws Exception {
      JsonNode ticket =
          server.post(
              "/api/rooms/" + slug + "/tickets", "{}", tokens.get(person), keys.get(person));
      return URI.create(ticket.path("url").asText());
    }

    /** Makes the host's first edit; returns when the server has relayed it to another peer. */
    void makeSeats(ServerProcess server) throws Exception {
      TestPeer host = new TestPeer("host", document).connect(socket(server, 0));
      TestPeer witness = new TestPeer("witness", document).connect(socket(server, 0));
      host.await("the host is there", view -> !view.participants().isEmpty());
      host.edit(
          _ ->
              List.of(
                  new Edit.Put(
                      dev.parlor.crdt.replica.Path.of("settings", "maxPlayers"),
                      Value.of(PLAYERS))));
      witness.await("seats for all", view -> view.settings().maxPlayers() == PLAYERS);
      host.close();
      witness.close();
    }
  }

  private static String key(JsonNode room, String role) {
    String page = room.path("links").path(role).asText();
    return page.substring(page.indexOf("k=") + 2);
  }

  private static Room openRoom(ServerProcess server) throws Exception {
    JsonNode room = server.post("/api/rooms", "{\"title\":\"Crash\"}", "", "");
    String slug = room.path("slug").asText();
    List<String> keys = new ArrayList<>();
    List<String> identities = new ArrayList<>();
    List<String> tokens = new ArrayList<>();
    DocumentId document = DocumentId.parse(room.path("documentId").asText()).orElseThrow();
    Room opened = new Room(document, slug, keys, identities, tokens);
    for (int i = 0; i < PLAYERS; i++) {
      keys.add(key(room, i == 0 ? "host" : "player"));
      JsonNode identity = server.post("/api/identities", "{\"name\":\"p" + i + "\"}", "", "");
      server.post(
          "/api/rooms/" + slug + "/join",
          "{\"name\":\"p" + i + "\"}",
          identity.path("token").asText(),
          keys.get(i));
      tokens.add(identity.path("token").asText());
      identities.add(identity.path("identity").asText());
      if (i == 0) {
        opened.makeSeats(server);
      }
    }
    return opened;
  }

  private static boolean settled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && view.generation().grant() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  @DisplayName(
      "a server killed during an answer makes no second call, and every request has one result")
  @Test
  void killedServerMakesNoSecondCallAndOneResultPerRequest() throws Exception {
    try (StubModel stub = new StubModel();
        ServerProcess server = new ServerProcess(data, stub.url()).start()) {
      Room room = openRoom(server);
      List<TestPeer> peers = new ArrayList<>();
      for (int i = 0; i < PLAYERS; i++) {
        TestPeer peer = new TestPeer("p" + i, room.document()).connect(room.socket(server, i));
        peers.add(peer);
        peer.await("all participants have joined", view -> view.participants().size() == PLAYERS);
      }
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

      for (int i = 0; i < PLAYERS; i++) {
        peers.get(i).connect(room.socket(server, i));
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
