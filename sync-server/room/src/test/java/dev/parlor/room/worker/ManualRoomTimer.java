package dev.parlor.room.worker;

import java.util.Comparator;
import java.util.PriorityQueue;

/** A room timer whose time changes only when a test advances it. */
final class ManualRoomTimer implements RoomTimer {
  private record Task(long at, long order, Runnable run) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
  private long now = 1_000_000;
  private long order;

  @Override
  public long now() {
    return now;
  }

  @Override
  public void after(long millis, Runnable run) {
    tasks.add(new Task(now + millis, order++, run));
  }

  void advance(long millis) {
    long until = now + millis;
    for (Task next = tasks.peek(); next != null && next.at() <= until; next = tasks.peek()) {
      tasks.remove(next);
      now = next.at();
      next.run().run();
    }
    now = until;
  }
}
