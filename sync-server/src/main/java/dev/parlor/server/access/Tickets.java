package dev.parlor.server.access;

import dev.parlor.server.admission.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Passes for one WebSocket upgrade: a browser can set no headers on a socket, so it buys a ticket
 * with its token and shows that in the path. A ticket is good once and for 30 seconds; at most
 * {@value #OPEN_MAX} are open at a time, beyond that the oldest is forgotten.
 */
public final class Tickets {

  /** How long a ticket waits for its upgrade. */
  public static final Duration LIFETIME = Duration.ofSeconds(30);

  static final int OPEN_MAX = 10_000;

  private record Open(Caller caller, Instant expiresAt) {}

  /** A ticket as its buyer sees it. */
  public record Ticket(String value, Instant expiresAt) {
    /** Without the value. */
    @Override
    public String toString() {
      return "Ticket[until " + expiresAt + "]";
    }
  }

  private final RandomIds ids;
  private final InstantSource clock;
  private final LinkedHashMap<String, Open> open = new LinkedHashMap<>();

  public Tickets(RandomIds ids, InstantSource clock) {
    this.ids = ids;
    this.clock = clock;
  }

  public synchronized Ticket issue(Caller caller) {
    var now = clock.instant();
    forgetExpired(now);
    if (open.size() >= OPEN_MAX) {
      open.pollFirstEntry();
    }
    var ticket = new Ticket(ids.secret(), now.plus(LIFETIME));
    open.put(ticket.value(), new Open(caller, ticket.expiresAt()));
    return ticket;
  }

  /** Uses the ticket up; empty when it is unknown, used or too old. */
  public synchronized Optional<Caller> redeem(String value) {
    var found = Optional.ofNullable(open.remove(value));
    var now = clock.instant();
    return found.filter(ticket -> now.isBefore(ticket.expiresAt())).map(Open::caller);
  }

  /** All live equally long, so the oldest stand first. */
  private void forgetExpired(Instant now) {
    while (!open.isEmpty() && !now.isBefore(open.firstEntry().getValue().expiresAt())) {
      open.pollFirstEntry();
    }
  }
}
