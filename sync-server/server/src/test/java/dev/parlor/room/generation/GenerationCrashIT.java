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

/** The server runs as a process with its data on disk and is killed during an answer. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class GenerationCrashIT {
  private static final int PLAYERS = 20;
  private static final int OFFLINE_PEERS = 5;

  @TempDir private Path data;

  /** A room and its participants. Participant 0 is the host, who raised the limit of seats. */
  private record Room(
      DocumentId document,
      String slug,
      List<String> keys,
      List<String> identities,
      List<String> tokens) {

    /** The URL of a WebSocket with a new ticket of this participant. */
    URI socketUrl(ServerProcess server, int person) throws Exception {
      JsonNode ticket =
          server.post(
              "/api/rooms/" + slug + "/tickets", "{}", tokens.get(person), keys.get(person));
      return URI.create(ticket.path("url").asText());
    }

    /**
     * Raises the limit of seats to {@link #PLAYERS}, as the host. Returns when the server has relayed
     * the edit to another peer.
     */
    void raiseSeatLimit(ServerProcess server) throws Exception {
      TestPeer host = new TestPeer("host", document).connect(socketUrl(server, 0));
      TestPeer observer = new TestPeer("observer", document).connect(socketUrl(server, 0));
      host.await("the host has joined", view -> !view.participants().isEmpty());
      host.edit(
          _ ->
              List.of(
                  new Edit.Put(
                      dev.parlor.crdt.replica.Path.of("settings", "maxPlayers"),
                      Value.of(PLAYERS))));
      observer.await("seats for all", view -> view.settings().maxPlayers() == PLAYERS);
      host.close();
      observer.close();
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
        opened.raiseSeatLimit(server);
      }
    }
    return opened;
  }

  private static boolean isSettled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && view.generation().grant() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  @DisplayName(
      "after a kill during an answer, the server calls the model for no pending request again, and"
          + " each request gets one result")
  @Test
  void killedServerMakesNoSecondCallAndOneResultPerRequest() throws Exception {
    try (StubModel stub = new StubModel();
        ServerProcess server = new ServerProcess(data, stub.url()).start()) {
      Room room = openRoom(server);
      List<TestPeer> peers = new ArrayList<>();
      for (int i = 0; i < PLAYERS; i++) {
        TestPeer peer = new TestPeer("p" + i, room.document()).connect(room.socketUrl(server, i));
        peers.add(peer);
        peer.await("all participants have joined", view -> view.participants().size() == PLAYERS);
      }
      for (TestPeer peer : peers) {
        peer.await("seats for all", view -> view.settings().maxPlayers() == PLAYERS);
      }
      List<TestPeer> offline = peers.subList(PLAYERS - OFFLINE_PEERS, PLAYERS);
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
        peers.get(i).connect(room.socketUrl(server, i));
      }
      RoomView view = peers.getFirst().await("all requests have results", v -> isSettled(v, requests));
      assertEquals(1, stub.calls());
      assertEquals(PLAYERS, view.results().size());
      List<Result> accepted = new ArrayList<>();
      for (Result result : view.results()) {
        if (result.status() == Status.REFUSED) {
          String reason = String.valueOf(result.reason());
          assertTrue(reason.startsWith("lost-to ") || reason.equals("stale"), reason);
        } else {
          accepted.add(result);
        }
      }
      assertEquals(1, accepted.size());
      assertEquals(Status.INTERRUPTED, accepted.getFirst().status());
      assertEquals("One part", accepted.getFirst().text());

      String retry = GenerationFixture.press(peers.getFirst(), room.identities().getFirst());
      stub.next().begin().say("Two").done(3, 4);
      peers.getFirst().await("the result of the retry", v -> isSettled(v, List.of(retry)));
      assertEquals(2, stub.calls());
      for (TestPeer peer : peers) {
        RoomView finalView = peer.await("every peer sees all results", v -> isSettled(v, List.of(retry)));
        assertEquals(PLAYERS + 1, finalView.results().size());
        peer.close();
      }
    }
  }
}
