package dev.parlor.server.images;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.server.images.StoredRoomImages.Unnamed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes uploaded images that no message, card, note or question of the room has named for a week.
 * An image that the document names is never looked at again. Runs on the thread of sweeps; a room
 * is opened only if it has an old image that was never found in its document.
 */
public final class ImageSweep {
  private static final Logger LOG = LoggerFactory.getLogger(ImageSweep.class);

  /** The time for which an image stays that nothing names; then the next sweep removes it. */
  static final Duration UNNAMED_AGE_MAX = Duration.ofDays(7);

  private static final int PAGE = 500;

  private final StoredRoomImages images;
  private final Function<DocumentId, Optional<RoomView>> rooms;
  private final InstantSource clock;

  public ImageSweep(StoredRoomImages images, RoomWorkers rooms) {
    this(images, document -> view(rooms, document), InstantSource.system());
  }

  /**
   * @param rooms reads a room; empty if it cannot be read now
   */
  ImageSweep(
      StoredRoomImages images,
      Function<DocumentId, Optional<RoomView>> rooms,
      InstantSource clock) {
    this.images = images;
    this.rooms = rooms;
    this.clock = clock;
  }

  private static Optional<RoomView> view(RoomWorkers rooms, DocumentId document) {
    try {
      return Optional.of(rooms.of(document).view().join());
    } catch (RoomRefusal | CompletionException e) {
      LOG.warn("room {}: its images are kept, because it cannot be read now", document);
      return Optional.empty();
    }
  }

  /** Sweeps all rooms; ends early if the thread is interrupted. */
  public void run() {
    var removed = sweep();
    if (removed > 0) {
      LOG.info("removed {} images that no room shows", removed);
    }
  }

  /**
   * Sweeps all rooms.
   *
   * @return the number of removed images
   */
  int sweep() {
    var oldest = clock.instant().minus(UNNAMED_AGE_MAX).toEpochMilli();
    var views = new HashMap<DocumentId, Optional<RoomView>>();
    var removed = 0;
    var from = "";
    while (true) {
      var page = images.page(from, PAGE);
      for (var entry : page) {
        if (Thread.currentThread().isInterrupted()) {
          return removed;
        }
        var old = StoredRoomImages.unnamed(entry).filter(image -> image.at() < oldest);
        if (old.isPresent() && decide(old.get(), views)) {
          removed++;
        }
      }
      if (page.size() < PAGE) {
        return removed;
      }
      views.clear();
      from = page.getLast().key() + '\0';
    }
  }

  /** Keeps or removes an image; returns whether it was removed. */
  private boolean decide(Unnamed image, Map<DocumentId, Optional<RoomView>> views) {
    var view = views.computeIfAbsent(image.room(), rooms);
    if (view.isEmpty()) {
      return false;
    }
    if (view.get().names(image.id())) {
      images.keep(image).join();
      return false;
    }
    return images.remove(image).join();
  }
}
