package dev.parlor.room.access;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connections of people whose invitation expires while they are connected. Checks once a
 * second on its own thread while any invitation has an expiry time ahead.
 */
public final class LinkExpiry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LinkExpiry.class);

  private final RoomRegistry rooms;
  private final RoomAuthorizer roomAuthorizer;
  private final LiveConnections live;
  private final InstantSource clock;
  private final int closeCode;
  private final PriorityQueue<Invitations.Ending> endings =
      new PriorityQueue<>(Comparator.comparing(Invitations.Ending::at));
  private boolean started;
  private boolean due;
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("link-expiry").factory());

  /**
   * @param closeCode the close code for the WebSockets
   */
  public LinkExpiry(
      Invitations invitations,
      RoomRegistry rooms,
      RoomAuthorizer roomAuthorizer,
      LiveConnections live,
      InstantSource clock,
      int closeCode) {
    this.rooms = rooms;
    this.roomAuthorizer = roomAuthorizer;
    this.live = live;
    this.clock = clock;
    this.closeCode = closeCode;
    this.endings.addAll(invitations.endings());
  }

  /** Starts the periodic checks. */
  public LinkExpiry start() {
    synchronized (endings) {
      started = true;
      scheduleLook();
    }
    return this;
  }

  /**
   * Schedules the next check, if one is needed. The caller holds the monitor of {@code endings}.
   */
  private void scheduleLook() {
    if (started && !due && !endings.isEmpty() && !looking.isShutdown()) {
      due = true;
      var _ = looking.schedule(this::lookAndGoOn, 1, TimeUnit.SECONDS);
    }
  }

  private void lookAndGoOn() {
    look();
    synchronized (endings) {
      due = false;
      scheduleLook();
    }
  }

  /** Adds a new invitation to the checks. */
  public void watch(String slug, Invitation invitation) {
    synchronized (endings) {
      invitation
          .expiresAt()
          .ifPresent(at -> endings.add(new Invitations.Ending(slug, invitation.id(), at)));
      scheduleLook();
    }
  }

  /** Closes the connections that belong to expired invitations. */
  void look() {
    try {
      var now = clock.instant();
      for (var ended = next(now); ended != null; ended = next(now)) {
        close(ended);
      }
    } catch (RuntimeException e) {
      log.error("the check for expired invitations failed", e);
    }
  }

  private Invitations.@org.jspecify.annotations.Nullable Ending next(Instant now) {
    synchronized (endings) {
      var first = endings.peek();
      return first == null || now.isBefore(first.at()) ? null : endings.poll();
    }
  }

  private void close(Invitations.Ending ended) {
    rooms
        .bySlug(ended.slug())
        .ifPresent(
            room ->
                live.close(
                    room.documentId(),
                    caller ->
                        caller.link().filter(ended.id()::equals).isPresent()
                            && roomAuthorizer.refusal(caller).isPresent(),
                    closeCode,
                    RoomLinks.EXPIRED.rule(),
                    RoomLinks.EXPIRED.reason()));
  }

  @Override
  public void close() {
    looking.shutdownNow();
  }
}
