package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DiscussionTest {

  private static final long AT = Rooms.NOW;

  private static Comment comment(String id, String by, String text) {
    return new Comment(
        OwnKey.of(id, by), by, AT, "note:n", null, "the words", "3", "9", text, null);
  }

  /** A change that this edit makes in the genesis room. */
  private static Bytes change(int actor, List<Edit> edits) {
    try (var replica = at(actor, List.of(Rooms.genesis()))) {
      return replica.transact(edits).orElseThrow();
    }
  }

  private static Replica at(int actor, List<Bytes> changes) {
    return Replica.load(Optional.empty(), changes, Rooms.actor(actor));
  }

  private static RoomView merged(List<Bytes> changes) {
    var all = new ArrayList<>(List.of(Rooms.genesis()));
    all.addAll(changes);
    try (var replica = Replica.create(Rooms.actor(99))) {
      replica.apply(all);
      return Rooms.view(replica);
    }
  }

  @Test
  @DisplayName("[CM1] comments, votes and resolutions that people make offline are all kept")
  void offlineMerges() {
    var vote = new Reaction("card:c", "up", "ada", AT);
    var first = change(11, RoomEdits.comment(comment("c1", "ada", "Why?")));
    var room =
        merged(
            List.of(
                first,
                change(12, RoomEdits.comment(comment("c1", "bob", "Same id, other author"))),
                change(13, RoomEdits.comment(comment("c2", "ada", "Another"))),
                change(14, RoomEdits.react(vote)),
                change(15, RoomEdits.react(new Reaction("card:c", "up", "bob", AT + 1)))));
    assertEquals(List.of(), room.problems());
    assertEquals(
        List.of("c1|ada Why?", "c1|bob Same id, other author", "c2|ada Another"),
        room.discussion().comments().stream().map(c -> c.key() + " " + c.text()).toList());
    assertEquals(
        List.of("ada", "bob"), room.discussion().reactions().stream().map(Reaction::by).toList());
  }

  @Test
  @DisplayName(
      "[CM4] a thread that one person resolves while its author edits it is resolved, edited")
  void resolvedWhileEdited() {
    var first = change(11, RoomEdits.comment(comment("c1", "ada", "Why?")));
    var room = merged(List.of(first, after(first, 12, "Why so?"), resolved(first)));
    var comment = room.discussion().comments().getFirst();
    assertEquals("Why so?", comment.text());
    assertEquals(new Comment.Resolved("bob", AT + 5), comment.resolved());
  }

  private static Bytes after(Bytes first, int actor, String text) {
    try (var replica = at(actor, List.of(Rooms.genesis(), first))) {
      return replica
          .transact(List.of(new Edit.Put(Path.of("comments", "c1|ada", "text"), Value.of(text))))
          .orElseThrow();
    }
  }

  private static Bytes resolved(Bytes first) {
    try (var replica = at(13, List.of(Rooms.genesis(), first))) {
      return replica
          .transact(RoomEdits.resolve("c1|ada", new Comment.Resolved("bob", AT + 5)))
          .orElseThrow();
    }
  }

  @Test
  @DisplayName(
      "[CH1] a chat message is read with its author's later text; an edit under another author's key"
          + " counts for that author only")
  void editedChat() {
    var entry = new ChatEntry("m", "ada", AT, ChatEntry.Kind.SAY, "helo", null);
    var model = new ChatEntry("a", "ada", AT, ChatEntry.Kind.PROGRAM, "code", null);
    var edits = new ArrayList<>(RoomEdits.chat(entry));
    edits.addAll(RoomEdits.chat(model));
    edits.addAll(RoomEdits.editChat("m", "bob", "forged", AT + 1));
    edits.addAll(RoomEdits.editChat("a", "ada", "changed", AT + 1));
    assertEquals("helo", merged(List.of(change(11, edits))).chat().getFirst().text());
    edits.addAll(RoomEdits.editChat("m", "ada", "hello", AT + 2));
    var chat = merged(List.of(change(11, edits))).chat();
    assertEquals("hello", chat.getFirst().text());
    assertEquals(Long.valueOf(AT + 2), chat.getFirst().editedAt());
    assertEquals("code", chat.getLast().text());
    edits.addAll(RoomEdits.editChat("m", "ada", "", AT + 3));
    var transcript = RoomMarkdown.of(merged(List.of(change(11, edits))));
    assertFalse(transcript.contains("hel"), transcript);
    assertTrue(transcript.contains("code"), transcript);
  }

  @Test
  @DisplayName("[RM5] damaged comments, votes and edits are listed as problems and hide no others")
  void damagedEntries() {
    var room =
        merged(
            List.of(
                change(
                    11,
                    List.of(
                        new Edit.Put(Path.of("comments", "x|ada"), Value.of("no map")),
                        new Edit.Put(Path.of("comments", "noauthor"), Value.map()),
                        new Edit.Put(Path.of("reactions", "card:c|up|ada"), Value.of("soon")),
                        new Edit.Put(Path.of("reactions", "up|ada"), Value.of(1)))),
                change(12, RoomEdits.comment(comment("c1", "ada", "x".repeat(5_000))))));
    assertEquals(1, room.discussion().comments().size());
    assertEquals(4_000, room.discussion().comments().getFirst().text().length());
    assertEquals(List.of(), room.discussion().reactions());
    assertEquals(
        List.of("comments/c1|ada/text", "comments/x|ada"),
        room.problems().stream()
            .map(Problem::path)
            .filter(path -> path.startsWith("comments/c1") || path.startsWith("comments/x"))
            .sorted()
            .toList());
  }

  @Test
  @DisplayName(
      "an import keeps comments and votes under imported identities, without cursors of the old room")
  void imported() {
    var edits = new ArrayList<>(RoomEdits.comment(comment("c1", "ada", "Why?")));
    edits.addAll(
        RoomEdits.comment(
            new Comment("c2|bob", "bob", AT + 1, "note:n", "c1|ada", "", "", "", "So.", null)));
    edits.addAll(RoomEdits.react(new Reaction("card:c", "up", "ada", AT)));
    var room = merged(List.of(change(11, edits)));
    var plan = RoomImport.of(room, null);
    try (var replica = Replica.create(Rooms.actor(7))) {
      plan.changes().forEach(change -> assertNotNull(replica.transact(change)));
      var discussion = Rooms.view(replica).discussion();
      assertEquals(
          List.of("c1|import:1 null the words ''", "c2|import:2 c1|import:1  ''"),
          discussion.comments().stream()
              .map(c -> c.key() + " " + c.thread() + " " + c.quote() + " '" + c.start() + "'")
              .toList());
      assertEquals(List.of("import:1"), discussion.reactions().stream().map(Reaction::by).toList());
    }
  }
}
