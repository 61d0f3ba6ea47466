package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomEventsTest {
  private final RoomEvents events = new RoomEvents("boot", 4, 3, 2);

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      events.publish("e", i, Map.of());
    }
  }

  private static List<String> ids(RoomEventStream stream) throws InterruptedException {
    List<String> ids = new ArrayList<>();
    for (Optional<RoomEvent> e = stream.next(0); e.isPresent(); e = stream.next(0)) {
      ids.add(e.get().id());
    }
    return ids;
  }

  @DisplayName("a resumed subscription receives each event once")
  @Test
  void resumedStreamHasEachEventOnce() throws Exception {
    publish(3);
    RoomEventStream stream = events.subscribe("boot-1");
    publish(1);
    assertFalse(stream.missed());
    assertEquals(List.of("boot-2", "boot-3", "boot-4"), ids(stream));
  }

  @DisplayName("a new subscriber receives only later events")
  @Test
  void newSubscriberGetsOnlyLaterEvents() throws Exception {
    publish(3);
    RoomEventStream stream = events.subscribe(null);
    publish(1);
    assertEquals(List.of("boot-4"), ids(stream));
  }

  @DisplayName("an event id that is too old or of another opening is reported to the subscriber")
  @Test
  void tooOldOrForeignEventIdIsReported() {
    publish(10);
    assertTrue(events.subscribe("boot-5").missed());
    events.subscribe("boot-5").close();
    RoomEvents fresh = new RoomEvents("other", 4, 3, 9);
    assertTrue(fresh.subscribe("boot-1").missed());
    assertTrue(fresh.subscribe("nonsense").missed());
    assertTrue(fresh.subscribe("other-7").missed());
    assertFalse(fresh.subscribe("other-0").missed());
  }

  @DisplayName("a subscriber that does not read is dropped, and the others continue")
  @Test
  void slowSubscriberIsDroppedAndOthersContinue() throws Exception {
    RoomEventStream slow = events.subscribe(null);
    RoomEventStream quick = events.subscribe(null);
    List<String> heard = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      publish(1);
      heard.addAll(ids(quick));
    }
    assertEquals(6, heard.size());
    assertEquals(List.of("boot-1", "boot-2", "boot-3"), ids(slow));
    assertTrue(slow.ended());
    assertEquals(1, events.subscribers());
  }

  @DisplayName("subscribers above the limit are refused until a subscriber leaves")
  @Test
  void subscribersAreLimited() {
    RoomEventStream first = events.subscribe(null);
    events.subscribe(null);
    assertThrows(RoomRefusal.class, () -> events.subscribe(null));
    first.close();
    events.subscribe(null).close();
  }
}
