package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

class IntListLaws {

  @Property(tries = 60)
  @Label("added, set, cut back, added again: as a list of Java's, also over many blocks")
  void behavesLikeAnArrayList(@ForAll long seed) {
    var random = new Random(seed);
    var list = new IntList();
    var model = new ArrayList<Integer>();
    for (var round = 0; round < 4; round++) {
      var many = random.nextInt(40_000);
      for (var i = 0; i < many; i++) {
        var value = model.isEmpty() ? 0 : model.getLast() + random.nextInt(3);
        list.add(value);
        model.add(value);
      }
      var to = random.nextInt(model.size() + 1);
      list.truncate(to);
      model.subList(to, model.size()).clear();
      for (var look = 0; look < 200 && to > 0; look++) {
        var at = random.nextInt(to);
        assertEquals(model.get(at), list.get(at));
        list.set(at, list.get(at)); // ascending still
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
    var at = Collections.binarySearch(model, value);
    if (at < 0) {
      return -at - 2;
    }
    while (at + 1 < model.size() && model.get(at + 1) == value) {
      at++;
    }
    return at;
  }
}
