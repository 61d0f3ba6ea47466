package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

/** Compares {@link IntList} with {@code ArrayList} under random operations. */
class IntListProperties {

  @Property(tries = 60)
  @Label("add, set, truncate, get and floor behave as with an ArrayList, also over several blocks")
  void behavesLikeAnArrayList(@ForAll long seed) {
    var random = new Random(seed);
    var list = new IntList();
    var model = new ArrayList<Integer>();
    for (var round = 0; round < 4; round++) {
      var count = random.nextInt(40_000);
      for (var i = 0; i < count; i++) {
        var value = model.isEmpty() ? 0 : model.getLast() + random.nextInt(3);
        list.add(value);
        model.add(value);
      }
      var newSize = random.nextInt(model.size() + 1);
      list.truncate(newSize);
      model.subList(newSize, model.size()).clear();
      for (var check = 0; check < 200 && newSize > 0; check++) {
        var index = random.nextInt(newSize);
        assertEquals(model.get(index), list.get(index));
        list.set(index, list.get(index)); // the list stays ascending
        var value = random.nextInt(model.getLast() + 2) - 1;
        assertEquals(floor(model, value), list.floor(value));
      }
    }
    assertEquals(model.size(), list.size());
    for (var i = 0; i < model.size(); i++) {
      list.set(i, -i);
      assertEquals(-i, list.get(i));
    }
  }

  private static int floor(List<Integer> model, int value) {
    var index = Collections.binarySearch(model, value);
    if (index < 0) {
      return -index - 2;
    }
    while (index + 1 < model.size() && model.get(index + 1) == value) {
      index++;
    }
    return index;
  }
}
