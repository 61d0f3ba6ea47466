package dev.parlor.crdt.graph;

import java.util.Arrays;

/** A priority queue of log positions, highest first. */
final class PositionHeap {

  /** {@link #clear} releases an array above this length. */
  private static final int ITEMS_KEPT = 1 << 12;

  private int[] items = new int[16];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void clear() {
    size = 0;
    if (items.length > ITEMS_KEPT) {
      items = new int[16];
    }
  }

  void push(int position) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    var at = size++;
    while (at > 0) {
      var parent = (at - 1) >> 1;
      if (items[parent] >= position) {
        break;
      }
      items[at] = items[parent];
      at = parent;
    }
    items[at] = position;
  }

  int pop() {
    var top = items[0];
    var moved = items[--size];
    var at = 0;
    while (true) {
      var child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && items[child + 1] > items[child]) {
        child++;
      }
      if (items[child] <= moved) {
        break;
      }
      items[at] = items[child];
      at = child;
    }
    items[at] = moved;
    return top;
  }
}
