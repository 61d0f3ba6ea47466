package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomJsonTest {

  private static String plain(Value value) {
    return RoomJson.plain(value).toString();
  }

  @Test
  void collaborativeTextAndScalarStringsBecomeEqualStrings() {
    assertEquals("\"a\"", plain(Value.of("a")));
    assertEquals("\"a\"", plain(Value.text("a")));
    assertEquals("null", plain(Value.NULL));
    assertEquals("true", plain(Value.of(true)));
  }

  @Test
  void timesAreIntegersInEveryStoredForm() {
    assertEquals("1795203279642", plain(Value.of(1795203279642L)));
    assertEquals("1795203279642", plain(Value.of(1795203279642.0)));
    assertEquals("1795203279642", plain(new Value.Timestamp(1795203279642L)));
    assertEquals("1.5", plain(Value.of(1.5)));
    assertEquals("1.0E300", plain(Value.of(1e300)));
    assertEquals("null", plain(Value.of(Double.NaN)));
    assertEquals("7", plain(new Value.Counter(7)));
  }

  @Test
  void nestedContainersAreConverted() {
    assertEquals(
        "{\"bytes\":\"AQI=\",\"list\":[1,{\"a\":null}]}",
        plain(
            Value.map(
                "list",
                Value.list(List.of(Value.of(1), Value.map("a", Value.NULL))),
                "bytes",
                new Value.Blob(Bytes.wrap(new byte[] {1, 2})))));
  }
}
