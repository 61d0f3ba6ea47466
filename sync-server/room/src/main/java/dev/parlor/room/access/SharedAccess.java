package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.storage.RecordTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what hosts decide on one node to the connections of all nodes, in two ways. A {@link
 * ClosingOrder} is sent to the other nodes at once; it may be lost. The records that another node
 * changes are always noticed: this node then reviews its open connections to those rooms. So a lost
 * order only delays the end of a connection.
 *
 * <p>One thread reviews. Changes that arrive within {@value #PAUSE_MILLIS} ms are reviewed together
 * in one pass over the connections.
 */
public final class SharedAccess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SharedAccess.class);

  private static final String TOPIC = "access";

  /** Tables with records that decide about access; each key begins with the slug of a room. */
  private static final List<String> TABLES = List.of("members", "links", "owners");

  private static final String INVITATIONS = "invitations";
  private static final int PAUSE_MILLIS = 50;
  private static final int RETRY_MILLIS = 1_000;

  private final AccessServices access;
  private final LiveConnections local;
  private final InstantSource clock;
  private final Set<String> changedRooms = new HashSet<>();

  /** Invitations of other nodes that expire, and the time when this node reviews their rooms. */
  private final Map<String, Long> expiries = new HashMap<>();

  private boolean reviewScheduled;
  private final ScheduledExecutorService reviewer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("access-review").factory());

  /**
   * @param local the connections of this node
   */
  public SharedAccess(AccessServices access, LiveConnections local, InstantSource clock) {
    this.access = access;
    this.local = local;
    this.clock = clock;
  }

  /** The connections of this node; an order to close them also goes to the other nodes. */
  public static LiveConnections onAllNodes(LiveConnections local, NodeMessages messages) {
    return new LiveConnections() {
      @Override
      public void close(ClosingOrder order) {
        local.close(order);
        messages.publish(TOPIC, order.encode());
      }

      @Override
      public void review(Set<DocumentId> rooms) {
        local.review(rooms);
      }
    };
  }

  /**
   * Begins to follow the other nodes.
   *
   * @param tables opens a table of the store by its name
   */
  public SharedAccess start(Function<String, RecordTable> tables, NodeMessages messages) {
    for (var table : TABLES) {
      tables.apply(table).watch(key -> reviewSoon(slug(key)));
    }
    tables.apply(INVITATIONS).watch(this::invitationChanged);
    messages.subscribe(TOPIC, this::received);
    return this;
  }

  private static String slug(String key) {
    var slash = key.indexOf('/');
    return slash < 0 ? key : key.substring(0, slash);
  }

  private void received(Bytes message) {
    ClosingOrder.decode(message)
        .ifPresentOrElse(
            order -> execute(() -> local.close(order)),
            () -> log.error("another node sent an order about access in an unknown form"));
  }

  private void invitationChanged(String key) {
    reviewSoon(slug(key));
    execute(() -> watchExpiry(key));
  }

  /** Plans a review for the time when an invitation of another node expires. */
  private void watchExpiry(String key) {
    var slug = slug(key);
    var expiresAt =
        access
            .invitations()
            .find(slug, key.substring(slug.length() + 1))
            .filter(invitation -> !invitation.hasEnded(clock.instant()))
            .flatMap(Invitation::expiresAt);
    if (expiresAt.isEmpty()) {
      return;
    }
    var at = expiresAt.get().toEpochMilli();
    var before = expiries.put(key, at);
    if (before == null || before != at) {
      var delay = Duration.between(clock.instant(), expiresAt.get()).toMillis();
      schedule(() -> expired(key, at), Math.max(0, delay));
    }
  }

  private void expired(String key, long at) {
    if (expiries.remove(key, at)) {
      reviewSoon(slug(key));
    }
  }

  private void reviewSoon(String slug) {
    synchronized (changedRooms) {
      changedRooms.add(slug);
      if (reviewScheduled) {
        return;
      }
      reviewScheduled = true;
    }
    schedule(this::review, PAUSE_MILLIS);
  }

  private void review() {
    Set<String> slugs;
    synchronized (changedRooms) {
      reviewScheduled = false;
      slugs = Set.copyOf(changedRooms);
      changedRooms.clear();
    }
    try {
      var rooms = new HashSet<DocumentId>();
      for (var slug : slugs) {
        access.registry().bySlug(slug).ifPresent(room -> rooms.add(room.documentId()));
      }
      if (!rooms.isEmpty()) {
        local.review(rooms);
      }
    } catch (RuntimeException e) {
      log.error("the connections to {} rooms could not be reviewed; tried again", slugs.size(), e);
      synchronized (changedRooms) {
        changedRooms.addAll(slugs);
        reviewScheduled = true;
      }
      schedule(this::review, RETRY_MILLIS);
    }
  }

  private void execute(Runnable task) {
    schedule(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            log.error("a change of access on another node could not be followed", e);
          }
        },
        0);
  }

  private void schedule(Runnable task, long millis) {
    try {
      var _ = reviewer.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the server stops", e);
    }
  }

  @Override
  public void close() {
    reviewer.shutdownNow();
  }
}
