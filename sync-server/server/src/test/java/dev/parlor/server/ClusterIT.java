package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.proof.ClusterWriters;
import dev.parlor.nats.proof.FreshLoad;
import dev.parlor.nats.proof.History;
import dev.parlor.nats.proof.HistoryChecker;
import dev.parlor.nats.proof.NodeApi;
import dev.parlor.nats.proof.ParlorProcess;
import dev.parlor.nats.proof.RealCluster;
import dev.parlor.nats.proof.RelayedNetwork;
import dev.parlor.nats.proof.RoomWatchers;
import dev.parlor.nats.proof.StreamedModel;
import dev.parlor.relay.ChildJvm;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Three servers of NATS, three nodes, a proxy, endpoints of a model and unmodified automerge-repo
 * clients. Parts of the cluster are killed and cut while the clients write and the model answers;
 * the checker then reads the whole history.
 */
@Timeout(240)
@Execution(ExecutionMode.CONCURRENT)
class ClusterIT {

  private static final Path INTEROP = Path.of("..", "relay", "interop");
  private static final int SECONDS_MAX = 60;
  private static final int NODES = 3;

  private static final History calls = new History();
  private static final List<StreamedModel> models = new ArrayList<>();
  private static RealCluster cluster;

  private final History history = new History();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    for (var node = 0; node < NODES; node++) {
      models.add(new StreamedModel("127.0.0.1", calls, Clock.systemUTC()));
    }
    cluster =
        new RealCluster(
            folder,
            new RelayedNetwork(),
            NODES,
            // An endpoint of its own for each node shows which node calls.
            node -> Map.of("PARLOR_LLM_URL", models.get(node).url(), "PARLOR_LLM_MODEL", "words"),
            ChildJvm.shortLivedCommand());
  }

  @AfterAll
  static void stop() {
    cluster.close();
    models.forEach(StreamedModel::close);
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD) // each test breaks parts of the one cluster
  @DisplayName(
      "[DU1] [DU2] after kill -9 of a node, kill -9 of the leader of a shard, and a cut line, a cluster has every change"
          + " that a client was told is saved, and all nodes and clients have the same heads")
  void toldChangesSurviveFaults() throws Exception {
    try (var clients = new ClusterWriters(INTEROP, cluster, 4, 60, history)) {
      clients.awaitWriting();
      clients.awaitTold(40, SECONDS_MAX);

      var node = cluster.nodes().getFirst();
      node.kill();
      clients.awaitTold(40, SECONDS_MAX);
      node.start();

      var document = clients.documents().iterator().next();
      var stream = NatsServer.logStream(document, RealCluster.SHARDS);
      var leader = cluster.leader(stream).orElseThrow();
      leader.kill();
      clients.awaitTold(40, SECONDS_MAX);
      leader.restart();

      cluster.network().cutLink(1, 0);
      cluster.network().cutNode(2);
      clients.awaitTold(40, SECONDS_MAX);
      cluster.network().heal();
      clients.awaitTold(40, SECONDS_MAX);

      var made = clients.check();
      var stored = FreshLoad.changes(cluster.serverUrls(), clients.documents());
      assertEquals(List.of(), HistoryChecker.check(history, stored), cluster::output);
      assertTrue(clients.toldCount() >= 200, "told " + clients.toldCount() + " of " + made);
      assertEquals(5, clients.documents().size(), "one shared document and one of each client");
    }
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD) // each test breaks parts of the one cluster
  @DisplayName(
      "[GE6] when the node that runs an answer is killed, another node ends the answer as interrupted, the model is not called"
          + " again, and the next request runs with a larger epoch")
  void answerOfAKilledNodeEndsOnce() throws Exception {
    var apis = cluster.nodes().stream().map(NodeApi::of).toList();
    var room = apis.get(0).createRoom("Cluster");
    var slug = room.path("slug").asText();
    var document = room.path("documentId").asText();
    var ada = apis.get(0).join(room, "host", "Ada");
    var ben = apis.get(1).join(room, "player", "Ben");
    var urls = apis.stream().map(api -> api.syncUrl(room, "spectator")).toList();
    try (var watchers = new RoomWatchers(INTEROP, slug, document, urls, history)) {
      watchers.awaitHere();

      var callsBefore = models.stream().map(StreamedModel::calls).toList();
      var first = apis.get(1).ask(room, ben, "first");
      history.add(new History.Asked(slug, first));
      watchers.awaitPartial(first, NODES);
      var runner = runner(callsBefore);
      cluster.nodes().get(runner).kill();
      var killedNanos = System.nanoTime();
      watchers.awaitEnded(first, NODES - 1, SECONDS_MAX);
      System.out.printf(
          "figure: takeover after kill -9 of the node that ran an answer: %d ms%n",
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNanos));
      var asker = (runner + 1) % NODES;
      var second = apis.get(asker).ask(room, asker == 1 ? ben : ada, "second");
      history.add(new History.Asked(slug, second));
      watchers.awaitPartial(second, NODES - 1);
      cluster.nodes().get(runner).start();
      models.forEach(StreamedModel::finish);
      watchers.awaitEnded(second, NODES, SECONDS_MAX);

      watchers.check();
      calls.events(History.ModelCall.class).stream()
          .filter(call -> call.room().equals(slug))
          .forEach(history::add);
      var stored = FreshLoad.changes(cluster.serverUrls(), List.of(document));
      assertEquals(List.of(), HistoryChecker.check(history, stored), cluster::output);
      var endings =
          history.events(History.Ended.class).stream()
              .filter(ended -> ended.request().equals(first))
              .map(History.Ended::status)
              .distinct()
              .toList();
      assertEquals(List.of("interrupted"), endings);
    }
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD) // each test breaks parts of the one cluster
  @DisplayName(
      "a ticket, the last place of an invitation and an idempotency key take effect once when they are used on three nodes"
          + " at the same time")
  void singleUseHoldsOnAllNodes() throws Exception {
    var apis = cluster.nodes().stream().map(NodeApi::of).toList();
    var room = apis.get(0).createRoom("Single use");
    var path = "/api/rooms/" + room.path("slug").asText();
    var ada = apis.get(0).join(room, "host", "Ada");
    for (var round = 0; round < 5; round++) {
      var name = "round " + round;
      var ticket = apis.get(round % NODES).post(path + "/tickets", "{}", ada, "").success();
      var ticketPath = URI.create(ticket.path("url").asText()).getRawPath();
      onAllNodes(
          node -> {
            if (opensSocket(cluster.nodes().get(node), ticketPath)) {
              history.add(new History.Effect("ticket", name, "socket on node " + node));
            }
          });
      onAllNodes(
          node -> {
            var played =
                apis.get(node)
                    .post(path + "/play", "{\"type\":\"tone\",\"text\":\"Dry\"}", ada, name);
            if (played.status() < 300) {
              var card = played.body().path("card").path("id").asText();
              history.add(new History.Effect("idempotency key", name, "card " + card));
            }
          });
      var invited =
          apis.get(round % NODES)
              .post(path + "/invitations", "{\"role\":\"player\",\"uses\":1}", ada, "");
      var link = invited.success().path("link").asText();
      var key = link.substring(link.indexOf("k=") + 2);
      var people = new ArrayList<NodeApi.Person>();
      for (var api : apis) {
        people.add(api.identity("Guest", key));
      }
      onAllNodes(
          node -> {
            var joined =
                apis.get(node).post(path + "/join", "{\"name\":\"Guest\"}", people.get(node), "");
            if (joined.status() < 300) {
              history.add(new History.Effect("place", name, people.get(node).identity()));
            }
          });
    }
    assertEquals(List.of(), HistoryChecker.check(history, Map.of()), cluster::output);
    assertEquals(
        15,
        history.events(History.Effect.class).stream()
            .map(effect -> effect.kind() + effect.key())
            .distinct()
            .count(),
        "each ticket, key and place took effect: " + history.events());
  }

  private interface OnNode {
    void run(int node) throws Exception;
  }

  /** Runs the same on all nodes at the same time. */
  private static void onAllNodes(OnNode action) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Callable<Boolean>>();
      for (var i = 0; i < NODES; i++) {
        var node = i;
        calls.add(
            () -> {
              action.run(node);
              return true;
            });
      }
      for (var call : threads.invokeAll(calls)) {
        assertTrue(call.get());
      }
    }
  }

  private static boolean opensSocket(ParlorProcess node, String path) throws Exception {
    var url = URI.create("ws://" + node.host() + ":" + node.port() + path);
    try (var client = HttpClient.newHttpClient()) {
      var socket =
          client
              .newWebSocketBuilder()
              .buildAsync(url, new WebSocket.Listener() {})
              .get(SECONDS_MAX, TimeUnit.SECONDS);
      socket.abort();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException) {
        return false;
      }
      throw e;
    }
  }

  /** The node that has called the model, of which there is one. */
  private static int runner(List<Integer> callsBefore) {
    for (var node = 0; node < NODES; node++) {
      if (models.get(node).calls() > callsBefore.get(node)) {
        return node;
      }
    }
    throw new AssertionError("no node has called the model");
  }
}
