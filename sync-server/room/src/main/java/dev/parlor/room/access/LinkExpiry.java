package dev.parlor.room.access;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connections of people whose invitation expires while they are connected. Checks once a
 * second on its own thread, as long as any invitation will expire.
 */
public final class LinkExpiry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LinkExpiry.class);

  private final RoomRegistry rooms;
  private final LiveConnections connections;
  private final InstantSource clock;
  private final int closeCode;
  private final PriorityQueue<Invitations.Expiry> expiries =
      new PriorityQueue<>(Comparator.comparing(Invitations.Expiry::at));
  private boolean started;
  private boolean checkScheduled;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("link-expiry").factory());

  /**
   * @param closeCode the close code for the WebSockets
   */
  public LinkExpiry(
      Invitations invitations,
      RoomRegistry rooms,
      LiveConnections connections,
      InstantSource clock,
      int closeCode) {
    this.rooms = rooms;
    this.connections = connections;
    this.clock = clock;
    this.closeCode = closeCode;
    this.expiries.addAll(invitations.expiries());
  }

  /** Starts the periodic checks. */
  public LinkExpiry start() {
    synchronized (expiries) {
      started = true;
      scheduleCheck();
    }
    return this;
  }

  /**
   * Schedules the next check, if one is needed. The caller holds the monitor of {@code expiries}.
   */
  private void scheduleCheck() {
    if (started && !checkScheduled && !expiries.isEmpty() && !timer.isShutdown()) {
      checkScheduled = true;
      var _ = timer.schedule(this::checkAndReschedule, 1, TimeUnit.SECONDS);
    }
  }

  private void checkAndReschedule() {
    check();
    synchronized (expiries) {
      checkScheduled = false;
      scheduleCheck();
    }
  }

  /** Includes a new invitation in the checks. */
  public void watch(String slug, Invitation invitation) {
    synchronized (expiries) {
      invitation
          .expiresAt()
          .ifPresent(at -> expiries.add(new Invitations.Expiry(slug, invitation.id(), at)));
      scheduleCheck();
    }
  }

  /** Closes the connections that belong to expired invitations. */
  void check() {
    try {
      var now = clock.instant();
      for (var expired = nextExpired(now); expired != null; expired = nextExpired(now)) {
        closeConnections(expired);
      }
    } catch (RuntimeException e) {
      log.error("the check for expired invitations failed", e);
    }
  }

  private Invitations.@org.jspecify.annotations.Nullable Expiry nextExpired(Instant now) {
    synchronized (expiries) {
      var first = expiries.peek();
      return first == null || now.isBefore(first.at()) ? null : expiries.poll();
    }
  }

  private void closeConnections(Invitations.Expiry expired) {
    rooms
        .bySlug(expired.slug())
        .ifPresent(
            room ->
                connections.close(
                    ClosingOrder.ofLink(
                        room.documentId(),
                        expired.id(),
                        Optional.empty(),
                        closeCode,
                        RoomLinks.EXPIRED)));
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
