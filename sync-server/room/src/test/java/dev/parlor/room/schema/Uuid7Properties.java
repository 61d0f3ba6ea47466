package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class Uuid7Properties {

  @Property
  @Label("an id is a lower-case UUID of version 7 and variant 2 that contains its milliseconds")
  void containsItsMilliseconds(
      @ForAll @LongRange(min = 0, max = (1L << 48) - 1) long millis, @ForAll long seed) {
    var text = Uuid7.of(millis, Rooms.random(seed));
    var id = UUID.fromString(text);
    assertEquals(text, id.toString());
    assertEquals(7, id.version());
    assertEquals(2, id.variant());
    assertEquals(millis, id.getMostSignificantBits() >>> 16);
  }

  @Property
  @Label("an id of a later millisecond sorts after an earlier id")
  void sortsByTime(@ForAll @LongRange(min = 0, max = (1L << 48) - 2) long millis) {
    var random = Rooms.random(millis);
    assertTrue(Uuid7.of(millis, random).compareTo(Uuid7.of(millis + 1, random)) < 0);
  }

  @Example
  @Label("[RFC 9562 A.6] the layout of an id equals the RFC's example")
  void layoutEqualsTheExampleOfTheRfc() {
    assertEquals("017f22e2-79b0-7", Uuid7.of(0x017F22E279B0L, Rooms.random(1)).substring(0, 15));
  }
}
