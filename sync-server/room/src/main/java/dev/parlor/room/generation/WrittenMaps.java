package dev.parlor.room.generation;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.crdt.replica.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the maps that one change puts at certain keys, as the change wrote them. So a value can be
 * read that a later change has replaced. Pure.
 */
final class WrittenMaps {

  /**
   * A map that a change put at a key.
   *
   * @param object the object that has the key, as {@link dev.parlor.crdt.replica.Replica#objectAt}
   *     names it
   * @param value the map, complete with all that the change wrote into it
   */
  record WrittenMap(String object, String key, Value value) {}

  /** The keys that are searched; not empty. */
  static final class Keys {
    private final Set<String> names;
    private final byte[][] encoded;

    private Keys(Set<String> names) {
      this.names = names;
      encoded =
          names.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    }

    static Keys of(String... names) {
      return new Keys(Set.of(names));
    }
  }

  /** A value under construction. */
  private sealed interface Node {
    Value value();
  }

  private record Scalar(Value value) implements Node {}

  private static final class MapNode implements Node {
    final Map<String, Node> entries = new HashMap<>();

    @Override
    public Value value() {
      TreeMap<String, Value> values = new TreeMap<>();
      entries.forEach((key, node) -> values.put(key, node.value()));
      return new Value.MapOf(values);
    }
  }

  /** A list or a text. */
  private static final class Sequence implements Node {
    final boolean isText;
    final List<Long> elements = new ArrayList<>();
    final List<Node> items = new ArrayList<>();

    Sequence(boolean isText) {
      this.isText = isText;
    }

    /** The position of an element; -1 for the head and for an unknown element. */
    int positionOf(long element) {
      int last = elements.size() - 1;
      return last >= 0 && elements.get(last) == element
          ? last // the usual case: elements are appended
          : elements.lastIndexOf(element);
    }

    @Override
    public Value value() {
      if (!isText) {
        return Value.list(items.stream().map(Node::value).toList());
      }
      StringBuilder text = new StringBuilder();
      for (Node item : items) {
        if (item.value() instanceof Value.Str(String letters)) {
          text.append(letters);
        }
      }
      return new Value.Text(text.toString());
    }
  }

  private record Found(String object, String key, MapNode map) {}

  private final OperationReader operations;
  private final Set<String> keys;
  private final List<ActorId> actors = new ArrayList<>();
  private final Map<Long, Node> made = new HashMap<>();
  private final List<Found> found = new ArrayList<>();

  private WrittenMaps(OperationReader operations, List<ActorId> otherActors, Set<String> keys) {
    this.operations = operations;
    this.keys = keys;
    actors.add(operations.author());
    actors.addAll(otherActors);
  }

  /**
   * The maps that the change puts at these keys, in the order of its operations. Maps at the root
   * and within a map that is found are left out.
   *
   * @param change the chunk of an admitted change; a malformed chunk gives no maps
   */
  static List<WrittenMap> in(Bytes change, Keys keys) {
    if (!mayHaveKey(change, keys)) {
      return List.of();
    }
    return switch (ChangeCodec.decode(change, FormatLimits.DEFAULT)
        .flatMap(
            chunk ->
                OperationReader.open(chunk, OperationLimits.DEFAULT)
                    .map(reader -> new WrittenMaps(reader, chunk.otherActors(), keys.names)))) {
      case Decoding.Decoded<WrittenMaps>(WrittenMaps reader) -> reader.read();
      case Decoding.Malformed<WrittenMaps> _ -> List.of();
    };
  }

