package dev.parlor.room.access;

import dev.parlor.relay.admission.Caller;
import dev.parlor.room.limits.ServiceLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Tickets for one WebSocket upgrade or one event stream. A browser cannot set headers on these
 * requests, so it exchanges its token for a ticket and puts the ticket in the URL. A ticket is
 * valid once and for a few seconds. The number of unused tickets is limited; above the limit the
 * oldest ticket is discarded ({@link ServiceLimits.Access}).
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
  private final LinkedHashMap<String, OpenTicket> open = new LinkedHashMap<>();

  public Tickets(ServiceLimits.Access limits, RandomIds ids, InstantSource clock) {
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
  }

  public synchronized Ticket issue(Caller caller) {
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
  public synchronized Optional<Caller> redeem(String value) {
    var found = Optional.ofNullable(open.remove(value));
    var now = clock.instant();
    return found.filter(ticket -> now.isBefore(ticket.expiresAt())).map(OpenTicket::caller);
  }

  /**
   * Returns the ticket's caller without using the ticket; empty if it is unknown, used or expired.
   */
  public synchronized Optional<Caller> peek(String value) {
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
