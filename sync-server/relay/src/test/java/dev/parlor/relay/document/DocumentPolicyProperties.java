package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.policy.PolicyFile;
import dev.parlor.relay.policy.PolicyFileException;
import dev.parlor.relay.policy.PolicyModel;
import dev.parlor.relay.policy.PolicyModel.Author;
import dev.parlor.relay.policy.PolicyModel.Rule;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.statistics.Statistics;

/**
 * The law of document policies, with random policies, authors and changes: a change enters the
 * graph if, and only if, the policy allows it and its dependencies enter. The changes are made by
 * the real bindings, delivered in random order, and judged by {@link PolicyModel}.
 */
class DocumentPolicyProperties {

  private static final DocumentId ID =
      DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  private static final int CHANGES = 14;
  private static final int ORDERS = 3;
  private static final List<String> KEYS = List.of("a", "b", "ada", "bob");

  private static final List<Author> AUTHORS =
      List.of(
          new Author("ada", "own", Set.of()),
          new Author("bob", "write", Set.of("x")),
          new Author("eve", "write", Set.of()),
          new Author("a", "read", Set.of("x", "y")));

  /**
   * A change of an author.
   *
   * @param enters whether it must enter the graph
   */
  private record Made(Author author, ChangeChunk change, boolean allowed, boolean enters) {}

  /** Makes the policy and the changes of one try. */
  private static final class World {
    final Random random;
    final List<Rule> rules = new ArrayList<>();
    final ChangeChunk genesis;
    final List<Made> made = new ArrayList<>();

    /** The actor of each author's last change, while it can be used again. */
    private final Map<Author, ActorId> actors = new HashMap<>();

    private int nextActor = 1;
    private int nextValue = 1;

    World(long seed) {
      random = new Random(seed);
      makeRules();
      try (var server = Replica.create(newActor())) {
        var content = new ArrayList<Edit>();
        for (var key : KEYS) {
          content.add(new Edit.Put(Path.of(key), container(2)));
        }
        genesis = decode(server.transact(content).orElseThrow());
      }
      while (made.size() < CHANGES) {
        makeChange();
      }
    }

    private ActorId newActor() {
      var bytes = new byte[16];
      bytes[15] = (byte) nextActor++;
      bytes[0] = (byte) random.nextInt();
      return new ActorId(Bytes.wrap(bytes));
    }

    private <T> T oneOf(List<T> items) {
      return items.get(random.nextInt(items.size()));
    }

    private boolean chance(int percent) {
      return random.nextInt(100) < percent;
    }

    // The policy.

    /** Adds rules; a rule that the reader refuses as unreachable is left out. */
    private void makeRules() {
      var wanted = 2 + random.nextInt(7);
      for (var attempts = 0; attempts < 100 && rules.size() < wanted; attempts++) {
        rules.add(rule(path()));
        if (read().isEmpty()) {
          rules.removeLast();
        }
      }
      rules.add(rule("/**"));
      if (read().isEmpty()) {
        rules.removeLast();
      }
    }

    private String path() {
      var path = new StringBuilder();
      var length = 1 + random.nextInt(3);
      for (var i = 0; i < length; i++) {
        path.append('/').append(chance(50) ? oneOf(KEYS) : chance(70) ? "*" : "{subject}");
      }
      return path.append(chance(50) ? "/**" : "").toString();
    }

    private Rule rule(String path) {
      var writers =
          List.of("read", "write", "own", "x", "y").stream().filter(_ -> chance(35)).toList();
      List<String> kinds =
          chance(70)
              ? List.of()
              : List.of("text", "string", "number", "map", "list").stream()
                  .filter(_ -> chance(70))
                  .toList();
      return new Rule(path, writers, chance(25), kinds, chance(80) ? 0 : 4);
    }

    private Optional<dev.parlor.relay.policy.DocumentRules> read() {
      try {
        return Optional.of(PolicyFile.parse(Bytes.utf8(json())));
      } catch (PolicyFileException _) {
        return Optional.empty();
      }
    }

    String json() {
      return rules.stream()
          .map(Rule::json)
          .collect(Collectors.joining(",\n", "{\"version\":1,\"rules\":[", "]}"));
    }

    // The changes.

