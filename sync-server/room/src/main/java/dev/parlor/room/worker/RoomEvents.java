package dev.parlor.room.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the latest events of one room and passes each new event to the subscribers. Publishing runs
 * on the room's thread, subscribing on any thread. Never blocks.
 */
public final class RoomEvents {
  private final String opening;
  private final int ringMax;
  private final int queueMax;
  private final int subscribersMax;
  private final Deque<RoomEvent> ring = new ArrayDeque<>();
  private final Set<RoomEventStream> streams = new LinkedHashSet<>();
  private Consumer<RoomEvent> listener = _ -> {};
  private long count;
  private boolean ended;

  /**
   * @param opening random id of this opening of the room
   * @param ringMax events that are kept for subscribers that resume
   * @param queueMax events in the queue of one subscriber
   */
  RoomEvents(String opening, int ringMax, int queueMax, int subscribersMax) {
    this.opening = opening;
    this.ringMax = ringMax;
    this.queueMax = queueMax;
    this.subscribersMax = subscribersMax;
  }

  /**
   * Sets the listener that gets each event on the room's thread; call it before the first event.
   */
  synchronized void listen(Consumer<RoomEvent> eventListener) {
    listener = eventListener;
  }

  /** Adds an event and passes it to every stream. */
  public synchronized void publish(String name, long at, Map<String, Object> data) {
    if (ended) {
      return;
    }
    count++;
    RoomEvent event = new RoomEvent(opening + "-" + count, name, at, data);
    ring.addLast(event);
    if (ring.size() > ringMax) {
      ring.removeFirst();
    }
    List.copyOf(streams).forEach(stream -> stream.offer(event));
    listener.accept(event);
  }

  /**
   * Subscribes to new events, or resumes after an earlier event.
   *
   * @param lastEventId the {@code Last-Event-ID} of a subscriber that resumes, null for a new one
   * @throws RoomRefusal if the room has too many subscribers or is closing
   */
  public synchronized RoomEventStream subscribe(@Nullable String lastEventId) {
    if (ended) {
      throw new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
    }
    if (streams.size() >= subscribersMax) {
      throw new RoomRefusal(
          RoomRefusal.Code.BUSY, "", "the room has " + subscribersMax + " event streams already");
    }
    List<RoomEvent> replayed = new ArrayList<>();
    boolean eventsMissed = false;
    String position = opening + "-" + count;
    if (lastEventId != null) {
      long last = numberOf(lastEventId);
      long firstInRing = count - ring.size() + 1;
      eventsMissed = last < 0 || last > count || last + 1 < firstInRing;
      if (!eventsMissed) {
        position = lastEventId;
        ring.stream().filter(event -> numberOf(event.id()) > last).forEach(replayed::add);
      }
    }
    var stream = new RoomEventStream(replayed, queueMax, eventsMissed, position, this::remove);
    streams.add(stream);
    return stream;
  }

  synchronized int subscribers() {
    return streams.size();
  }

  synchronized void end() {
    ended = true;
    streams.forEach(RoomEventStream::end);
    streams.clear();
  }

  private synchronized void remove(RoomEventStream stream) {
    streams.remove(stream);
  }

  /** The number in an event id of this room; -1 for any other text. */
  private long numberOf(String id) {
    String prefix = opening + "-";
    if (!id.startsWith(prefix) || !id.substring(prefix.length()).matches("\\d{1,18}")) {
      return -1;
    }
    return Long.parseLong(id.substring(prefix.length()));
  }
}
