package dev.parlor.room.template;

import dev.parlor.room.limits.FixedServiceLimits;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at a {@link RoomFolder} at regular intervals, on the daemon thread {@code room-files}. */
public final class RoomFolderWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RoomFolderWatch.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("room-files").factory());

  /** Looks once before it returns, then at regular intervals until {@link #close}. */
  public RoomFolderWatch(RoomFolder folder, InstantSource clock) {
    folder.look(clock.millis());
    var _ =
        thread.scheduleWithFixedDelay(
            () -> look(folder, clock),
            FixedServiceLimits.ROOM_FILES_LOOK_MILLIS,
            FixedServiceLimits.ROOM_FILES_LOOK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /** After an exception the executor would never look again. */
  private static void look(RoomFolder folder, InstantSource clock) {
    try {
      folder.look(clock.millis());
    } catch (RuntimeException e) {
      log.error("the folder of room files could not be looked at", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