    /** A change on a random state of the document, with all earlier changes or only some. */
    private void makeChange() {
      var author = oneOf(AUTHORS);
      var seen = chance(60) ? made.size() : random.nextInt(made.size() + 1);
      var withRefused = chance(10);
      var base = new ArrayList<Bytes>();
      base.add(genesis.plain());
      var mayContinue = true;
      for (var i = 0; i < made.size(); i++) {
        var change = made.get(i);
        if (i < seen && (change.enters() || withRefused)) {
          base.add(change.change().plain());
        } else if (change.change().actor().equals(actors.get(author))) {
          mayContinue = false;
        }
      }
      var actor = mayContinue ? actors.getOrDefault(author, newActor()) : newActor();
      try (var replica = Replica.create(actor)) {
        replica.apply(base);
        var lengths = new HashMap<Path, Integer>();
        var edits = edits(replica, lengths);
        var allowed = new PolicyModel(rules).allows(author, edits, lengths);
        var chunk = replica.transact(edits);
        if (chunk.isPresent()) {
          var change = decode(chunk.get());
          made.add(new Made(author, change, allowed, allowed && entered(change.deps())));
          actors.put(author, actor);
        }
      }
    }

    private boolean entered(List<ChangeHash> dependencies) {
      return made.stream()
          .noneMatch(change -> !change.enters() && dependencies.contains(change.change().hash()));
    }

    private List<Edit> edits(Replica replica, Map<Path, Integer> lengths) {
      var objects = new ArrayList<Path>();
      collect(Path.ROOT, replica.root(), objects, lengths);
      var edits = new ArrayList<>(edit(replica, oneOf(objects)));
      if (edits.getLast() instanceof Edit.SpliceText && edits.size() == 1) {
        edits.addAll(edit(replica, oneOf(objects))); // typing moves no path
      }
      return edits;
    }

    private void collect(Path path, Value value, List<Path> objects, Map<Path, Integer> lengths) {
      switch (value) {
        case Value.MapOf(var entries) -> {
          objects.add(path);
          entries.forEach((key, entry) -> collect(path.child(key), entry, objects, lengths));
        }
        case Value.ListOf(var items) -> {
          objects.add(path);
          lengths.put(path, items.size());
          for (var i = 0; i < items.size(); i++) {
            collect(path.child(i), items.get(i), objects, lengths);
          }
        }
        case Value.Text _ -> objects.add(path);
        default -> {}
      }
    }

    /** Edits of one object; several if they belong together. */
    private List<Edit> edit(Replica replica, Path object) {
      var value = object.isRoot() ? replica.root() : replica.read(object).orElseThrow();
      return switch (value) {
        case Value.Text(var text) ->
            List.of(
                chance(60) || text.isEmpty()
                    ? new Edit.SpliceText(object, 0, 0, letters())
                    : new Edit.SpliceText(object, 0, 1, ""));
        case Value.ListOf(var items) -> inList(object, items.size());
        case Value.MapOf(var entries) -> inMap(object, List.copyOf(entries.keySet()));
        default -> throw new IllegalArgumentException(value.toString());
      };
    }

    private List<Edit> inList(Path list, int size) {
      var end = list.child(size);
      return switch (random.nextInt(size == 0 ? 4 : 8)) {
        case 0 -> List.of(new Edit.Append(list, value()));
        case 1 -> List.of(new Edit.Insert(list, size == 0 ? 0 : random.nextInt(size), value()));
        case 2 ->
            List.of(
                new Edit.Append(list, value()),
                chance(50) ? new Edit.Put(end, value()) : new Edit.Delete(end));
        case 3 ->
            List.of(
                new Edit.Append(list, Value.map("a", value())),
                new Edit.Put(end.child(oneOf(KEYS)), value()));
        case 4 -> List.of(new Edit.Delete(list.child(random.nextInt(size))));
        case 5 ->
            List.of(
                new Edit.Append(list, value()), new Edit.Delete(list.child(random.nextInt(size))));
        case 6 -> runOfDeletions(list, size);
        default -> List.of(new Edit.Put(list.child(random.nextInt(size)), value()));
      };
    }

    /** Appends two elements, and removes elements from the end in one run of operations. */
    private List<Edit> runOfDeletions(Path list, int size) {
      var edits = new ArrayList<Edit>();
      edits.add(new Edit.Append(list, Value.of(true)));
      edits.add(new Edit.Append(list, Value.of(true)));
      var removed = 1 + random.nextInt(size + 2);
      for (var i = 1; i <= removed; i++) {
        edits.add(new Edit.Delete(list.child(size + 2 - i)));
      }
      return edits;
    }

