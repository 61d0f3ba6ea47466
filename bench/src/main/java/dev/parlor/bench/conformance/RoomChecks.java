package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks of write permissions in a room [AD4] to [AD6]. The room is made over HTTP, as a browser
 * makes it; a server without rooms does not offer these checks. Each check first shows that an
 * allowed change is accepted.
 */
final class RoomChecks {

  private static final String REQUEST = "018f3a00-0000-7000-8000-000000000001";

  private RoomChecks() {}

  static List<Check> all() {
    return List.of(
        refused(
            "AD4",
            "refuses a change under the server's own actor and keeps the connection",
            "player",
            doc -> CraftedChanges.empty(doc.firstActor(), 1_000)),
        refused(
            "AD5",
            "refuses a spectator's change and keeps the connection",
            "spectator",
            doc -> doc.make(title("written by a spectator"))),
        refused(
            "AD6",
            "refuses a player who grants a generation and keeps the connection",
            "player",
            doc ->
                doc.make(
                    new Edit.Put(
                        Path.of("generation", "grant"),
                        map(Map.of("request", Value.of(REQUEST), "epoch", Value.of(9)))))),
        refused(
            "AD6",
            "refuses a player who writes a result and keeps the connection",
            "player",
            doc ->
                doc.make(
                    new Edit.Put(
                        Path.of("results", REQUEST),
                        map(Map.of("query", Value.of("?"), "status", Value.of("done")))))),
        refused(
            "AD6",
            "refuses chat in another's name and keeps the connection",
            "player",
            doc ->
                doc.make(
                    new Edit.Append(
                        Path.of("chat"),
                        map(
                            Map.of(
                                "id", Value.of(REQUEST),
                                "by", Value.of("another-identity"),
                                "at", Value.of(1_800_000_000_000L),
                                "kind", Value.of("say"),
                                "text", Value.of("in another's name")))))),
        refused(
            "AD6",
            "refuses a player who changes the settings and keeps the connection",
            "player",
            doc -> doc.make(new Edit.Put(Path.of("settings", "maxPlayers"), new Value.Int(99)))));
  }

  @FunctionalInterface
  private interface Forgery {
    Bytes make(Doc doc);
  }

  private static Check refused(String rule, String title, String role, Forgery forgery) {
    return Check.quick(rule, title, probe -> refused(probe, rule, role, forgery));
  }

  private static void refused(Probe probe, String rule, String role, Forgery forgery)
      throws IOException {
    var room = RoomMaker.make(probe);
    var honest = opened(probe, room, "player");
    var attacker = opened(probe, room, role);
    // An allowed change is accepted.
    var hash = Doc.hash(honest.make(title("written by an honest player")));
    honest.sendNext();
    honest.awaitSaved();
    attacker.awaitChange(hash);
    var forged = forgery.make(attacker);
    attacker.peer.sync(room.document(), SyncMessages.withChanges(attacker.heads(), forged));
    var error = attacker.peer.pollError();
    if (error.isEmpty()) {
      throw new Finding("an error message that names the document", "no answer");
    }
    attacker.peer.expectRefusal(error.get(), rule, room.document());
    for (var message : honest.peer.drain()) {
      if (message instanceof WireMessage.Sync sync
          && Doc.chunksOf(ConformancePeer.decode(sync)).contains(forged)) {
        throw new Finding("a refusal", "the change is accepted and forwarded");
      }
    }
    honest.make(title("after the refusal"));
    honest.sendNext();
    honest.awaitSaved();
  }

  private static Doc opened(Probe probe, RoomMaker.Room room, String role) throws IOException {
    var doc = probe.doc(probe.join(room.syncTarget(role)), room.document());
    doc.sendNext();
    while (doc.heads().isEmpty()) {
      doc.receive();
    }
    return doc;
  }

  private static Edit title(String text) {
    return new Edit.Put(Path.of("title"), Value.text(text));
  }

  private static Value map(Map<String, Value> entries) {
    return new Value.MapOf(new TreeMap<>(entries));
  }
}
