package dev.parlor.room.worker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The events for one subscriber, in order. If the subscriber reads too slowly, the bounded queue
 * overflows and the stream ends. The subscriber can then resume with its last event id. Read by one
 * thread.
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
   * Whether events after the given id are no longer available, so that the subscriber must load the
   * room again.
   */
  public boolean missed() {
    return missed;
  }

  /**
   * The id that precedes this stream's first event. A subscriber that has read no event yet resumes
   * with it.
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

  /** Whether the stream has ended and all its events were read. */
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
