package dev.parlor.crdt.content;

import dev.parlor.crdt.operations.Action;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operations of one object while a document is read. Belongs to one reader. */
final class ObjectItems {

  private final Action kind;
  private final @Nullable OperationId id;

  /** The values by key; only in a map. */
  private final Map<String, List<Item>> byKey = new HashMap<>();

  /** The element before all others; only in a sequence. */
  private final Item head = Item.head();

  ObjectItems(Action kind, @Nullable OperationId id) {
    this.kind = kind;
    this.id = id;
  }

  Item head() {
    return head;
  }

  void put(String key, Item item) {
    var items = byKey.computeIfAbsent(key, _ -> new ArrayList<>(1));
    items.removeIf(each -> each.isOverwritten);
    items.add(item);
  }

  /** The object with all that it contains. Objects nest at most as deep as admission allows. */
  ContentValue.Container read() {
    return switch (kind) {
      case MAKE_LIST -> new ContentValue.ListOf(id, elements());
      case MAKE_TEXT -> new ContentValue.TextOf(id, new TextElements(inOrder()));
      default -> readMap();
    };
  }

  ContentValue.MapOf readMap() {
    var entries = new TreeMap<String, Slot>();
    byKey.forEach(
        (key, items) -> {
          var visible = Item.winnersFirst(items);
          if (!visible.isEmpty()) {
            entries.put(key, slot(visible));
          }
        });
    return new ContentValue.MapOf(id, entries);
  }

  private List<ContentValue.Element> elements() {
    var elements = new ArrayList<ContentValue.Element>();
    for (var item : inOrder()) {
      var visible = item.visible();
      if (!visible.isEmpty()) {
        elements.add(new ContentValue.Element(item.id(), slot(visible)));
      }
    }
    return elements;
  }

  static Slot slot(List<Item> visible) {
    Function<Item, Slot.Held> held = item -> new Slot.Held(item.id(), value(item));
    return new Slot(visible.stream().map(held).toList());
  }

  static ContentValue value(Item item) {
    var object = item.made;
    return object == null ? item.scalar() : object.read();
  }

  /**
   * All elements of the sequence: each element before those that were inserted after it, and the
   * newer insertion first if several elements were inserted after the same element.
   */
  private List<Item> inOrder() {
    var order = new ArrayList<Item>();
    var open = new ArrayDeque<Item>();
    open.push(head);
    var children = new ArrayList<Item>();
    while (!open.isEmpty()) {
      var item = open.pop();
      if (item != head) {
        order.add(item);
      }
      children.clear();
      for (var child = item.child; child != null; child = child.sibling) {
        children.add(child);
      }
      if (children.size() > 1) {
        children.sort(Item.ORDER);
      }
      children.forEach(open::push);
    }
    return order;
  }
}
