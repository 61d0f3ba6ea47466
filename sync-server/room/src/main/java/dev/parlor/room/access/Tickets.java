package dev.parlor.room.access;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.room.limits.ServiceLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tickets for one WebSocket upgrade or one event stream. A browser cannot set headers on these
 * requests, so it exchanges its token for a ticket and puts the ticket in the URL. A ticket is
 * valid once and for a few seconds. The number of unused tickets is limited; above the limit the
 * oldest ticket is discarded ({@link ServiceLimits.Access}).
 *
 * <p>In a cluster the tickets are brief records under a hash of the ticket, so that each node can
 * redeem a ticket of any node and only one does. The calls then wait for the cluster; callers are
 * on virtual threads, never on an event loop. If the cluster does not answer, they throw {@link
 * dev.parlor.relay.storage.StoreUnavailableException}.
 */
public final class Tickets {

  private record OpenTicket(Caller caller, Instant expiresAt) {}

  /** A ticket and its expiry time. */
  public record Ticket(String value, Instant expiresAt) {
    /** Omits the value. */
    @Override
    public String toString() {
      return "Ticket[until " + expiresAt + "]";
    }
  }

  private final ServiceLimits.Access limits;
  private final RandomIds ids;
  private final InstantSource clock;
  private final @Nullable BriefRecords brief;
  private final LinkedHashMap<String, OpenTicket> open = new LinkedHashMap<>();

  /** Creates the tickets of a server on one machine. */
  public Tickets(ServiceLimits.Access limits, RandomIds ids, InstantSource clock) {
    this(limits, ids, clock, null);
  }

  /**
   * Creates the tickets of a node.
   *
   * @param brief the records of all nodes; null on one machine
   */
  Tickets(
      ServiceLimits.Access limits,
      RandomIds ids,
      InstantSource clock,
      @Nullable BriefRecords brief) {
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
    this.brief = brief;
  }

  /** Issues a ticket. */
  public Ticket issue(Caller caller) {
    if (brief == null) {
      return issueHere(caller);
    }
    var lifetime = Duration.ofSeconds(limits.ticketSeconds());
    var ticket = new Ticket(ids.secret(), clock.instant().plus(lifetime));
    var isNew =
        ClusterReply.await(
            brief.putOnce(
                key(ticket.value()), CallerRecord.of(caller, List.of()).toBytes(), lifetime));
    if (!isNew) {
      throw new IllegalStateException("a random ticket exists already");
    }
    return ticket;
  }

  private static String key(String ticket) {
    return "ticket/" + Hashes.sha256(ticket);
  }

  private synchronized Ticket issueHere(Caller caller) {
    var now = clock.instant();
    removeExpired(now);
    if (open.size() >= limits.ticketsMax()) {
      open.pollFirstEntry();
    }
    var ticket = new Ticket(ids.secret(), now.plusSeconds(limits.ticketSeconds()));
    open.put(ticket.value(), new OpenTicket(caller, ticket.expiresAt()));
    return ticket;
  }

  /** Uses the ticket and returns its caller; empty if the ticket is unknown, used or expired. */
  public Optional<Caller> redeem(String value) {
    return brief == null
        ? redeemHere(value)
        : ClusterReply.await(brief.take(key(value)))
            .map(CallerRecord::of)
            .map(CallerRecord::caller);
  }

  private synchronized Optional<Caller> redeemHere(String value) {
    var found = Optional.ofNullable(open.remove(value));
    var now = clock.instant();
    return found.filter(ticket -> now.isBefore(ticket.expiresAt())).map(OpenTicket::caller);
  }

  /**
   * Returns the ticket's caller without using the ticket; empty if it is unknown, used or expired.
   */
  public Optional<Caller> peek(String value) {
    return brief == null
        ? peekHere(value)
        : ClusterReply.await(brief.get(key(value))).map(CallerRecord::of).map(CallerRecord::caller);
  }

  private synchronized Optional<Caller> peekHere(String value) {
    var now = clock.instant();
    return Optional.ofNullable(open.get(value))
        .filter(ticket -> now.isBefore(ticket.expiresAt()))
        .map(OpenTicket::caller);
  }

  /** Removes expired tickets. All tickets have the same lifetime, so the oldest expire first. */
  private void removeExpired(Instant now) {
    while (!open.isEmpty() && !now.isBefore(open.firstEntry().getValue().expiresAt())) {
      open.pollFirstEntry();
    }
  }
}
