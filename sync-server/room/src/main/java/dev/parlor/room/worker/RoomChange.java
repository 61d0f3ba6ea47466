package dev.parlor.room.worker;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a room's document that changed since the previous change, with their present
 * values. The order in which a mirror applies it: {@code set}, {@code add}, {@code remove}, {@code
 * insert}, then the others.
 *
 * @param revision the number of the change since the feed began, without gaps
 * @param heads the heads of the document after the change
 * @param set fields of the root, whole; a removed field is null
 * @param add items of a map in the root, whole, by map and key; each is new or replaces an item
 * @param update fields of an item, whole, by map and key; a removed field is null. For an item of a
 *     list, the key is its field {@code id}
 * @param remove keys of removed items, by map
 * @param insert new items of a list in the root, by ascending final position
 * @param append items that were added at the end of a list in an item
 * @param splice changed parts of texts in items
 */
public record RoomChange(
    long revision,
    List<ChangeHash> heads,
    Map<String, Value> set,
    Map<String, Map<String, Value>> add,
    Map<String, Map<String, Map<String, Value>>> update,
    Map<String, List<String>> remove,
    Map<String, List<Inserted>> insert,
    List<Appended> append,
    List<Spliced> splice) {

  /** A new item of a list. */
  public record Inserted(int at, Value item) {}

  /** Items that were added at the end of the list in a field. */
  public record Appended(String map, String key, String field, List<Value> items) {
    public Appended {
      items = List.copyOf(items);
    }
  }

  /**
   * A part of the text in a field that was replaced.
   *
   * @param at the position in UTF-16 units
   * @param delete the number of UTF-16 units that were removed there
   */
  public record Spliced(String map, String key, String field, int at, int delete, String insert) {}

  boolean isEmpty() {
    return set.isEmpty()
        && add.isEmpty()
        && update.isEmpty()
        && remove.isEmpty()
        && insert.isEmpty()
        && append.isEmpty()
        && splice.isEmpty();
  }

  /** The value of a field, or null in JSON for a field that was removed. */
  static Value orNull(@Nullable Value value) {
    return value == null ? Value.NULL : value;
  }
}
