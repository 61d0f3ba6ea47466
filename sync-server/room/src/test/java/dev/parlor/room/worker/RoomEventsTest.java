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
  private final RoomEvents events = new RoomEvents("opening", 4, 3, 2);

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
  void resumedSubscriptionReceivesEachEventOnce() throws Exception {
    publish(3);
    RoomEventStream stream = events.subscribe("opening-1");
    publish(1);
    assertFalse(stream.missed());
    assertEquals(List.of("opening-2", "opening-3", "opening-4"), ids(stream));
  }

  @DisplayName("a new subscriber receives only later events")
  @Test
  void newSubscriberGetsOnlyLaterEvents() throws Exception {
    publish(3);
    RoomEventStream stream = events.subscribe(null);
    publish(1);
    assertEquals(List.of("opening-4"), ids(stream));
  }

  @DisplayName(
      "a subscriber that resumes after an unavailable or unknown event id learns that it missed events")
  @Test
  void unavailableEventIdsAreReported() {
    publish(10);
    assertTrue(events.subscribe("opening-5").missed());
    events.subscribe("opening-5").close();
    RoomEvents reopened = new RoomEvents("other", 4, 3, 9);
    assertTrue(reopened.subscribe("opening-1").missed());
    assertTrue(reopened.subscribe("not-an-id").missed());
    assertTrue(reopened.subscribe("other-7").missed());
    assertFalse(reopened.subscribe("other-0").missed());
  }

  @DisplayName("the stream of a subscriber that does not read ends, and other streams continue")
  @Test
  void streamOfASlowSubscriberEnds() throws Exception {
    RoomEventStream slow = events.subscribe(null);
    RoomEventStream quick = events.subscribe(null);
    List<String> received = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      publish(1);
      received.addAll(ids(quick));
    }
    assertEquals(6, received.size());
    assertEquals(List.of("opening-1", "opening-2", "opening-3"), ids(slow));
    assertTrue(slow.ended());
    assertEquals(1, events.subscribers());
  }

  @DisplayName("a subscriber above the limit is refused until another stream is closed")
  @Test
  void subscribersAreLimited() {
    RoomEventStream first = events.subscribe(null);
    events.subscribe(null);
    assertThrows(RoomRefusal.class, () -> events.subscribe(null));
    first.close();
    events.subscribe(null).close();
  }
}
