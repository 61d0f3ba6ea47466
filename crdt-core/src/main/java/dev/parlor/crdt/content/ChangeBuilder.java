package dev.parlor.crdt.content;

import dev.parlor.crdt.document.ColumnWriter;
import dev.parlor.crdt.document.FlagWriter;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChunkEncoder;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes one change to a document that was read. The operations are numbered in the order of the
 * calls, and the operation of each call is its result. Belongs to one thread.
 */
public final class ChangeBuilder {

  /** The columns of operations, in the order of the change format. */
  private static final int[] SPECIFICATIONS = {
    0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73
  };

  private record Operation(Place place, Action action, Scalars.Encoded value) {}

  private final Content base;
  private final ActorId actor;
  private final List<Operation> operations = new ArrayList<>();

  /**
   * @param base the document to which the change is made
   * @param actor the author of the change
   */
  public ChangeBuilder(Content base, ActorId actor) {
    this.base = base;
    this.actor = actor;
  }

  /** Writes a value that is no object. */
  public OperationId set(Place place, ContentValue value) {
    return add(place, Action.SET, encode(value));
  }

  private static Scalars.Encoded encode(ContentValue value) {
    return Scalars.encode(
        value instanceof ContentValue.Str(var text)
            ? new ContentValue.Str(Texts.wellFormed(text))
            : value);
  }

  /** Makes an empty map. */
  public OperationId makeMap(Place place) {
    return add(place, Action.MAKE_MAP, Scalars.Encoded.NULL);
  }

  /** Makes an empty list. */
  public OperationId makeList(Place place) {
    return add(place, Action.MAKE_LIST, Scalars.Encoded.NULL);
  }

  /** Makes an empty text. */
  public OperationId makeText(Place place) {
    return add(place, Action.MAKE_TEXT, Scalars.Encoded.NULL);
  }

  /** Removes the values at a place that has some. */
  public void delete(Place place) {
    add(place, Action.DELETE, Scalars.Encoded.NULL);
  }

  /** Adds to the counter at a place. */
  public void increment(Place place, long by) {
    add(place, Action.INCREMENT, Scalars.signed(OperationReader.INT, by));
  }

  /**
   * Inserts the code points of a string into a text.
   *
   * @param before the element before them; null for the beginning
   */
  public void insertText(
      @Nullable OperationId text, @Nullable OperationId before, String inserted) {
    var last = before;
    for (var point : Texts.wellFormed(inserted).codePoints().toArray()) {
      var element = new ContentValue.Str(Character.toString(point));
      last = add(new Place.After(text, last), Action.SET, Scalars.encode(element));
    }
  }

  private OperationId add(Place place, Action action, Scalars.Encoded value) {
    var id = next();
    operations.add(new Operation(place, action, value));
    return id;
  }

  /** The id of the next operation. */
  public OperationId next() {
    return new OperationId(base.lastCounter() + operations.size() + 1, actor);
  }

  /** The number of operations. */
  public int size() {
    return operations.size();
  }

  /**
   * The change, which depends on the heads of the document.
   *
   * @param seconds the time of the change, in seconds since the epoch
   */
  public ChangeChunk build(long seconds) {
    var others = otherActors();
    var numbers = new HashMap<ActorId, Integer>();
    numbers.put(actor, 0);
    others.forEach(other -> numbers.put(other, numbers.size()));
    var header =
        new ChunkEncoder.Header(
            base.heads(),
            actor,
            base.sequences().getOrDefault(actor, 0L) + 1,
            base.lastCounter() + 1,
            seconds,
            Bytes.EMPTY,
            others);
    return new ChunkEncoder().encode(header, columns(numbers));
  }

  private List<ActorId> otherActors() {
    var others = new TreeSet<ActorId>();
    for (var operation : operations) {
      var place = operation.place();
      addActor(place.object(), others);
      switch (place) {
        case Place.Key _ -> {}
        case Place.Element element -> addActor(element.element(), others);
        case Place.After after -> addActor(after.before(), others);
      }
      place.predecessors().forEach(id -> addActor(id, others));
    }
    others.remove(actor);
    return List.copyOf(others);
  }

  private static void addActor(@Nullable OperationId id, Set<ActorId> actors) {
    if (id != null) {
      actors.add(id.actor());
    }
  }

  private ByteWriter columns(Map<ActorId, Integer> numbers) {
    var objectActors = ColumnWriter.ofNumbers();
    var objectCounters = ColumnWriter.ofNumbers();
    var keyActors = ColumnWriter.ofNumbers();
    var keyCounters = ColumnWriter.ofDifferences();
    var keyStrings = ColumnWriter.ofTexts();
    var inserts = new FlagWriter();
    var actions = ColumnWriter.ofNumbers();
    var metas = ColumnWriter.ofNumbers();
    var values = new ByteWriter(64);
    var predecessorCounts = ColumnWriter.ofNumbers();
    var predecessorActors = ColumnWriter.ofNumbers();
    var predecessorCounters = ColumnWriter.ofDifferences();
    for (var operation : operations) {
      var place = operation.place();
      append(place.object(), numbers, objectActors, objectCounters);
      switch (place) {
        case Place.Key key -> {
          keyActors.appendNull();
          keyCounters.appendNull();
          keyStrings.append(Bytes.utf8(Texts.wellFormed(key.key())));
        }
        case Place.Element element -> {
          append(element.element(), numbers, keyActors, keyCounters);
          keyStrings.appendNull();
        }
        case Place.After(_, var before) -> {
          if (before == null) {
            keyActors.appendNull();
            keyCounters.append(0);
          } else {
            append(before, numbers, keyActors, keyCounters);
          }
          keyStrings.appendNull();
        }
      }
      inserts.append(place instanceof Place.After);
      actions.append(operation.action().code());
      metas.append(operation.value().meta());
      values.bytes(operation.value().bytes());
      predecessorCounts.append(place.predecessors().size());
      for (var predecessor : place.predecessors()) {
        append(predecessor, numbers, predecessorActors, predecessorCounters);
      }
    }
    return table(
        objectActors.finish(),
        objectCounters.finish(),
        keyActors.finish(),
        keyCounters.finish(),
        keyStrings.finish(),
        inserts.finish(false),
        actions.finish(),
        metas.finish(),
        values,
        predecessorCounts.finish(),
        predecessorActors.finish(),
        predecessorCounters.finish());
  }

  private static void append(
      @Nullable OperationId id,
      Map<ActorId, Integer> numbers,
      ColumnWriter actors,
      ColumnWriter counters) {
    if (id == null) {
      actors.appendNull();
      counters.appendNull();
    } else {
      actors.append(numbers.getOrDefault(id.actor(), 0));
      counters.append(id.counter());
    }
  }

  /** The table of the columns that have bytes, and these columns. */
  private static ByteWriter table(ByteWriter... columns) {
    var out = new ByteWriter(256);
    var count = 0;
    for (var column : columns) {
      count += column.size() == 0 ? 0 : 1;
    }
    out.uleb(count);
    for (var i = 0; i < columns.length; i++) {
      if (columns[i].size() > 0) {
        out.uleb(SPECIFICATIONS[i]).uleb(columns[i].size());
      }
    }
    for (var column : columns) {
      out.bytes(column);
    }
    return out;
  }
}