  /**
   * Whether the bytes of a change contain one of the keys. Few changes do, and only those are
   * decoded again: admission has decoded each change on another thread and keeps no operations. A
   * deflated change may contain any key.
   */
  private static boolean mayHaveKey(Bytes change, Keys keys) {
    if (ChangeCodec.isDeflated(change)) {
      return true;
    }
    byte[] bytes = change.toArray();
    for (byte[] key : keys.encoded) {
      if (contains(bytes, key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(byte[] bytes, byte[] key) {
    for (int at = 0; at <= bytes.length - key.length; at++) {
      if (bytes[at] == key[0] && Arrays.equals(bytes, at, at + key.length, key, 0, key.length)) {
        return true;
      }
    }
    return false;
  }

  private List<WrittenMap> read() {
    while (operations.next()) {
      Node parent = operations.object() == OperationReader.NONE ? null : ofObject();
      if (parent != null) {
        addTo(parent);
      } else if (isSearched()) {
        MapNode map = new MapNode();
        made.put(OperationReader.pack(0, operations.counter()), map);
        found.add(new Found(objectName(), operations.key().toUtf8(), map));
      } else {
        operations.skip(operations.repeats());
      }
    }
    return found.stream()
        .map(each -> new WrittenMap(each.object(), each.key(), each.map().value()))
        .toList();
  }

  private @Nullable Node ofObject() {
    return made.get(operations.object());
  }

  private boolean isSearched() {
    return operations.action() == Action.MAKE_MAP
        && operations.isKeyed()
        && operations.object() != OperationReader.NONE
        && keys.contains(operations.key().toUtf8());
  }

  private String objectName() {
    long object = operations.object();
    return OperationReader.counterOf(object)
        + "@"
        + actors.get(OperationReader.actorOf(object)).bytes().toHex();
  }

  private void addTo(Node parent) {
    Node child = node();
    switch (parent) {
      case MapNode map when operations.isKeyed() -> {
        if (child != null) {
          map.entries.put(operations.key().toUtf8(), child);
        } else if (operations.action() == Action.DELETE) {
          map.entries.remove(operations.key().toUtf8());
        }
      }
      case Sequence sequence when !operations.isKeyed() -> addTo(sequence, child);
      default -> {}
    }
  }

  private void addTo(Sequence sequence, @Nullable Node child) {
    int position = sequence.positionOf(operations.element());
    if (operations.isInsert() && child != null) {
      sequence.elements.add(position + 1, OperationReader.pack(0, operations.counter()));
      sequence.items.add(position + 1, child);
    } else if (position >= 0 && child != null) {
      sequence.items.set(position, child);
    } else if (position >= 0 && operations.action() == Action.DELETE) {
      sequence.elements.remove(position);
      sequence.items.remove(position);
    }
  }

  /** The value of the current operation; null if it sets none. */
  private @Nullable Node node() {
    long id = OperationReader.pack(0, operations.counter());
    return switch (operations.action()) {
      case MAKE_MAP -> made(id, new MapNode());
      case MAKE_LIST -> made(id, new Sequence(false));
      case MAKE_TEXT -> made(id, new Sequence(true));
      case SET -> new Scalar(scalar());
      case DELETE, INCREMENT, MARK -> null;
    };
  }

  private Node made(long id, Node node) {
    made.put(id, node);
    return node;
  }

  private Value scalar() {
    Bytes bytes = operations.value();
    return switch (operations.valueType()) {
      case OperationReader.FALSE -> Value.of(false);
      case OperationReader.TRUE -> Value.of(true);
      case OperationReader.UINT -> Value.of(leb128(bytes, false));
      case OperationReader.INT -> Value.of(leb128(bytes, true));
      case OperationReader.COUNTER -> new Value.Counter(leb128(bytes, true));
      case OperationReader.TIMESTAMP -> new Value.Timestamp(leb128(bytes, true));
      case OperationReader.FLOAT ->
          Value.of(ByteBuffer.wrap(bytes.toArray()).order(ByteOrder.LITTLE_ENDIAN).getDouble());
      case OperationReader.STRING -> Value.of(bytes.toUtf8());
      case OperationReader.BYTES -> new Value.Blob(Bytes.wrap(bytes.toArray()));
      default -> Value.NULL;
    };
  }

  private static long leb128(Bytes bytes, boolean isSigned) {
    byte[] encoded = bytes.toArray();
    long number = 0;
    int shift = 0;
    for (byte each : encoded) {
      if (shift < Long.SIZE) {
        number |= (long) (each & 0x7f) << shift;
      }
      shift += 7;
    }
    boolean isNegative =
        isSigned && encoded.length > 0 && (encoded[encoded.length - 1] & 0x40) != 0;
    return isNegative && shift < Long.SIZE ? number | -1L << shift : number;
  }
}
