package dev.parlor.server.access;

import dev.parlor.server.admission.Caller;
import dev.parlor.server.config.Limits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Passes for one WebSocket upgrade or one stream of events: a browser can set no headers there, so
 * it buys a ticket with its token and shows that in the address. A ticket is good once and for
 * seconds; at most so many are open at a time, beyond that the oldest is forgotten ({@link
 * Limits.Access}).
 */
public final class Tickets {

  private record Open(Caller caller, Instant expiresAt) {}

  /** A ticket as its buyer sees it. */
  public record Ticket(String value, Instant expiresAt) {
    /** Without the value. */
    @Override
    public String toString() {
      return "Ticket[until " + expiresAt + "]";
    }
  }

  private final Limits.Access limits;
  private final RandomIds ids;
  private final InstantSource clock;
  private final LinkedHashMap<String, Open> open = new LinkedHashMap<>();

  public Tickets(Limits.Access limits, RandomIds ids, InstantSource clock) {
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
  }

  public synchronized Ticket issue(Caller caller) {
    var now = clock.instant();
    forgetExpired(now);
    if (open.size() >= limits.ticketsMax()) {
      open.pollFirstEntry();
    }
    var ticket = new Ticket(ids.secret(), now.plusSeconds(limits.ticketSeconds()));
    open.put(ticket.value(), new Open(caller, ticket.expiresAt()));
    return ticket;
  }

  /** Uses the ticket up; empty when it is unknown, used or too old. */
  public synchronized Optional<Caller> redeem(String value) {
    var found = Optional.ofNullable(open.remove(value));
    var now = clock.instant();
    return found.filter(ticket -> now.isBefore(ticket.expiresAt())).map(Open::caller);
  }

  /** Whose ticket it is, without using it up; empty when it is unknown, used or too old. */
  public synchronized Optional<Caller> look(String value) {
    var now = clock.instant();
    return Optional.ofNullable(open.get(value))
        .filter(ticket -> now.isBefore(ticket.expiresAt()))
        .map(Open::caller);
  }

  /** All live equally long, so the oldest stand first. */
  private void forgetExpired(Instant now) {
    while (!open.isEmpty() && !now.isBefore(open.firstEntry().getValue().expiresAt())) {
      open.pollFirstEntry();
    }
  }
}
