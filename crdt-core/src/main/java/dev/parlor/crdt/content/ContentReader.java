package dev.parlor.crdt.content;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.operations.OperationReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the changes of a document, one after the other, each after its dependencies. The changes
 * must have passed admission; an operation that refers to an absent operation is skipped. Belongs
 * to one thread.
 */
public final class ContentReader {

  /** Wide, since stored changes may be older than a limit. */
  private static final OperationLimits STORED =
      new OperationLimits(
          1 << 30, 1 << 20, 1 << 20, 1 << 30, OperationLimits.DEFAULT.depthMax(), 1 << 30);

  private final int operationsMax;
  private final ObjectItems root = new ObjectItems(Action.MAKE_MAP, null);

  /** The items of each actor, by ascending counter. */
  private final Map<ActorId, ItemsOfActor> byActor = new HashMap<>();

  private final Set<ChangeHash> heads = new HashSet<>();
  private final Map<ActorId, Long> sequences = new HashMap<>();
  private long lastCounter;
  private int operations;

  private record ItemsOfActor(ActorId actor, List<Item> items) {
    @Nullable Item at(int counter) {
      var low = 0;
      var high = items.size() - 1;
      while (low <= high) {
        var middle = (low + high) >>> 1;
        var found = items.get(middle);
        if (found.counter == counter) {
          return found;
        }
        if (found.counter < counter) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return null;
    }
  }

  /**
   * @param operationsMax operations of all changes together; above: {@link #add} is Malformed [AD3]
   */
  public ContentReader(int operationsMax) {
    this.operationsMax = operationsMax;
  }

  /**
   * Reads all changes.
   *
   * @param changes each after its dependencies
   */
  public static Decoding<Content> read(List<ChangeChunk> changes, int operationsMax) {
    var reader = new ContentReader(operationsMax);
    for (var change : changes) {
      if (reader.add(change) instanceof Decoding.Malformed<Integer> malformed) {
        return malformed.cast();
      }
    }
    return Decoding.of(reader.content());
  }

  /**
   * Reads one change; the result is the number of its operations. After a failure the reader must
   * not be used.
   */
  public Decoding<Integer> add(ChangeChunk change) {
    return OperationReader.open(change, STORED).flatMap(operation -> add(change, operation));
  }

  private Decoding<Integer> add(ChangeChunk change, OperationReader operation) {
    var actors = new ArrayList<ItemsOfActor>(change.otherActors().size() + 1);
    actors.add(itemsOf(change.actor()));
    change.otherActors().forEach(other -> actors.add(itemsOf(other)));
    while (operation.next()) {
      if (++operations > operationsMax) {
        return Decoding.malformed(
            "AD3", "the document has more than " + operationsMax + " operations");
      }
      apply(operation, actors);
    }
    if (operation.failed()) {
      return operation.malformed();
    }
    lastCounter = Math.max(lastCounter, change.startOp() + operation.count() - 1);
    change.deps().forEach(heads::remove);
    heads.add(change.hash());
    sequences.merge(change.actor(), change.seq(), Math::max);
    return Decoding.of(operation.count());
  }

  private ItemsOfActor itemsOf(ActorId actor) {
    var known = byActor.get(actor);
    if (known == null) {
      // A copy, since the id is a slice of the whole change.
      var own = new ActorId(Bytes.wrap(actor.bytes().toArray()));
      known = new ItemsOfActor(own, new ArrayList<>());
      byActor.put(own, known);
    }
    return known;
  }

  private static @Nullable Item find(List<ItemsOfActor> actors, long id) {
    return actors.get(OperationReader.actorOf(id)).at(OperationReader.counterOf(id));
  }

  private void apply(OperationReader operation, List<ItemsOfActor> actors) {
    var predecessors = new ArrayList<Item>(operation.predecessorCount());
    for (var i = 0; i < operation.predecessorCount(); i++) {
      var predecessor = find(actors, operation.predecessor(i));
      if (predecessor != null) {
        predecessors.add(predecessor);
      }
    }
    if (operation.action() == Action.INCREMENT) {
      var by = Scalars.signed(operation.value());
      predecessors.forEach(predecessor -> predecessor.increment(by));
      return;
    }
    predecessors.forEach(overwritten -> overwritten.isOverwritten = true);
    if (operation.action() == Action.DELETE) {
      return;
    }
    var author = actors.getFirst();
    var item = new Item(author.actor(), operation);
    author.items().add(item);
    if (operation.action().makes()) {
      item.made = new ObjectItems(operation.action(), item.id());
    }
    var object = objectOf(operation, actors);
    if (object == null) {
      return;
    }
    if (operation.isKeyed()) {
      object.put(operation.key().toUtf8(), item);
      return;
    }
    var element =
        operation.element() == OperationReader.NONE
            ? object.head()
            : find(actors, operation.element());
    if (element == null) {
      return;
    }
    if (operation.isInsert()) {
      element.addChild(item);
    } else {
      element.addUpdate(item);
    }
  }

  private @Nullable ObjectItems objectOf(OperationReader operation, List<ItemsOfActor> actors) {
    if (operation.object() == OperationReader.NONE) {
      return root;
    }
    var maker = find(actors, operation.object());
    return maker == null ? null : maker.made;
  }

  /** The document after the changes so far. No change may be added afterwards. */
  public Content content() {
    return new Content(root.readMap(), heads.stream().sorted().toList(), lastCounter, sequences);
  }
}
