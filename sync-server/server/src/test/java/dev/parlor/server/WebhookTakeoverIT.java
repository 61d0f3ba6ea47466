package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.proof.ParlorProcess;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.webhook.TestReceiver;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Webhooks of two server processes on one cluster. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class WebhookTakeoverIT {

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "a change is told by the node that accepted it, and after kill -9 of that node by another one,"
          + " which had the document open and told nothing before")
  void untoldChangesOfAKilledNodeAreTold() throws Exception {
    try (var receiver = new TestReceiver();
        var nats = NatsServer.start(folder.resolve("nats"))) {
      nats.init(1, 1);
      receiver.answer(() -> 503);
      var hook = receiver.settings();
      var secret = Files.writeString(folder.resolve("secret"), hook.secret().value());
      var settings =
          Map.of(
              "PARLOR_CLUSTER",
              nats.url(),
              "PARLOR_CLUSTER_MONITOR",
              nats.monitor().toString(),
              "PARLOR_WEBHOOK_URL",
              hook.url().toString(),
              "PARLOR_WEBHOOK_SECRET_FILE",
              secret.toString());
      try (var first = start("first", settings);
          var second = start("second", settings)) {
        var document = SyncPeer.document(1);
        List<ChangeHash> heads;
        try (var ada = new SyncPeer(URI.create(first.socketUrl()), "ada", document);
            var ben = new SyncPeer(URI.create(second.socketUrl()), "ben", document)) {
          ada.edit();
          ada.awaitCommitted();
          ben.sendSync();
          ben.awaitChange(ada.heads().getFirst());
          heads = ada.heads();
        }
        var refused = receiver.next("document.created");
        assertEquals(refused.id(), receiver.next("document.created").id(), "the same node repeats");
        first.kill();
        receiver.answer(() -> 204);
        var told = receiver.next("document.created");
        while (told.id().equals(refused.id())) { // sent before the kill
          told = receiver.next("document.created");
        }
        assertEquals(
            heads.stream().map(ChangeHash::toString).toList(),
            told.data().path("heads").valueStream().map(head -> head.asText()).toList());
      }
    }
  }

  private ParlorProcess start(String name, Map<String, String> settings) throws Exception {
    var node =
        new ParlorProcess(
            folder.resolve(name),
            NatsServer.Machine.local(),
            settings,
            ChildJvm.shortLivedCommand());
    node.start();
    return node;
  }
}
