package dev.parlor.relay.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each rule of a policy, with changes of the real bindings. */
class PolicyCheckTest {

  private static final DocumentId ID =
      DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));

  /** An author of changes, with one replica and so one actor. */
  private record Author(
      ActorId actor, Replica replica, String identity, Role role, Set<String> roles) {}

  private final CheckedGraph graph = new CheckedGraph(OperationLimits.DEFAULT);
  private final List<Bytes> admitted = new ArrayList<>();
  private final List<Author> authors = new ArrayList<>();
  private ChangePolicy policy = ChangePolicy.byRole();

  @AfterEach
  void close() {
    authors.forEach(author -> author.replica().close());
  }

  private Author author(String identity, Role role, String... roles) {
    var actor = new byte[16];
    actor[0] = (byte) (authors.size() + 1);
    var id = new ActorId(Bytes.wrap(actor));
    var replica = Replica.create(id);
    replica.apply(admitted);
    authors.add(new Author(id, replica, identity, role, Set.of(roles)));
    return authors.getLast();
  }

  /** Starts a document with this content. The rules are written with single quotes. */
  private void document(String rules, Object... content) throws Exception {
    var text = "{'version': 1, 'rules': [" + rules + "]}";
    policy = PolicyFile.parse(Bytes.utf8(text.replace('\'', '"'))).factory().of(ID, graph.index());
    var server = author("server", Role.HOST);
    policy.beginServerChange();
    var edits = new ArrayList<Edit>();
    for (var i = 0; i < content.length; i += 2) {
      edits.add(put((Value) content[i + 1], content[i]));
    }
    server.replica().transact(edits).ifPresent(chunk -> add(chunk, offer(chunk)));
  }

  private Offer offer(Bytes chunk) {
    return graph.offer(ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow(), policy);
  }

  private void add(Bytes chunk, Offer offer) {
    assertInstanceOf(Offer.Added.class, offer, offer.toString());
    policy.admitted();
    admitted.add(chunk);
  }

  private static Edit put(Value value, Object... path) {
    return new Edit.Put(Path.of(path), value);
  }

  private static Edit delete(Object... path) {
    return new Edit.Delete(Path.of(path));
  }

  private static Edit append(Value value, Object... path) {
    return new Edit.Append(Path.of(path), value);
  }

  private static Edit type(String text, Object... path) {
    return new Edit.SpliceText(Path.of(path), 0, 0, text);
  }

  private void allows(Author author, Edit... edits) {
    author.replica().apply(admitted);
    var chunk = author.replica().transact(List.of(edits)).orElseThrow();
    policy.beginChange(author.identity(), author.role(), author.roles());
    add(chunk, offer(chunk));
  }

  /** Makes a change that must be refused, in a copy of the author's replica; returns the reason. */
  private String refuses(Author author, Edit... edits) {
    try (var copy = Replica.create(author.actor())) {
      copy.apply(admitted);
      var chunk = copy.transact(List.of(edits)).orElseThrow();
      policy.beginChange(author.identity(), author.role(), author.roles());
      var size = graph.graph().size();
      var rejected =
          assertInstanceOf(Offer.Rejected.class, offer(chunk), List.of(edits).toString());
      assertEquals("AD6", rejected.rule(), rejected.reason());
      assertEquals(size, graph.graph().size());
      return rejected.reason();
    }
  }

  private static Value map(Object... entries) {
    return Value.map(entries);
  }

  @Test
  @DisplayName(
      "[AD6] a permission in a rule includes the permissions above it, and a role is only itself")
  void writers() throws Exception {
    document(
        "{'path': '/open', 'write': ['read']}, {'path': '/shared', 'write': ['write']},"
            + "{'path': '/private', 'write': ['own']}, {'path': '/staff', 'write': ['editor']},"
            + "{'path': '/mixed', 'write': ['own', 'editor', 'tester']},"
            + "{'path': '/nobody', 'write': []}");
    var reader = author("token:r", Role.SPECTATOR);
    var editor = author("token:e", Role.SPECTATOR, "editor");
    var writer = author("token:w", Role.PLAYER);
    var owner = author("token:o", Role.HOST);
    record Row(String key, Set<Author> allowed) {}
    for (var row :
        List.of(
            new Row("open", Set.of(reader, editor, writer, owner)),
            new Row("shared", Set.of(writer, owner)),
            new Row("private", Set.of(owner)),
            new Row("staff", Set.of(editor)),
            new Row("mixed", Set.of(editor, owner)),
            new Row("nobody", Set.of()))) {
      for (var author : List.of(reader, editor, writer, owner)) {
        var edit = put(Value.of(authors.indexOf(author)), row.key());
        if (row.allowed().contains(author)) {
          allows(author, edit);
        } else {
          refuses(author, edit);
        }
      }
    }
    assertTrue(policy.spectatorsMayWrite());
  }

  @Test
  @DisplayName("a policy without rules for readers and roles refuses readers unread [AD5]")
  void readersWithoutRules() throws Exception {
    document("{'path': '/a', 'write': ['write']}");
    assertEquals(false, policy.spectatorsMayWrite());
    document("{'path': '/a', 'write': ['commenter']}");
    assertEquals(true, policy.spectatorsMayWrite());
  }

  @Test
  @DisplayName(
      "[AD6] the first rule with a matching path decides, and a path without a rule is refused")
  void firstMatch() throws Exception {
    document(
        "{'path': '/cards/*/price', 'write': ['own']}, {'path': '/cards/*/**', 'write': ['write']}",
        "cards",
        map("x", map("price", Value.of(1))),
        "list",
        Value.list(List.of(map())));
    var writer = author("token:w", Role.PLAYER);
    allows(writer, put(Value.of("new"), "cards", "x", "title"));
    allows(writer, put(map("deep", map()), "cards", "y"));
    allows(writer, put(Value.of(1), "cards", "y", "deep", "price"));
    assertEquals(
        "rule 1 of the document policy, /cards/*/price, does not let this caller write at"
            + " /cards/*/price",
        refuses(writer, put(Value.of(0), "cards", "x", "price")));
    refuses(writer, put(map("price", Value.of(0)), "cards", "z"));
    assertEquals(
        "no rule of the document policy is about /cards", refuses(writer, delete("cards")));
    refuses(writer, put(map(), "cards"));
    assertEquals(
        "no rule of the document policy is about /*/*/*",
        refuses(writer, put(Value.of(1), "list", 0, "title")));
    var owner = author("token:o", Role.HOST);
    refuses(owner, put(Value.of(1), "other"));
    allows(owner, put(Value.of(0), "cards", "x", "price"));
    refuses(writer, put(Value.of(2), "cards", "x", "title"), put(Value.of(0), "other"));
  }

  @Test
  @DisplayName("[AD6] {subject} is the key that equals the subject of the writer's token")
  void ownEntry() throws Exception {
    document("{'path': '/people/{subject}/**', 'write': ['read']}", "people", map("bob", map()));
    var ada = author("token:ada", Role.SPECTATOR);
    var bob = author("token:bob", Role.SPECTATOR);
    allows(ada, put(map("name", Value.text("Ada")), "people", "ada"));
    allows(bob, put(Value.of("Bob"), "people", "bob", "name"));
    allows(ada, type("I am ", "people", "ada", "name"));
    refuses(ada, put(Value.of("x"), "people", "bob", "name"));
    refuses(bob, type("x", "people", "ada", "name"));
    refuses(bob, delete("people", "ada"));
    refuses(bob, put(map(), "people", "bobby"));
    allows(bob, delete("people", "bob"));
    refuses(author("guest:ada", Role.HOST), put(map(), "people", "ada"));
    refuses(author("ada", Role.HOST), put(map(), "people", "ada"));
  }

  @Test
  @DisplayName("[AD6] the elements of a list are matched by *, and never by a key")
  void elements() throws Exception {
    document(
        "{'path': '/list/0', 'write': ['read']}, {'path': '/list/*/done', 'write': ['write']},"
            + "{'path': '/list/{subject}', 'write': ['write']}",
        "list",
        Value.list(List.of(map())));
    var writer = author("token:0", Role.PLAYER);
    allows(writer, put(Value.of(true), "list", 0, "done"));
    refuses(writer, put(Value.of(true), "list", 0));
    refuses(writer, append(Value.of(true), "list"));
    refuses(writer, delete("list", 0));
  }

  @Test
  @DisplayName("[AD6] typing into a text is a write at the path of the text")
  void texts() throws Exception {
    document(
        "{'path': '/title', 'write': ['write']}, {'path': '/bodies/*', 'write': ['own']}",
        "title",
        Value.text("a"),
        "bodies",
        Value.list(List.of(Value.text("b"))));
    var writer = author("token:w", Role.PLAYER);
    allows(writer, type("x".repeat(5_000), "title"));
    allows(writer, new Edit.SpliceText(Path.of("title"), 0, 5_000, ""));
    refuses(writer, type("x", "bodies", 0));
    refuses(writer, new Edit.SpliceText(Path.of("bodies", 0), 0, 1, ""));
    allows(author("token:o", Role.HOST), type("x", "bodies", 0));
  }

  @Test
  @DisplayName(
      "[AD6] an append-only list takes complete elements, and none is changed or removed later")
  void appendOnly() throws Exception {
    document(
        "{'path': '/log/**', 'write': ['write'], 'append': true}",
        "log",
        Value.list(List.of(map("n", Value.of(0)), Value.of(7))));
    var ada = author("token:ada", Role.PLAYER);
    allows(ada, append(map("n", Value.of(1), "replies", Value.list(List.of())), "log"));
    allows(ada, new Edit.Insert(Path.of("log"), 0, Value.text("first")));
    allows(ada, append(Value.of(1), "log", 3, "replies"));
    // Within the change that inserts an element, it can be changed and removed.
    allows(
        ada, append(map(), "log"), put(Value.text("a"), "log", 4, "n"), type("b", "log", 4, "n"));
    allows(ada, append(Value.of(1), "log"), put(Value.of(2), "log", 5));
    allows(ada, append(Value.of(1), "log"), delete("log", 6), append(map(), "log"));
    for (var edit :
        List.of(
            delete("log"),
            put(Value.list(List.of()), "log"),
            delete("log", 0),
            delete("log", 4),
            put(Value.of(3), "log", 5),
            type("x", "log", 0),
            new Edit.SpliceText(Path.of("log", 0), 0, 5, ""),
            put(Value.of(3), "log", 4, "m"),
            type("x", "log", 4, "n"),
            delete("log", 3, "replies"),
            delete("log", 1, "n"))) {
      refuses(ada, edit);
    }
    refuses(ada, append(Value.of(1), "log"), delete("log", 0));
  }

  @Test
  @DisplayName(
      "[AD6] a change that removes its own element of an append-only list cannot remove earlier elements in the same run")
  void runOfDeletions() throws Exception {
    document(
        "{'path': '/log/*', 'write': ['write'], 'append': true}", "log", Value.list(List.of()));
    var ada = author("token:ada", Role.PLAYER);
    for (var i = 0; i < 5; i++) {
      allows(ada, append(Value.of(true), "log"));
    }
    // The same actor: the deletions are one run, from the new elements down to the oldest.
    var edits = new ArrayList<Edit>();
    edits.add(append(Value.of(true), "log"));
    edits.add(append(Value.of(true), "log"));
    for (var i = 6; i >= 0; i--) {
      edits.add(delete("log", i));
    }
    refuses(ada, edits.toArray(Edit[]::new));
    allows(ada, append(Value.of(true), "log"), delete("log", 5), append(Value.of(true), "log"));
  }

  @Test
  @DisplayName("[AD6] a rule can require kinds of values, and deletions need none")
  void kinds() throws Exception {
    var values =
        List.of(
            List.of("text", Value.text("t")),
            List.of("string", Value.of("s")),
            List.of("number", Value.of(1)),
            List.of("number", Value.of(1.5)),
            List.of("counter", new Value.Counter(1)),
            List.of("boolean", Value.of(true)),
            List.of("null", Value.NULL),
            List.of("bytes", new Value.Blob(Bytes.utf8("b"))),
            List.of("time", new Value.Timestamp(1)),
            List.of("map", map()),
            List.of("list", Value.list(List.of())));
    var rules = new StringBuilder();
    for (var kind : ValueKind.values()) {
      rules.append(
          "{'path': '/%s', 'write': ['write'], 'values': ['%s']},"
              .formatted(kind.wire(), kind.wire()));
    }
    document(rules + "{'path': '/**', 'write': []}");
    var writer = author("token:w", Role.PLAYER);
    for (var value : values) {
      for (var kind : ValueKind.values()) {
        var edit = put((Value) value.get(1), kind.wire());
        if (kind.wire().equals(value.getFirst())) {
          allows(writer, edit);
          allows(writer, delete(kind.wire()));
        } else {
          refuses(writer, edit);
        }
      }
    }
    allows(writer, put(Value.text("typed"), "text"));
    allows(writer, type("more ", "text"));
  }

  @Test
  @DisplayName(
      "[AD6] a rule limits the bytes of a string, and the bytes that a change types into texts")
  void sizes() throws Exception {
    document(
        "{'path': '/*', 'write': ['write'], 'bytes': 4}", "a", Value.text(""), "b", Value.text(""));
    var writer = author("token:w", Role.PLAYER);
    allows(writer, put(Value.of("1234"), "s"));
    allows(writer, put(Value.of("ää"), "s"));
    assertEquals(
        "rule 1 of the document policy, /*, allows at most 4 bytes at /*",
        refuses(writer, put(Value.of("ääa"), "s")));
    refuses(writer, put(new Value.Blob(Bytes.utf8("12345")), "s"));
    allows(writer, put(Value.of(123_456_789_012L), "s"));
    allows(writer, type("1234", "a"));
    allows(writer, type("1234", "a"));
    refuses(writer, type("12345", "a"));
    refuses(writer, type("123", "a"), type("12", "b"), type("3", "a"));
    allows(writer, type("1", "a"), type("1", "b"), type("1", "a"), type("1", "b"));
    allows(writer, new Edit.SpliceText(Path.of("a"), 0, 9, ""));
  }
}
