package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.policy.PolicyFile;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.RoomSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The rules of rooms, written as a document policy as well as that is possible. The tests show
 * which rules are equal in both forms, and which the file cannot express (decision 0044).
 */
class RoomRulesAsPolicyTest {

  private static final DocumentId ID =
      DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));

  private static final String POLICY =
      """
      {
        "version": 1,
        "rules": [
          {"path": "/title", "write": ["write"]},
          {"path": "/cards/*/**", "write": ["write"]},
          {"path": "/windows/*/**", "write": ["write"]},
          {"path": "/notes/*/**", "write": ["write"]},
          {"path": "/chat/*", "write": ["write"], "append": true, "values": ["map"]},
          {"path": "/chat/*/**", "write": ["write"], "append": true},
          {"path": "/comments/*/**", "write": ["write"]},
          {"path": "/reactions/*", "write": ["write"], "values": ["number", "time", "string"]},
          {"path": "/edits/*/**", "write": ["write"]},
          {"path": "/participants/{subject}/role/**", "write": []},
          {"path": "/participants/{subject}/removedBy/**", "write": []},
          {"path": "/participants/{subject}", "write": ["write"], "values": ["map"]},
          {"path": "/participants/{subject}/**", "write": ["write"]},
          {"path": "/settings/*/**", "write": ["own"]},
          {"path": "/generation/lock/**", "write": ["write"]},
          {"path": "/generation/stop/**", "write": ["write"]},
          {"path": "/generation/command/**", "write": ["write"]},
          {"path": "/**", "write": []}
        ]
      }
      """;

  /** The verdicts of both forms about one edit. */
  private record Verdicts(boolean rooms, boolean file) {}

  private static final Verdicts BOTH_ALLOW = new Verdicts(true, true);
  private static final Verdicts BOTH_REFUSE = new Verdicts(false, false);
  private static final Verdicts ONLY_FILE_ALLOWS = new Verdicts(false, true);

  private final AtomicInteger ids = new AtomicInteger();
  private int actors = 1;

  private ActorId actor() {
    var bytes = new byte[16];
    bytes[0] = (byte) actors++;
    return new ActorId(Bytes.wrap(bytes));
  }

  private static Edit put(Value value, Object... path) {
    return new Edit.Put(Path.of(path), value);
  }

  private static Value say(String by) {
    return Value.map("by", Value.of(by), "kind", Value.of("say"), "text", Value.of("hello"));
  }

  private static ChangeChunk decode(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  private Verdicts verdicts(Role role, Edit edit, Edit... settings) throws Exception {
    var content = new ArrayList<>(RoomSchema.genesis(GenesisOptions.standard("Room"), this::id, 1));
    content.add(
        put(Value.map("name", Value.of("Ada"), "role", Value.of("player")), "participants", "ada"));
    content.add(put(Value.map("name", Value.of("Bob")), "participants", "bob"));
    content.add(put(Value.map("text", Value.text("a")), "cards", "c1"));
    content.add(put(Value.map("text", Value.of("b")), "comments", "1|bob"));
    content.add(new Edit.Append(Path.of("chat"), say("ada")));
    content.addAll(List.of(settings));
    try (var room = Replica.create(actor());
        var author = Replica.create(actor())) {
      var start = room.transact(content).orElseThrow();
      author.apply(List.of(start));
      var change = decode(author.transact(List.of(edit)).orElseThrow());
      return new Verdicts(
          allows((_, index) -> new RoomRules(index), "ada", role, decode(start), change),
          allows(
              PolicyFile.parse(Bytes.utf8(POLICY)).factory(),
              Caller.TOKEN + "ada",
              role,
              decode(start),
              change));
    }
  }

  private static boolean allows(
      ChangePolicy.Factory factory,
      String identity,
      Role role,
      ChangeChunk start,
      ChangeChunk change) {
    var graph = new CheckedGraph(OperationLimits.DEFAULT);
    var policy = factory.of(ID, graph.index());
    policy.beginServerChange();
    assertInstanceOf(Offer.Added.class, graph.offer(start, policy));
    policy.admitted();
    policy.beginChange(identity, role);
    return graph.offer(change, policy) instanceof Offer.Added;
  }

  private String id() {
    return "id" + ids.incrementAndGet();
  }

  @Test
  @DisplayName(
      "[AD6] the writers of most parts of a room are equal in the code and in a policy file")
  void equalRules() throws Exception {
    var chat = Path.of("chat");
    for (var edit :
        List.of(
            put(Value.text("New"), "title"),
            put(Value.map("text", Value.text("x")), "cards", "c2"),
            new Edit.SpliceText(Path.of("cards", "c1", "text"), 0, 0, "x"),
            new Edit.Delete(Path.of("cards", "c1")),
            new Edit.Append(chat, say("ada")),
            put(Value.of("Ada L."), "participants", "ada", "name"),
            put(Value.map("text", Value.of("x")), "comments", "2|ada"),
            put(Value.map("by", Value.of("ada")), "generation", "lock"))) {
      assertEquals(BOTH_ALLOW, verdicts(Role.PLAYER, edit), edit.toString());
      assertEquals(BOTH_REFUSE, verdicts(Role.SPECTATOR, edit), edit.toString());
    }
    for (var edit :
        List.of(
            put(Value.of("host"), "participants", "ada", "role"),
            put(Value.map("role", Value.of("player")), "participants", "ada"),
            put(Value.of("x"), "participants", "bob", "name"),
            put(Value.of("x"), "participants", "ada"),
            new Edit.Delete(chat.child(0)),
            put(Value.of("x"), "chat", 0, "text"),
            put(say("ada"), "chat", 0),
            new Edit.Append(chat, Value.of("x")),
            put(Value.of(7), "generation", "epoch"),
            put(Value.map(), "results"),
            new Edit.Delete(Path.of("cards")),
            put(Value.of(1), "other"))) {
      assertEquals(BOTH_REFUSE, verdicts(Role.HOST, edit), edit.toString());
    }
    var setting = put(Value.of(true), "settings", "spectatorChat");
    assertEquals(BOTH_ALLOW, verdicts(Role.HOST, setting));
    assertEquals(BOTH_REFUSE, verdicts(Role.PLAYER, setting));
  }

  @Test
  @DisplayName(
      "a policy file would allow what rooms refuse: foreign names in entries, foreign keys, requests that are edited, and removals")
  void lostRules() throws Exception {
    for (var edit :
        List.of(
            new Edit.Append(Path.of("chat"), say("bob")),
            new Edit.Append(
                Path.of("chat"), Value.map("by", Value.of("ada"), "kind", Value.of("x"))),
            put(Value.map("by", Value.of("bob")), "generation", "lock"),
            put(Value.of("x"), "comments", "1|bob", "text"),
            put(Value.map("text", Value.of("x")), "comments", "2|bob"),
            put(Value.of(1), "reactions", "1|up|bob"),
            put(Value.map(), "edits", "1|bob"),
            new Edit.Delete(Path.of("title")),
            new Edit.Delete(Path.of("participants", "ada")))) {
      assertEquals(ONLY_FILE_ALLOWS, verdicts(Role.PLAYER, edit), edit.toString());
    }
    assertEquals(
        new Verdicts(true, false),
        verdicts(
            Role.SPECTATOR,
            new Edit.Append(Path.of("chat"), say("ada")),
            put(Value.of(true), "settings", "spectatorChat")),
        "a setting in the document lets spectators chat");
  }
}
