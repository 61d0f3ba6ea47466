package dev.parlor.crdt.content;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation while a document is read: a value, an object, an element of a sequence or an end of
 * a mark. An inserting operation is the element and its first value in one. Belongs to one reader.
 */
final class Item {

  /** The order of Automerge: the last item of equals wins. */
  static final Comparator<Item> ORDER =
      Comparator.<Item>comparingLong(item -> item.counter).thenComparing(item -> item.actor);

  final long counter;
  final ActorId actor;
  final Action action;
  private final byte type;
  private final Bytes value;

  /** Whether a later operation replaced or deleted the value. */
  boolean isOverwritten;

  private long increments;

  /** The object that the operation makes. */
  @Nullable ObjectItems made;

  // Elements of a sequence.

  /** Values that were set in this element after its insertion. */
  @Nullable List<Item> updates;

  /** The elements that were inserted directly after this element, as a list by {@link #sibling}. */
  @Nullable Item child;

  @Nullable Item sibling;

  // Marks.

  /** The name of a mark at its beginning. */
  Bytes markName = Bytes.EMPTY;

  boolean isExpanding;

  Item(ActorId actor, OperationReader operation) {
    this.counter = operation.counter();
    this.actor = actor;
    this.action = operation.action();
    this.type = (byte) operation.valueType();
    this.value = operation.value();
    if (action == Action.MARK) {
      markName = operation.markName();
      isExpanding = operation.expands();
    }
  }

  /** The head of a sequence. */
  private Item(ActorId actor) {
    this.counter = 0;
    this.actor = actor;
    this.action = Action.MARK;
    this.type = OperationReader.NULL;
    this.value = Bytes.EMPTY;
  }

  static Item head() {
    return new Item(new ActorId(Bytes.EMPTY));
  }

  OperationId id() {
    return new OperationId(counter, actor);
  }

  /** Whether the item is a value that no operation overwrote. */
  boolean isVisible() {
    return !isOverwritten && (action == Action.SET || action.makes());
  }

  boolean isMark() {
    return action == Action.MARK;
  }

  boolean isMarkBegin() {
    return isMark() && !markName.isEmpty();
  }

  /** Adds to a counter. An increment of another value, in a conflict, hides that value. */
  void increment(long by) {
    if (action == Action.SET && type == OperationReader.COUNTER) {
      increments += by;
    } else {
      isOverwritten = true;
    }
  }

  void addChild(Item element) {
    element.sibling = child;
    child = element;
  }

  void addUpdate(Item item) {
    var list = updates;
    if (list == null) {
      list = new ArrayList<>(1);
      updates = list;
    }
    list.removeIf(each -> each.isOverwritten);
    list.add(item);
  }

  /** The visible values of this element, the winner first. */
  List<Item> visible() {
    var list = updates;
    if (list == null) {
      return isVisible() ? List.of(this) : List.of();
    }
    var all = new ArrayList<Item>(list);
    all.add(this);
    return winnersFirst(all);
  }

  static List<Item> winnersFirst(List<Item> items) {
    return items.stream().filter(Item::isVisible).sorted(ORDER.reversed()).toList();
  }

  /** The text of a string value; null for other values. */
  @Nullable String string() {
    return action == Action.SET && type == OperationReader.STRING ? value.toUtf8() : null;
  }

  ContentValue scalar() {
    return Scalars.decode(type, value, increments);
  }
}