    private List<Edit> inMap(Path map, List<String> keys) {
      var path = map.child(oneOf(KEYS));
      return switch (random.nextInt(6)) {
        case 0 ->
            List.of(
                keys.isEmpty()
                    ? new Edit.Put(path, value())
                    : new Edit.Delete(map.child(oneOf(keys))));
        case 1 -> List.of(new Edit.Put(path, container(2)));
        case 2 ->
            List.of(
                new Edit.Put(path, Value.list(List.of())),
                new Edit.Append(path, value()),
                new Edit.Append(path, value()),
                new Edit.Delete(path.child(0)));
        case 3 ->
            List.of(new Edit.Put(path, Value.text("")), new Edit.SpliceText(path, 0, 0, letters()));
        default -> List.of(new Edit.Put(path, value()));
      };
    }

    /** A value that no other edit writes, so that writing it is never left out. */
    private Value value() {
      var number = nextValue++;
      return switch (random.nextInt(9)) {
        case 0 -> Value.text(letters());
        case 1 -> Value.of(number + "s".repeat(random.nextInt(5)));
        case 2 -> new Value.Blob(Bytes.utf8(number + "b".repeat(random.nextInt(5))));
        case 3 -> new Value.Counter(number);
        case 4 -> new Value.Timestamp(number);
        case 5 -> container(1);
        case 6 -> Value.of(number + 0.5);
        default -> Value.of(number);
      };
    }

    private String letters() {
      return "\u00e4x".repeat(1 + random.nextInt(2));
    }

    private Value container(int depth) {
      if (depth == 0) {
        return value();
      }
      return switch (random.nextInt(3)) {
        case 0 -> Value.text(letters());
        case 1 -> Value.list(List.of(container(depth - 1), value()));
        default -> Value.map(oneOf(KEYS), container(depth - 1));
      };
    }

    // The relay.

    /** Delivers the changes in random order; the hashes of the changes in the graph. */
    Set<ChangeHash> deliver() {
      var checked = new CheckedGraph(OperationLimits.DEFAULT);
      assertInstanceOf(Offer.Added.class, checked.offer(genesis, null));
      var policy = read().orElseThrow().factory().of(ID, checked.index());
      var authors = new MemoryChangeStore(new StorageId("memory")).table("authors");
      var document =
          new DocumentState(
              ID,
              DocumentFixture.services(Limits.defaults(), new Metrics(), () -> 0L),
              new DocumentLoader.Loaded(checked, policy, new ActorOwners(ID, authors), null),
              (_, _) -> {});
      var peers = new HashMap<Author, FakePeer>();
      for (var author : AUTHORS) {
        peers.put(author, peer(author));
      }
      var order = new ArrayList<>(made);
      Collections.shuffle(order, random);
      for (var next = 0; next < order.size(); ) {
        var author = order.get(next).author();
        var together = new ArrayList<ChangeChunk>();
        together.add(order.get(next++).change());
        while (next < order.size() && order.get(next).author().equals(author)) {
          together.add(order.get(next++).change());
        }
        var message = DocumentFixture.carrying(together.toArray(ChangeChunk[]::new));
        document.receive(Objects.requireNonNull(peers.get(author)), message, 0);
        document.settle(0);
      }
      var found = new HashSet<ChangeHash>();
      for (var change : made) {
        if (checked.graph().contains(change.change().hash())) {
          found.add(change.change().hash());
        }
      }
      assertEquals(found.size() + 1, checked.graph().size());
      return found;
    }

    private static FakePeer peer(Author author) {
      return new FakePeer(
          author.subject(),
          new Caller(
              Optional.of(Caller.TOKEN + author.subject()),
              Permission.named(author.permission()).orElseThrow().role(),
              Optional.empty(),
              Optional.empty(),
              author.roles()));
    }

    private static ChangeChunk decode(Bytes chunk) {
      return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
    }
  }

  @Property(tries = 120, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  @Label(
      "[AD6] a change that the policy forbids never enters the graph, and an allowed change always does, in any order of delivery")
  void law(@ForAll long seed) {
    var world = new World(seed);
    var expected =
        world.made.stream()
            .filter(Made::enters)
            .map(made -> made.change().hash())
            .collect(Collectors.toSet());
    for (var i = 0; i < ORDERS; i++) {
      assertEquals(expected, world.deliver(), world::json);
    }
    for (var made : world.made) {
      Statistics.label("changes")
          .collect(made.enters() ? "enter" : made.allowed() ? "depend on a refused" : "refused")
          .coverage(
              coverage -> {
                coverage.check("enter").percentage(share -> share > 15);
                coverage.check("refused").percentage(share -> share > 15);
                coverage.check("depend on a refused").percentage(share -> share > 0.5);
              });
    }
  }
}
