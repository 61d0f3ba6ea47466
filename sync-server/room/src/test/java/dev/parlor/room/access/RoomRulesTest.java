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
import dev.parlor.room.schema.Comment;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Reaction;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.Stop;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests every row of the table of writers in {@code docs/room.md}. The rules check encoded changes,
 * as in the relay.
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
    writeAsServer(RoomSchema.genesis(GenesisOptions.standard("Room"), this::id, NOW));
    writeAsServer(
        List.of(put(person(ADA), "participants", ADA), put(person(BOB), "participants", BOB)));
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

  private void writeAsServer(List<Edit> edits) {
    rules.beginServerChange();
    var chunk = room.transact(edits).orElseThrow();
    assertInstanceOf(Offer.Added.class, graph.offer(decode(chunk), rules));
    rules.admitted();
  }

  private static ChangeChunk decode(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  /**
   * Makes the edits in a copy of the room and offers the change; applies it to the room if added.
   */
  private Offer submit(String author, Role role, List<Edit> edits) {
    try (var copy = Replica.create(actor(actors++))) {
      copy.apply(room.changes());
      var chunk = copy.transact(edits).orElseThrow();
      rules.beginChange(author, role);
      var offer = graph.offer(decode(chunk), rules);
      if (offer instanceof Offer.Added) {
        rules.admitted();
        room.apply(List.of(chunk));
      }
      return offer;
    }
  }

  private void assertAllowed(String author, Role role, List<Edit> edits) {
    assertInstanceOf(Offer.Added.class, submit(author, role, edits));
  }

  private void assertAllowed(String author, Role role, Edit edit) {
    assertAllowed(author, role, List.of(edit));
  }

  private void assertRefused(String author, Role role, List<Edit> edits) {
    var before = graph.graph().size();
    var offer = assertInstanceOf(Offer.Rejected.class, submit(author, role, edits));
    assertEquals("AD6", offer.rule(), offer.reason());
    assertEquals(before, graph.graph().size());
  }

  private void assertRefused(String author, Role role, Edit edit) {
    assertRefused(author, role, List.of(edit));
  }

  private static ChatEntry chatEntry(String by, ChatEntry.Kind kind) {
    return new ChatEntry("c", by, NOW, kind, "hello", null);
  }

  @Test
  @DisplayName("[AD3] a player may empty a note of the maximum length in one change")
  void theLongestNote() {
    var text = "n".repeat(RoomLimits.NOTE_LENGTH_MAX);
    assertAllowed(ADA, Role.PLAYER, put(Value.map("text", Value.text(text)), "notes", "n"));
    var emptied = new Edit.SpliceText(Path.of("notes", "n", "text"), 0, text.length(), "");
    assertRefused(ADA, Role.SPECTATOR, emptied);
    assertAllowed(BOB, Role.PLAYER, emptied);
  }

  @Test
  @DisplayName("[AD6] hosts and players may write title, cards, windows and notes")
  void board() {
    var card = new Card("k", CardType.ROLE, "Be kind", null, ADA, NOW, "a1", null, false, null);
    for (var role : List.of(Role.HOST, Role.PLAYER)) {
      assertAllowed(ADA, role, new Edit.SpliceText(Path.of("title"), 0, 1, "x"));
      assertAllowed(ADA, role, put(Value.text("Another"), "title"));
      assertAllowed(ADA, role, RoomEdits.play(card));
      assertAllowed(BOB, role, RoomEdits.mute("k", true));
      assertAllowed(BOB, role, new Edit.SpliceText(Path.of("cards", "k", "text"), 0, 2, "Do"));
      assertAllowed(BOB, role, new Edit.Delete(Path.of("cards", "k")));
    }
    assertRefused(ADA, Role.SPECTATOR, new Edit.SpliceText(Path.of("title"), 0, 1, "x"));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.play(card));
  }

  @Test
  @DisplayName("[AD6] [RM1] only the server writes the containers and the other keys of the root")
  void containers() {
    for (var key :
        List.of(
            "cards", "windows", "notes", "chat", "participants", "results", "comments", "new")) {
      assertRefused(ADA, Role.HOST, put(Value.map(), key));
    }
    assertRefused(ADA, Role.HOST, put(Value.of(2), "schema"));
    assertRefused(ADA, Role.HOST, new Edit.Delete(Path.of("cards")));
    assertRefused(ADA, Role.HOST, new Edit.Delete(Path.of("title")));
  }

  @Test
  @DisplayName("[AD6] a participant appends chat entries only under its own identity")
  void chat() {
    assertAllowed(ADA, Role.PLAYER, RoomEdits.chat(chatEntry(ADA, ChatEntry.Kind.SAY)));
    assertRefused(ADA, Role.PLAYER, RoomEdits.chat(chatEntry(BOB, ChatEntry.Kind.SAY)));
    assertRefused(ADA, Role.HOST, RoomEdits.chat(chatEntry(BOB, ChatEntry.Kind.SAY)));
    assertRefused(ADA, Role.PLAYER, RoomEdits.chat(chatEntry(ADA, ChatEntry.Kind.MODEL)));
    assertRefused(ADA, Role.HOST, RoomEdits.chat(chatEntry(ADA, ChatEntry.Kind.PROGRAM)));
    assertRefused(ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.of("words")));
    assertRefused(
        ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.map("text", Value.of("nobody"))));
    // Strings as an unmodified Automerge client writes them.
    assertAllowed(
        ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.map("by", Value.text(ADA))));
    assertRefused(
        ADA, Role.PLAYER, new Edit.Append(Path.of("chat"), Value.map("by", Value.text(BOB))));
  }

  @Test
  @DisplayName("[AD6] no participant edits a chat entry's text or author")
  void chatEntriesAreNeverEdited() {
    assertAllowed(BOB, Role.PLAYER, RoomEdits.chat(chatEntry(BOB, ChatEntry.Kind.SAY)));
    for (var author : List.of(ADA, BOB)) {
      assertRefused(author, Role.HOST, put(Value.of("other"), "chat", 0, "text"));
      assertRefused(author, Role.HOST, new Edit.Delete(Path.of("chat", 0)));
      assertRefused(
          author, Role.HOST, new Edit.Put(Path.of("chat", 0), Value.map("by", Value.of(author))));
      assertRefused(
          author, Role.HOST, new Edit.Put(Path.of("chat", 0, "by"), Value.of(author + "!")));
    }
  }

  private static Comment comment(String by, String text, Comment.@Nullable Resolved resolved) {
    return new Comment("c|" + by, by, NOW, "note:n", null, "quote", "1", "4", text, resolved);
  }

  @Test
  @DisplayName(
      "[AD6] [CM1] seated people write comments under a key with their identity, and nobody rewrites"
          + " another author's comment")
  void comments() {
    assertAllowed(ADA, Role.PLAYER, RoomEdits.comment(comment(ADA, "Why?", null)));
    assertAllowed(ADA, Role.PLAYER, put(Value.of("Why so?"), "comments", "c|" + ADA, "text"));
    assertRefused(BOB, Role.HOST, RoomEdits.comment(comment(ADA, "Forged", null)));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.comment(comment(ADA, "Why?", null)));
    for (var field : List.of("text", "quoted", "start", "at", "thread")) {
      assertRefused(BOB, Role.HOST, put(Value.of("x"), "comments", "c|" + ADA, field));
      assertRefused(
          BOB, Role.HOST, put(Value.map("by", Value.of(BOB)), "comments", "c|" + ADA, field));
    }
    assertRefused(BOB, Role.HOST, new Edit.Delete(Path.of("comments", "c|" + ADA)));
    assertRefused(ADA, Role.HOST, new Edit.Delete(Path.of("comments", "c|" + ADA)));
    assertRefused(ADA, Role.PLAYER, put(Value.map(), "comments", ADA));
    // The part before the first separator is the id, whatever stands behind it.
    assertRefused(ADA, Role.PLAYER, put(Value.map(), "comments", "x|guest:p|" + ADA));
  }

  @Test
  @DisplayName(
      "[AD6] [CM4] seated people resolve and reopen any thread, but only under their own identity")
  void resolving() {
    assertAllowed(ADA, Role.PLAYER, RoomEdits.comment(comment(ADA, "Why?", null)));
    var byBob = new Comment.Resolved(BOB, NOW);
    assertAllowed(BOB, Role.PLAYER, RoomEdits.resolve("c|" + ADA, byBob));
    assertRefused(ADA, Role.HOST, RoomEdits.resolve("c|" + ADA, byBob));
    assertRefused(ADA, Role.HOST, put(Value.of(ADA), "comments", "c|" + ADA, "resolved", "by"));
    assertAllowed(ADA, Role.PLAYER, RoomEdits.resolve("c|" + ADA, null));
    assertRefused(BOB, Role.SPECTATOR, RoomEdits.resolve("c|" + ADA, byBob));
    assertRefused(BOB, Role.PLAYER, put(Value.map(), "comments", "c|" + ADA, "resolved"));
    assertRefused(BOB, Role.PLAYER, put(Value.of("x"), "comments", "c|" + ADA, "resolved"));
    assertRefused(ADA, Role.PLAYER, RoomEdits.comment(comment(ADA, "Done", byBob)));
  }

  @Test
  @DisplayName("[AD6] [RX1] seated people set and take back only their own votes")
  void reactions() {
    var vote = new Reaction("card:k", "up", ADA, NOW);
    assertAllowed(ADA, Role.PLAYER, RoomEdits.react(vote));
    assertRefused(BOB, Role.HOST, RoomEdits.react(new Reaction("card:k", "up", ADA, NOW + 1)));
    assertRefused(BOB, Role.HOST, RoomEdits.takeBack(vote));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.takeBack(vote));
    assertRefused(ADA, Role.PLAYER, put(Value.map(), "reactions", "card:k|up|" + ADA));
    assertRefused(ADA, Role.PLAYER, put(Value.of(1), "reactions", "up|" + ADA));
    assertAllowed(ADA, Role.PLAYER, RoomEdits.takeBack(vote));
  }

  @Test
  @DisplayName(
      "[AD6] [CH1] the author of a chat message edits it under a key with the own identity")
  void chatEdits() {
    assertAllowed(ADA, Role.PLAYER, RoomEdits.editChat("c", ADA, "better", NOW));
    assertAllowed(ADA, Role.PLAYER, RoomEdits.editChat("c", ADA, "", NOW));
    assertRefused(BOB, Role.HOST, RoomEdits.editChat("c", ADA, "forged", NOW));
    assertRefused(BOB, Role.HOST, put(Value.of("forged"), "edits", "c|" + ADA, "text"));
    assertRefused(BOB, Role.HOST, new Edit.Delete(Path.of("edits", "c|" + ADA)));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.editChat("c", ADA, "x", NOW));
    assertAllowed(BOB, Role.HOST, put(Value.of(true), "settings", SPECTATOR_CHAT));
    assertAllowed(ADA, Role.SPECTATOR, RoomEdits.editChat("c", ADA, "x", NOW));
  }

  @Test
  @DisplayName("[AD6] spectators may chat if the host allows it, and write nothing else")
  void spectators() {
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.chat(chatEntry(ADA, ChatEntry.Kind.SAY)));
    assertAllowed(BOB, Role.HOST, put(Value.of(true), "settings", SPECTATOR_CHAT));
    assertTrue(rules.spectatorsMayWrite());
    assertAllowed(ADA, Role.SPECTATOR, RoomEdits.chat(chatEntry(ADA, ChatEntry.Kind.SAY)));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.chat(chatEntry(BOB, ChatEntry.Kind.SAY)));
    assertRefused(ADA, Role.SPECTATOR, put(Value.of("Ann"), "participants", ADA, "name"));
    assertAllowed(BOB, Role.HOST, put(Value.of(false), "settings", SPECTATOR_CHAT));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.chat(chatEntry(ADA, ChatEntry.Kind.SAY)));
  }

  @Test
  @DisplayName(
      "[AD6] if two hosts change spectatorChat concurrently, the rules use the value that replicas show")
  void twoHostsAtOnce() {
    // In the first round the second change has the higher actor, in the second round the first.
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
      var isOn = room.root().toString().contains(SPECTATOR_CHAT + "=Bool[value=true]");
      assertEquals(actors.getFirst() > actors.getLast(), isOn, room.root().toString());
      assertEquals(isOn, rules.spectatorsMayWrite());
    }
  }

  @Test
  @DisplayName("[AD6] a participant writes only its own entry, and only the server writes the role")
  void participants() {
    assertAllowed(ADA, Role.PLAYER, put(Value.of("Ann"), "participants", ADA, "name"));
    assertRefused(ADA, Role.PLAYER, put(Value.of("Bo"), "participants", BOB, "name"));
    assertRefused(ADA, Role.HOST, put(Value.of("Bo"), "participants", BOB, "name"));
    assertRefused(ADA, Role.PLAYER, put(Value.of("host"), "participants", ADA, "role"));
    assertRefused(ADA, Role.PLAYER, put(person(ADA), "participants", ADA));
    assertRefused(ADA, Role.PLAYER, put(Value.text("host"), "participants", ADA, "role"));
    assertAllowed(ADA, Role.PLAYER, put(Value.map("name", Value.of("A")), "participants", ADA));
    assertRefused(ADA, Role.HOST, new Edit.Delete(Path.of("participants", BOB)));
    assertRefused(ADA, Role.HOST, put(Value.text("spectator"), "participants", BOB, "role"));
    assertRefused(ADA, Role.HOST, put(Value.of("player"), "participants", ADA, "role"));
    assertRefused(ADA, Role.HOST, new Edit.Delete(Path.of("participants", BOB, "role")));
    assertRefused(ADA, Role.HOST, put(Value.of(ADA), "participants", BOB, "removedBy"));
    assertRefused(ADA, Role.PLAYER, put(Value.of(BOB), "participants", ADA, "removedBy"));
    writeAsServer(List.of(put(Value.text("spectator"), "participants", BOB, "role")));
    for (var role : List.of(Role.HOST, Role.PLAYER)) {
      assertRefused(
          BOB, role, new Edit.SpliceText(Path.of("participants", BOB, "role"), 0, 9, "host"));
    }
  }

  @Test
  @DisplayName("[AD6] only a host changes settings")
  void settings() {
    assertAllowed(ADA, Role.HOST, put(Value.of(3), "settings", "maxPlayers"));
    assertAllowed(
        ADA, Role.HOST, new Edit.SpliceText(Path.of("settings", "systemPrompt"), 0, 0, "Hi"));
    assertRefused(ADA, Role.PLAYER, put(Value.of(4), "settings", "maxPlayers"));
    assertRefused(
        ADA, Role.PLAYER, new Edit.SpliceText(Path.of("settings", "systemPrompt"), 0, 0, "Hi"));
  }

  @Test
  @DisplayName(
      "[AD6] a participant requests lock and stop only under the own identity; the server writes all"
          + " else in generation and results")
  void generation() {
    assertAllowed(ADA, Role.PLAYER, RoomEdits.lock(new Lock("r1", ADA, NOW, "?", List.of("k"), 0)));
    assertAllowed(
        ADA, Role.PLAYER, RoomEdits.lock(new Lock("r1", ADA, NOW, "?", List.of("k"), 0, "r0")));
    assertRefused(ADA, Role.HOST, RoomEdits.lock(new Lock("r2", BOB, NOW, "?", List.of(), 0)));
    assertRefused(ADA, Role.PLAYER, put(Value.of(BOB), "generation", "lock", "by"));
    assertRefused(ADA, Role.PLAYER, new Edit.Delete(Path.of("generation", "lock")));
    assertRefused(ADA, Role.PLAYER, put(Value.NULL, "generation", "lock"));
    assertAllowed(BOB, Role.PLAYER, RoomEdits.stop(new Stop("r1", BOB, NOW)));
    assertRefused(BOB, Role.PLAYER, RoomEdits.stop(new Stop("r1", ADA, NOW)));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.stop(new Stop("r1", ADA, NOW)));
    assertRefused(ADA, Role.HOST, RoomEdits.grant(new Grant("r1", 1, NOW, NOW)));
    assertRefused(ADA, Role.HOST, RoomEdits.epoch(7));
    assertRefused(ADA, Role.HOST, put(Value.map("status", Value.of("done")), "results", "r1"));
    assertAllowed(ADA, Role.PLAYER, RoomEdits.command(command(ADA)));
    assertRefused(ADA, Role.HOST, RoomEdits.command(command(BOB)));
    assertRefused(ADA, Role.SPECTATOR, RoomEdits.command(command(ADA)));
    for (var field : List.of("queue", "grants", "paused")) {
      assertRefused(ADA, Role.HOST, put(Value.map(), "generation", field));
    }
    writeAsServer(RoomEdits.grant(new Grant("r1", 1, NOW, NOW)));
    writeAsServer(List.of(put(Value.map("status", Value.of("done")), "results", "r1")));
    assertRefused(ADA, Role.HOST, put(Value.of("error"), "results", "r1", "status"));
    writeAsServer(RoomEdits.release());
  }

  private static QueueCommand command(String by) {
    return new QueueCommand("k1", QueueCommand.Action.CANCEL, "r1", "", by, NOW);
  }

  @Test
  @DisplayName("[AD6] one forbidden operation among allowed ones refuses the whole change")
  void aForbiddenOperationRefusesTheWholeChange() {
    assertRefused(
        ADA,
        Role.PLAYER,
        List.of(
            new Edit.SpliceText(Path.of("title"), 0, 1, "x"),
            put(Value.of(3), "settings", "maxPlayers")));
  }
}
