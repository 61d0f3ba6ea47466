package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FractionalIndexProperties {

  @Property(tries = 300)
  @Label("insertions at any places keep the order and never repeat a key")
  void insertionsKeepTheOrder(
      @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 1_000) Integer> places,
      @ForAll long seed) {
    var random = Rooms.random(seed);
    var keys = new ArrayList<String>();
    for (var place : places) {
      var at = place % (keys.size() + 1);
      var lower = at == 0 ? null : keys.get(at - 1);
      var upper = at == keys.size() ? null : keys.get(at);
      keys.add(at, FractionalIndex.between(lower, upper, random));
    }
    assertEquals(keys.stream().sorted().distinct().toList(), keys);
    assertTrue(keys.stream().allMatch(FractionalIndex::isValid));
  }

  @Property
  @Label("between arbitrary strings, a key above the lower string is made without an error")
  void arbitraryKeysNeverThrow(@ForAll String lower, @ForAll String upper, @ForAll long seed) {
    var key = FractionalIndex.between(lower, upper, Rooms.random(seed));
    assertTrue(key.compareTo(lower) > 0);
    assertTrue(FractionalIndex.between(null, upper, Rooms.random(seed)).compareTo("") > 0);
  }
}
