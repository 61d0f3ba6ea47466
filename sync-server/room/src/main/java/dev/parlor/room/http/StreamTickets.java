package dev.parlor.room.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.room.limits.FixedServiceLimits;
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
 * Tickets that have opened an event stream and may resume it. After a lost connection, a browser's
 * EventSource requests the same URL again and cannot get a new ticket.
 *
 * <p>Such a ticket resumes only its own stream, and only together with an event id that the server
 * sent on this stream. The event id is in a header, so a URL in a proxy's log is not enough. One
 * connection at a time has the stream; a new connection takes it over. Times and counts are in
 * {@link FixedLimits}. Thread-safe.
 */
final class StreamTickets {

  /**
   * Openings of the room that one stream remembers, to recognize their event ids. Above this, the
   * oldest opening is removed.
   */
  private static final int OPENINGS_MAX = 4;

  /** The connection that currently has a stream. */
  @FunctionalInterface
  interface Connection {
    /** Ends the connection without waiting. */
    void end();
  }

  /** One stream over all its connections. */
  private static final class Entry {
    private final Caller caller;
    private final Instant end;
    private final Set<String> openings = new LinkedHashSet<>();
    private boolean closed;
    private @Nullable Connection connection;
    private Instant left;

    Entry(Caller caller, Instant now) {
      this.caller = caller;
      this.end = now.plusSeconds(FixedServiceLimits.EVENT_TICKET_SECONDS_MAX);
      this.left = now;
    }

    boolean isOver(Instant now) {
      var patience = left.plusSeconds(FixedServiceLimits.EVENT_RESUME_SECONDS_MAX);
      return connection == null && (!now.isBefore(end) || !now.isBefore(patience));
    }
  }

  /**
   * A client that resumes its stream.
   *
   * @param closed whether the server closed the stream, so that the ticket can no longer resume it
   */
  record Return(Caller caller, boolean closed) {}

  private final InstantSource clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  StreamTickets(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The stream of this ticket and of an event id that was sent on it; empty if they do not match.
   */
  synchronized Optional<Return> find(String ticket, String lastEventId) {
    var now = clock.instant();
    return Optional.ofNullable(entries.get(ticket))
        .filter(entry -> now.isBefore(entry.end) && !entry.isOver(now))
        .filter(entry -> entry.openings.contains(opening(lastEventId)))
        .map(entry -> new Return(entry.caller, entry.closed));
  }

  /** Ends the connection that still has the stream, if any. */
  synchronized void takeOver(String ticket) {
    var entry = entries.get(ticket);
    if (entry != null) {
      hand(entry, null);
    }
  }

  /**
   * Records that a connection has the stream, and ends the previous connection.
   *
   * @param position the event id after which the events of this connection begin
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
    if (entries.size() > FixedServiceLimits.EVENT_TICKETS_MAX) {
      var oldest =
          entries.entrySet().stream()
              .filter(one -> one.getValue().connection == null)
              .map(Map.Entry::getKey)
              .findFirst();
      entries.remove(oldest.orElse(entries.keySet().iterator().next()));
    }
  }

  /** Records that a connection has ended. */
  synchronized void gone(String ticket, Connection connection) {
    var entry = entries.get(ticket);
    if (entry != null && connection.equals(entry.connection)) {
      hand(entry, null);
    }
  }

  /**
   * Closes the streams of these callers, so that their tickets cannot resume them. New tickets open
   * new streams.
   */
  synchronized void close(DocumentId room, Predicate<Caller> callers) {
    for (var entry : entries.values()) {
      if (entry.caller.scope().filter(room::equals).isPresent() && callers.test(entry.caller)) {
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

  /** The common prefix of the event ids of one opening of a room. */
  private static String opening(String id) {
    return id.substring(0, Math.max(0, id.lastIndexOf('-')));
  }
}
