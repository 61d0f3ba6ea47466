package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.TestPeer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Generation in a server process that is killed during an answer. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class GenerationCrashIT {
  private static final int PLAYERS = 20;
  private static final int OFFLINE = 5;

  @TempDir private Path data;

  /**
   * A room and its participants. The first participant is the host; the lists are in the same
   * order.
   *
   * @param keys the keys of their links
   * @param tokens the bearer tokens of their identities
   */
  private record Room(
      DocumentId document,
      String slug,
      List<String> keys,
      List<String> identities,
      List<String> tokens) {

    /** The address of a WebSocket that is authenticated as this participant. */
    URI socketUrl(ServerProcess server, int index) throws Exception {
      JsonNode ticket =
          server.post("/api/rooms/" + slug + "/tickets", "{}", tokens.get(index), keys.get(index));
      return URI.create(ticket.path("url").asText());
    }

    /** Raises the number of seats. Returns when the server has relayed the edit to another peer. */
    void addSeats(ServerProcess server) throws Exception {
      TestPeer host = new TestPeer("host", document).connect(socketUrl(server, 0));
      TestPeer other = new TestPeer("other", document).connect(socketUrl(server, 0));
      host.await("the host has joined", view -> !view.participants().isEmpty());
      host.edit(
          _ ->
              List.of(
                  new Edit.Put(
                      dev.parlor.crdt.replica.Path.of("settings", "maxPlayers"),
                      Value.of(PLAYERS))));
      other.await("there are seats for all", view -> view.settings().maxPlayers() == PLAYERS);
      host.close();
      other.close();
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
        opened.addSeats(server);
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
      "after a kill during an answer, the server does not repeat the call and answers the queue in its order;"
          + " requests of offline people wait for their authors")
  @Test
  void killedServerAnswersTheQueueInItsOrder() throws Exception {
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
        peer.await("there are seats for all", view -> view.settings().maxPlayers() == PLAYERS);
      }
      List<TestPeer> offline = peers.subList(PLAYERS - OFFLINE, PLAYERS);
      offline.forEach(TestPeer::disconnect);
      peers.forEach(TestPeer::pauseReading);
      List<String> requests = new ArrayList<>();
      for (int i = 0; i < PLAYERS; i++) {
        requests.add(GenerationFixture.requestGeneration(peers.get(i), room.identities().get(i)));
      }
      peers.forEach(TestPeer::resumeReading);
      stub.next().startStream().sendText("One part");
      int online = PLAYERS - OFFLINE;
      RoomView before =
          peers
              .getFirst()
              .await(
                  "the partial answer and the queue",
                  v ->
                      v.results().stream().anyMatch(r -> r.text().equals("One part"))
                          && v.generation().queue().size() == online - 1);
      List<String> order = new ArrayList<>();
      before.generation().queue().forEach(queued -> order.add(queued.request()));

      server.kill();
      peers.forEach(TestPeer::disconnect);
      server.start();

      for (int i = 0; i < PLAYERS; i++) {
        peers.get(i).connect(room.socketUrl(server, i));
      }
      for (int i = 0; i < online - 1; i++) {
        stub.next().startStream().sendText("Answer " + i).done(1, 1);
      }
      RoomView view =
          peers
              .getFirst()
              .await(
                  "all requests of online people have results",
                  v -> isSettled(v, requests.subList(0, online)));
      assertEquals(online, stub.calls());
      for (int i = 0; i < order.size(); i++) {
        Result result = view.result(order.get(i)).orElseThrow();
        assertEquals("Answer " + i, result.text());
        assertEquals(Status.DONE, result.status());
      }
      Result interrupted =
          view.results().stream()
              .filter(r -> !order.contains(r.request()))
              .findFirst()
              .orElseThrow();
      assertEquals(Status.INTERRUPTED, interrupted.status());
      assertEquals("One part", interrupted.text());
      RoomView asked =
          peers
              .getFirst()
              .await(
                  "the requests of offline people wait",
                  v -> v.generation().queue().size() == OFFLINE);
      assertTrue(asked.generation().queue().stream().allMatch(q -> q.state() == Queued.State.OLD));
      assertEquals(
          Set.copyOf(requests.subList(online, PLAYERS)),
          asked.generation().queue().stream().map(Queued::request).collect(Collectors.toSet()));

      String retry =
          GenerationFixture.requestGeneration(peers.getFirst(), room.identities().getFirst());
      stub.next().startStream().sendText("Two").done(3, 4);
      peers
          .getFirst()
          .await("the second request has its result", v -> isSettled(v, List.of(retry)));
      assertEquals(online + 1, stub.calls());
      for (TestPeer peer : peers) {
        RoomView last =
            peer.await("the peer has the second result", v -> isSettled(v, List.of(retry)));
        assertEquals(online + 1, last.results().size());
        peer.close();
      }
    }
  }
}
