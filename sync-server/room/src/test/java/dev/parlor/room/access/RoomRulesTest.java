package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.Stop;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Every line of the table in {@code docs/room.md}, as the relay checks it: on changes, not on
 * edits.
 */
class RoomRulesTest {

  private static final long NOW = 1_750_000_000_000L;
  private static final String ADA = "ada";
  private static final String BOB = "bob";
  private static final String SPECTATOR_CHAT = "spectatorChat";

  private final CheckedGraph graph = new CheckedGraph(OperationLimits.DEFAULT);
  private final RoomRules rules = new RoomRules(graph.index());
  private final Replica room = Replica.create(actor(1));
  private final AtomicInteger ids = new AtomicInteger();
  private int actors = 10;

  private static ActorId actor(int number) {
    var bytes = new byte[16];
    bytes[0] = (byte) number;
    return new ActorId(Bytes.wrap(bytes));
  }

  @BeforeEach
  void genesis() {
    server(RoomSchema.genesis(GenesisOptions.standard("Room"), this::id, NOW));
    server(List.of(put(person(ADA), "participants", ADA), put(person(BOB), "participants", BOB)));
  }

  @AfterEach
  void close() {
    room.close();
  }

  private String id() {
    return "id" + ids.incrementAndGet();
  }

  private static Value person(String name) {
    return Value.map("name", Value.of(name), "role", Value.of("player"));
  }

  private static Edit put(Value value, Object... path) {
    return new Edit.Put(Path.of(path), value);
  }

  private void server(List<Edit> edits) {
    rules.beginServerChange();
    var chunk = room.transact(edits).orElseThrow();
    assertInstanceOf(Offer.Added.class, graph.offer(decode(chunk), rules));
    rules.admitted();
  }

