package dev.parlor.room.http;

import dev.parlor.relay.admission.Caller;
import dev.parlor.room.limits.FixedServiceLimits;
import java.time.Duration;
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
 * Remembers the tickets that opened an event stream, so that they can resume it. After a lost
 * connection, a browser's EventSource requests the same URL again and cannot get a new ticket.
 *
 * <p>Such a ticket resumes only its own stream, and only together with an event id that the server
 * sent on this stream. The event id is in a header, so a URL in a proxy's log is not enough. One
 * connection at a time has the stream; a new connection takes it over. Times and counts are in
 * {@link FixedServiceLimits}. Thread-safe.
 *
 * <p>In a cluster another node can resume the stream, see {@link SharedStreams}. It does not know
 * the connection of the first node, which ends with its socket.
 */
final class StreamTickets {

  /**
   * Prefixes of event ids that are kept for one stream. A room's event ids get a new prefix each
   * time the server opens the room. Above this, the oldest prefix is removed.
   */
  private static final int ID_PREFIXES_MAX = 4;

  /** The connection that currently has a stream. */
  @FunctionalInterface
  interface Connection {
    /** Ends the connection without waiting. */
    void end();
  }

  /** A stream, which continues over several connections. */
  private static final class Stream {
    private final Caller caller;
    private final Instant expiresAt;
    private final Set<String> idPrefixes = new LinkedHashSet<>();
    private boolean closed;
    private @Nullable Connection connection;
    private Instant disconnectedAt;

    Stream(Caller caller, Instant now) {
      this.caller = caller;
      this.expiresAt = now.plusSeconds(FixedServiceLimits.EVENT_TICKET_SECONDS_MAX);
      this.disconnectedAt = now;
    }

    boolean isExpired(Instant now) {
      var resumeDeadline = disconnectedAt.plusSeconds(FixedServiceLimits.EVENT_RESUME_SECONDS_MAX);
      return connection == null && (!now.isBefore(expiresAt) || !now.isBefore(resumeDeadline));
    }
  }

  /**
   * A stream that a client wants to resume.
   *
   * @param closed whether the server closed the stream, so that the ticket can no longer resume it
   */
  record ResumableStream(Caller caller, boolean closed) {}

  private final InstantSource clock;
  private final @Nullable SharedStreams shared;
  private final Map<String, Stream> streams = new LinkedHashMap<>();

  /**
   * @param shared the streams of all nodes; empty on one machine
   */
  StreamTickets(InstantSource clock, Optional<SharedStreams> shared) {
    this.clock = clock;
    this.shared = shared.orElse(null);
  }

  /**
   * The stream of this ticket and of an event id that was sent on it; empty if they do not match.
   * In a cluster, asks it for streams of other nodes.
   */
  Optional<ResumableStream> find(String ticket, String lastEventId) {
    var here = findHere(ticket, lastEventId);
    return here.isPresent() || shared == null
        ? here
        : shared
            .find(ticket, idPrefix(lastEventId))
            .map(caller -> new ResumableStream(caller, false));
  }

  private synchronized Optional<ResumableStream> findHere(String ticket, String lastEventId) {
    var now = clock.instant();
    return Optional.ofNullable(streams.get(ticket))
        .filter(stream -> now.isBefore(stream.expiresAt) && !stream.isExpired(now))
        .filter(stream -> stream.idPrefixes.contains(idPrefix(lastEventId)))
        .map(stream -> new ResumableStream(stream.caller, stream.closed));
  }

  /** Ends the connection that still has the stream, if any. */
  synchronized void endConnection(String ticket) {
    var stream = streams.get(ticket);
    if (stream != null) {
      setConnection(stream, null);
    }
  }

  /**
   * Records that a connection has the stream, and ends the previous connection.
   *
   * @param position the event id after which the events of this connection begin
   */
  synchronized void onConnect(
      String ticket, Caller caller, String position, Connection connection) {
    var now = clock.instant();
    streams.values().removeIf(stream -> stream.isExpired(now));
    var stream = streams.computeIfAbsent(ticket, _ -> new Stream(caller, now));
    setConnection(stream, connection);
    stream.idPrefixes.add(idPrefix(position));
    if (stream.idPrefixes.size() > ID_PREFIXES_MAX) {
      stream.idPrefixes.remove(stream.idPrefixes.iterator().next());
    }
    share(ticket, stream, Duration.between(now, stream.expiresAt));
    if (streams.size() > FixedServiceLimits.EVENT_TICKETS_MAX) {
      var oldest =
          streams.entrySet().stream()
              .filter(each -> each.getValue().connection == null)
              .map(Map.Entry::getKey)
              .findFirst();
      streams.remove(oldest.orElse(streams.keySet().iterator().next()));
    }
  }

  /** Records that a connection has ended. */
  synchronized void onDisconnect(String ticket, Connection connection) {
    var stream = streams.get(ticket);
    if (stream != null && connection.equals(stream.connection)) {
      setConnection(stream, null);
      var left = Duration.between(clock.instant(), stream.expiresAt);
      var resume = Duration.ofSeconds(FixedServiceLimits.EVENT_RESUME_SECONDS_MAX);
      share(ticket, stream, left.compareTo(resume) < 0 ? left : resume);
    }
  }

  /**
   * Closes the streams of these callers, so that their tickets cannot resume them. New tickets open
   * new streams.
   */
  synchronized void close(Predicate<Caller> callers) {
    streams.forEach(
        (ticket, stream) -> {
          if (callers.test(stream.caller)) {
            stream.closed = true;
            if (shared != null) {
              shared.remove(ticket);
            }
          }
        });
  }

  private void share(String ticket, Stream stream, Duration lifetime) {
    if (shared != null && !stream.closed) {
      shared.store(ticket, stream.caller, stream.idPrefixes, lifetime);
    }
  }

  /** Sets the connection of a stream, and ends the previous connection. */
  private void setConnection(Stream stream, @Nullable Connection connection) {
    var previous = stream.connection;
    stream.connection = connection;
    stream.disconnectedAt = clock.instant();
    if (previous != null && !previous.equals(connection)) {
      previous.end();
    }
  }

  /** The prefix that an event id shares with all events since the server opened the room. */
  private static String idPrefix(String id) {
    return id.substring(0, Math.max(0, id.lastIndexOf('-')));
  }
}
