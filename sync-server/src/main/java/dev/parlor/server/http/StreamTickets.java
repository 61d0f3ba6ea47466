package dev.parlor.server.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.config.FixedLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tickets that have opened a stream of events, so that the same stream can come back: a browser's
 * EventSource asks for the same URL again after its connection broke, and cannot buy a new ticket.
 *
 * <p>Such a ticket opens nothing but this stream, and only together with an event id that the
 * server gave on it. That id travels in a header, so a URL that stands in a proxy's log is worth
 * nothing. One connection at a time has the stream; the later one takes it over. Times and counts
 * are in {@link FixedLimits}. Safe from any thread.
 */
final class StreamTickets {

  /** Openings of a room whose ids are remembered of one stream; above: the oldest is forgotten. */
  private static final int OPENINGS_MAX = 4;

  /** What has a stream right now. */
  @FunctionalInterface
  interface Connection {
    /** Ends it, without waiting. */
    void end();
  }

  /** One stream, whatever connection has it. */
  private static final class Entry {
    private final Caller caller;
    private final Instant end;
    private final Set<String> openings = new LinkedHashSet<>();
    private boolean closed;
    private @Nullable Connection connection;
    private Instant left;

    Entry(Caller caller, Instant now) {
      this.caller = caller;
      this.end = now.plusSeconds(FixedLimits.EVENT_TICKET_SECONDS_MAX);
      this.left = now;
    }

    boolean isOver(Instant now) {
      var patience = left.plusSeconds(FixedLimits.EVENT_RETURN_SECONDS_MAX);
      return connection == null && (!now.isBefore(end) || !now.isBefore(patience));
    }
  }

  /**
   * A client that comes back.
   *
   * @param closed whether the server closed the stream, so that the ticket opens it no more
   */
  record Return(Caller caller, boolean closed) {}

  private final InstantSource clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  StreamTickets(InstantSource clock) {
    this.clock = clock;
  }

  /** Whose stream the ticket and an id of its events open; empty for any other two. */
  synchronized Optional<Return> find(String ticket, String lastEventId) {
    var now = clock.instant();
    return Optional.ofNullable(entries.get(ticket))
        .filter(entry -> now.isBefore(entry.end) && !entry.isOver(now))
        .filter(entry -> entry.openings.contains(opening(lastEventId)))
        .map(entry -> new Return(entry.caller, entry.closed));
  }

  /** Ends the connection that still has the stream, if one has. */
  synchronized void takeOver(String ticket) {
    var entry = entries.get(ticket);
    if (entry != null) {
      hand(entry, null);
    }
  }

  /**
   * Notes that a connection has the stream from here on; the one before is ended.
   *
   * @param position the id behind which its events follow
   */
  synchronized void opened(String ticket, Caller caller, String position, Connection connection) {
    var now = clock.instant();
    entries.values().removeIf(entry -> entry.isOver(now));
    var entry = entries.computeIfAbsent(ticket, _ -> new Entry(caller, now));
    hand(entry, connection);
    entry.openings.add(opening(position));
    if (entry.openings.size() > OPENINGS_MAX) {
      entry.openings.remove(entry.openings.iterator().next());
    }
    if (entries.size() > FixedLimits.EVENT_TICKETS_MAX) {
      var oldest =
          entries.entrySet().stream()
              .filter(one -> one.getValue().connection == null)
              .map(Map.Entry::getKey)
              .findFirst();
      entries.remove(oldest.orElse(entries.keySet().iterator().next()));
    }
  }

  /** Notes that a connection is gone. */
  synchronized void gone(String ticket, Connection connection) {
    var entry = entries.get(ticket);
    if (entry != null && connection.equals(entry.connection)) {
      hand(entry, null);
    }
  }

  /** Closes the streams of these callers for good; new tickets open new ones. */
  synchronized void close(DocumentId room, Predicate<Caller> who) {
    for (var entry : entries.values()) {
      if (entry.caller.scope().filter(room::equals).isPresent() && who.test(entry.caller)) {
        entry.closed = true;
      }
    }
  }

  private void hand(Entry entry, @Nullable Connection connection) {
    var former = entry.connection;
    entry.connection = connection;
    entry.left = clock.instant();
    if (former != null && !former.equals(connection)) {
      former.end();
    }
  }

  /** What the ids of one opening of a room begin with. */
  private static String opening(String id) {
    return id.substring(0, Math.max(0, id.lastIndexOf('-')));
  }
}
