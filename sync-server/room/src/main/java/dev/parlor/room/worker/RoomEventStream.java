package dev.parlor.room.worker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The events for one subscriber, in order. The queue is bounded. If the subscriber reads too
 * slowly, its stream ends, and it resumes with its last event id. Read by one thread.
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
   * True if events after the given id are no longer kept, so that the subscriber must load the room
   * again.
   */
  public boolean missed() {
    return missed;
  }

  /**
   * The id of the event before this stream's first event, even if there was none. A subscriber that
   * has read nothing yet resumes with it.
   */
  public String position() {
    return position;
  }

  /**
   * Waits up to {@code waitMillis} for the next event; empty if none arrived.
   *
   * @throws InterruptedException if the reading thread is interrupted
   */
  public Optional<RoomEvent> next(long waitMillis) throws InterruptedException {
    return Optional.ofNullable(queue.poll(waitMillis, TimeUnit.MILLISECONDS));
  }

  /** True if no event follows those already queued. */
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