  private static ChangeChunk decode(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  /** Edits a copy of the room and sends the change; keeps the decision and the room after it. */
  private Offer by(String who, Role role, List<Edit> edits) {
    try (var copy = Replica.create(actor(actors++))) {
      copy.apply(room.changes());
      var chunk = copy.transact(edits).orElseThrow();
      rules.beginChange(who, role);
      var offer = graph.offer(decode(chunk), rules);
      if (offer instanceof Offer.Added) {
        rules.admitted();
        room.apply(List.of(chunk));
      }
      return offer;
    }
  }

  private void allowed(String who, Role role, List<Edit> edits) {
    assertInstanceOf(Offer.Added.class, by(who, role, edits));
  }

  private void allowed(String who, Role role, Edit edit) {
    allowed(who, role, List.of(edit));
  }

  private void refused(String who, Role role, List<Edit> edits) {
    var before = graph.graph().size();
    var offer = assertInstanceOf(Offer.Rejected.class, by(who, role, edits));
    assertEquals("AD6", offer.rule(), offer.reason());
    assertEquals(before, graph.graph().size());
  }

  private void refused(String who, Role role, Edit edit) {
    refused(who, role, List.of(edit));
  }

  private static ChatEntry said(String by, ChatEntry.Kind kind) {
    return new ChatEntry("c", by, NOW, kind, "hello", null);
  }

  @Test
  @DisplayName("[AD3] a note of the maximum length is emptied in one change")
  void theLongestNote() {
    var text = "n".repeat(RoomLimits.NOTE_LENGTH_MAX);
    allowed(ADA, Role.PLAYER, put(Value.map("text", Value.text(text)), "notes", "n"));
    var emptied = new Edit.SpliceText(Path.of("notes", "n", "text"), 0, text.length(), "");
    refused(ADA, Role.SPECTATOR, emptied);
    allowed(BOB, Role.PLAYER, emptied);
  }

  @Test
  @DisplayName("[AD6] hosts and players may write title, cards, windows and notes")
  void board() {
    var card = new Card("k", CardType.ROLE, "Be kind", null, ADA, NOW, "a1", null, false, null);
    for (var role : List.of(Role.HOST, Role.PLAYER)) {
      allowed(ADA, role, new Edit.SpliceText(Path.of("title"), 0, 1, "x"));
      allowed(ADA, role, put(Value.text("Another"), "title"));
      allowed(ADA, role, RoomEdits.play(card));
      allowed(BOB, role, RoomEdits.mute("k", true));
      allowed(BOB, role, new Edit.SpliceText(Path.of("cards", "k", "text"), 0, 2, "Do"));
      allowed(BOB, role, new Edit.Delete(Path.of("cards", "k")));
    }
    refused(ADA, Role.SPECTATOR, new Edit.SpliceText(Path.of("title"), 0, 1, "x"));
    refused(ADA, Role.SPECTATOR, RoomEdits.play(card));
  }

  @Test
  @DisplayName("[AD6] [RM1] only the server writes the containers and the other keys of the root")
  void containers() {
    for (var key : List.of("cards", "windows", "notes", "chat", "participants", "results", "new")) {
      refused(ADA, Role.HOST, put(Value.map(), key));
    }
    refused(ADA, Role.HOST, put(Value.of(2), "schema"));
    refused(ADA, Role.HOST, new Edit.Delete(Path.of("cards")));
    refused(ADA, Role.HOST, new Edit.Delete(Path.of("title")));
  }

  @Test
  @DisplayName("[AD6] chat entries are appended under the participant's own name")
  void chat() {
    allowed(ADA, Role.PLAYER, RoomEdits.chat(said(ADA, ChatEntry.Kind.SAY)));
    refused(ADA, Role.PLAYER, RoomEdits.chat(said(BOB, ChatEntry.Kind.SAY)));
    refused(ADA, Role.HOST, RoomEdits.chat(said(BOB, ChatEntry.Kind.SAY)));
    refused(ADA, Role.PLAYER, RoomEdits.chat(said(ADA, ChatEntry.Kind.MODEL)));
    refused(ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.of("words")));
    refused(
        ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.map("text", Value.of("nobody"))));
    // Strings as an unmodified Automerge client writes them.
    allowed(ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.map("by", Value.text(ADA))));
    refused(ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.map("by", Value.text(BOB))));
  }

  @Test
  @DisplayName("[AD6] no participant edits a chat entry's text or author")
  void wordsStay() {
    allowed(BOB, Role.PLAYER, RoomEdits.chat(said(BOB, ChatEntry.Kind.SAY)));
    for (var who : List.of(ADA, BOB)) {
      refused(who, Role.HOST, put(Value.of("other"), "chat", 0, "text"));
      refused(who, Role.HOST, new Edit.Delete(Path.of("chat", 0)));
      refused(who, Role.HOST, new Edit.Put(Path.of("chat", 0), Value.map("by", Value.of(who))));
      refused(who, Role.HOST, new Edit.Put(Path.of("chat", 0, "by"), Value.of(who + "!")));
    }
  }

  @Test
  @DisplayName("[AD6] spectators may chat if the host allows it, and write nothing else")
  void spectators() {
    refused(ADA, Role.SPECTATOR, RoomEdits.chat(said(ADA, ChatEntry.Kind.SAY)));
    allowed(BOB, Role.HOST, put(Value.of(true), "settings", SPECTATOR_CHAT));
    assertTrue(rules.spectatorsMayWrite());
    allowed(ADA, Role.SPECTATOR, RoomEdits.chat(said(ADA, ChatEntry.Kind.SAY)));
    refused(ADA, Role.SPECTATOR, RoomEdits.chat(said(BOB, ChatEntry.Kind.SAY)));
    refused(ADA, Role.SPECTATOR, put(Value.of("Ann"), "participants", ADA, "name"));
    allowed(BOB, Role.HOST, put(Value.of(false), "settings", SPECTATOR_CHAT));
    refused(ADA, Role.SPECTATOR, RoomEdits.chat(said(ADA, ChatEntry.Kind.SAY)));
  }

  @Test
  @DisplayName("[AD6] of two hosts' concurrent settings the rules apply the same value as the page")
  void twoHostsAtOnce() {
    // First the later change has the higher actor, then the earlier one.
    for (var actors : List.of(List.of(100, 101), List.of(103, 102))) {
      try (var one = Replica.create(actor(actors.getFirst()));
          var other = Replica.create(actor(actors.getLast()))) {
        one.apply(room.changes());
        other.apply(room.changes());
        var on = put(Value.of(true), "settings", SPECTATOR_CHAT);
        var off = put(Value.of(false), "settings", SPECTATOR_CHAT);
        for (var chunk :
            List.of(
                one.transact(List.of(on)).orElseThrow(),
                other.transact(List.of(off)).orElseThrow())) {
          rules.beginChange(ADA, Role.HOST);
          assertInstanceOf(Offer.Added.class, graph.offer(decode(chunk), rules));
          rules.admitted();
          room.apply(List.of(chunk));
        }
      }
      var shown = room.root().toString().contains(SPECTATOR_CHAT + "=Bool[value=true]");
      assertEquals(actors.getFirst() > actors.getLast(), shown, room.root().toString());
      assertEquals(shown, rules.spectatorsMayWrite());
    }
  }

  @Test
  @DisplayName("[AD6] a participant's entry belongs to that identity, its role to the server")
  void participants() {
    allowed(ADA, Role.PLAYER, put(Value.of("Ann"), "participants", ADA, "name"));
    refused(ADA, Role.PLAYER, put(Value.of("Bo"), "participants", BOB, "name"));
    refused(ADA, Role.HOST, put(Value.of("Bo"), "participants", BOB, "name"));
    refused(ADA, Role.PLAYER, put(Value.of("host"), "participants", ADA, "role"));
    refused(ADA, Role.PLAYER, put(person(ADA), "participants", ADA));
    refused(ADA, Role.PLAYER, put(Value.text("host"), "participants", ADA, "role"));
    allowed(ADA, Role.PLAYER, put(Value.map("name", Value.of("A")), "participants", ADA));
    refused(ADA, Role.HOST, new Edit.Delete(Path.of("participants", BOB)));
    refused(ADA, Role.HOST, put(Value.text("spectator"), "participants", BOB, "role"));
    refused(ADA, Role.HOST, put(Value.of("player"), "participants", ADA, "role"));
    refused(ADA, Role.HOST, new Edit.Delete(Path.of("participants", BOB, "role")));
    refused(ADA, Role.HOST, put(Value.of(ADA), "participants", BOB, "removedBy"));
    refused(ADA, Role.PLAYER, put(Value.of(BOB), "participants", ADA, "removedBy"));
    server(List.of(put(Value.text("spectator"), "participants", BOB, "role")));
    for (var role : List.of(Role.HOST, Role.PLAYER)) {
      refused(BOB, role, new Edit.SpliceText(Path.of("participants", BOB, "role"), 0, 9, "host"));
    }
  }

  @Test
  @DisplayName("[AD6] only a host changes settings")
  void settings() {
    allowed(ADA, Role.HOST, put(Value.of(3), "settings", "maxPlayers"));
    allowed(ADA, Role.HOST, new Edit.SpliceText(Path.of("settings", "systemPrompt"), 0, 0, "Hi"));
    refused(ADA, Role.PLAYER, put(Value.of(4), "settings", "maxPlayers"));
    refused(ADA, Role.PLAYER, new Edit.SpliceText(Path.of("settings", "systemPrompt"), 0, 0, "Hi"));
  }

  @Test
  @DisplayName(
      "[AD6] lock and stop are requested under one's own name; the server writes everything else")
  void generation() {
    allowed(ADA, Role.PLAYER, RoomEdits.lock(new Lock("r1", ADA, NOW, "?", List.of("k"), 0)));
    allowed(ADA, Role.PLAYER, RoomEdits.lock(new Lock("r1", ADA, NOW, "?", List.of("k"), 0, "r0")));
    refused(ADA, Role.HOST, RoomEdits.lock(new Lock("r2", BOB, NOW, "?", List.of(), 0)));
    refused(ADA, Role.PLAYER, put(Value.of(BOB), "generation", "lock", "by"));
    refused(ADA, Role.PLAYER, new Edit.Delete(Path.of("generation", "lock")));
    refused(ADA, Role.PLAYER, put(Value.NULL, "generation", "lock"));
    allowed(BOB, Role.PLAYER, RoomEdits.stop(new Stop("r1", BOB, NOW)));
    refused(BOB, Role.PLAYER, RoomEdits.stop(new Stop("r1", ADA, NOW)));
    refused(ADA, Role.SPECTATOR, RoomEdits.stop(new Stop("r1", ADA, NOW)));
    refused(ADA, Role.HOST, RoomEdits.grant(new Grant("r1", 1, NOW, NOW)));
    refused(ADA, Role.HOST, RoomEdits.epoch(7));
    refused(ADA, Role.HOST, put(Value.map("status", Value.of("done")), "results", "r1"));
    server(RoomEdits.grant(new Grant("r1", 1, NOW, NOW)));
    server(List.of(put(Value.map("status", Value.of("done")), "results", "r1")));
    refused(ADA, Role.HOST, put(Value.of("error"), "results", "r1", "status"));
    server(RoomEdits.release());
  }

  @Test
  @DisplayName("[AD6] one forbidden operation among allowed ones refuses the whole change")
  void together() {
    refused(
        ADA,
        Role.PLAYER,
        List.of(
            new Edit.SpliceText(Path.of("title"), 0, 1, "x"),
            put(Value.of(3), "settings", "maxPlayers")));
  }
}
