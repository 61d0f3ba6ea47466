package dev.parlor.server.rooms;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One subscriber's events, in order. Bounded: a subscriber that does not read ends its own stream
 * and comes back with its last id. Read by one thread.
 */
public final class RoomEventStream implements AutoCloseable {
  private final BlockingQueue<RoomEvent> queue;
  private final Consumer<RoomEventStream> onClose;
  private final boolean missed;
  private final String position;
  private volatile boolean ended;

  RoomEventStream(
      List<RoomEvent> replayed,
      int queueMax,
      boolean missed,
      String position,
      Consumer<RoomEventStream> onClose) {
    this.queue = new LinkedBlockingQueue<>(queueMax + replayed.size());
    this.queue.addAll(replayed);
    this.missed = missed;
    this.position = position;
    this.onClose = onClose;
  }

  /**
   * Whether events since the given id are gone, so that the subscriber has to load the room anew.
   */
  public boolean missed() {
    return missed;
  }

  /**
   * The id behind which this stream's events follow: that of the event before the first one, even
   * if there was none. A subscriber that has read nothing yet comes back with it.
   */
  public String position() {
    return position;
  }

  /**
   * The next event, waiting at most so long; empty when none came.
   *
   * @throws InterruptedException when the reading thread is told to stop
   */
  public Optional<RoomEvent> next(long waitMillis) throws InterruptedException {
    return Optional.ofNullable(queue.poll(waitMillis, TimeUnit.MILLISECONDS));
  }

  /** Whether nothing more will come than what is queued already. */
  public boolean ended() {
    return ended && queue.isEmpty();
  }

  void offer(RoomEvent event) {
    if (!ended && !queue.offer(event)) {
      ended = true;
      onClose.accept(this);
    }
  }

  void end() {
    ended = true;
  }

  @Override
  public void close() {
    ended = true;
    queue.clear();
    onClose.accept(this);
  }
}
