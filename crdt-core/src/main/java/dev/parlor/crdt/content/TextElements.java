package dev.parlor.crdt.content;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The elements of a text in order, with the ends of its marks between them. */
public final class TextElements {

  /** Stands for an element that is no string, for example an embedded object. */
  private static final String OBJECT = "\ufffc";

  /** The visible elements and the ends of marks. */
  private final List<Item> order = new ArrayList<>();

  /** The place of each visible element in {@link #order}. */
  private final List<Integer> places = new ArrayList<>();

  private final String text;

  TextElements(List<Item> all) {
    var built = new StringBuilder(all.size());
    for (var item : all) {
      if (item.isMark()) {
        order.add(item);
        continue;
      }
      var visible = item.visible();
      if (!visible.isEmpty()) {
        places.add(order.size());
        order.add(item);
        built.append(string(visible.getFirst()));
      }
    }
    this.text = built.toString();
  }

  private static String string(Item item) {
    var string = item.string();
    return string == null ? OBJECT : string;
  }

  String text() {
    return text;
  }

  /** The number of visible elements. */
  public int size() {
    return places.size();
  }

  /** The text of an element: a single code point, or a longer string that is deleted as a whole. */
  public String textAt(int index) {
    return string(element(index).visible().getFirst());
  }

  /** The id of an element. */
  public OperationId idAt(int index) {
    return element(index).id();
  }

  /** The operations that the deletion of an element overwrites, ascending. */
  public List<OperationId> predecessorsAt(int index) {
    return element(index).visible().stream().map(Item::id).sorted().toList();
  }

  private Item element(int index) {
    return order.get(places.get(index));
  }

  /**
   * The element after which new text is inserted, so that it stands before the visible element with
   * this index. If ends of marks are at this place, the new text is inside the marks that expand,
   * and outside the others, as far as their order permits.
   *
   * @param index from 0 to {@link #size}
   * @return null for the beginning of the text
   */
  public @Nullable OperationId insertionPoint(int index) {
    var first = index == 0 ? 0 : places.get(index - 1) + 1;
    var last = index == size() ? order.size() : places.get(index);
    var best = first;
    var faults = 0;
    for (var i = first; i < last; i++) {
      faults += passesBefore(order.get(i)) ? 1 : 0;
    }
    var fewest = faults;
    for (var i = first; i < last; i++) {
      faults += passesBefore(order.get(i)) ? -1 : 1;
      if (faults < fewest) {
        fewest = faults;
        best = i + 1;
      }
    }
    return best == 0 ? null : order.get(best - 1).id();
  }

  /** Whether new text belongs after this end of a mark. */
  private static boolean passesBefore(Item mark) {
    return mark.isMarkBegin() == mark.isExpanding;
  }

  /**
   * The marks on the text, by their beginning, then by name. Marks with the value null are left
   * out.
   */
  public List<Mark> marks() {
    var active = new ArrayList<Item>();
    var open = new TreeMap<String, OpenMark>();
    var marks = new ArrayList<Mark>();
    var position = 0;
    for (var item : order) {
      if (item.isMark()) {
        if (item.isMarkBegin()) {
          active.add(item);
        } else {
          active.removeIf(
              begin -> begin.counter == item.counter - 1 && begin.actor.equals(item.actor));
        }
        continue;
      }
      var shown = new TreeMap<String, Item>();
      for (var begin : active) {
        shown.merge(
            begin.markName.toUtf8(),
            begin,
            (one, other) -> Item.ORDER.compare(one, other) > 0 ? one : other);
      }
      shown.values().removeIf(begin -> begin.scalar() instanceof ContentValue.Null);
      close(open, shown, position, marks);
      for (var entry : shown.entrySet()) {
        open.putIfAbsent(entry.getKey(), new OpenMark(entry.getValue().scalar(), position));
      }
      var string = string(item.visible().getFirst());
      position += string.codePointCount(0, string.length());
    }
    close(open, Map.of(), position, marks);
    marks.sort(Comparator.comparingInt(Mark::start).thenComparing(Mark::name));
    return marks;
  }

  private record OpenMark(ContentValue value, int start) {}

  /** Ends the open marks that the next element does not have with the same value. */
  private static void close(
      Map<String, OpenMark> open, Map<String, Item> shown, int position, List<Mark> marks) {
    open.entrySet()
        .removeIf(
            entry -> {
              var next = shown.get(entry.getKey());
              var mark = entry.getValue();
              if (next != null && next.scalar().equals(mark.value())) {
                return false;
              }
              marks.add(new Mark(entry.getKey(), mark.value(), mark.start(), position));
              return true;
            });
  }
}
