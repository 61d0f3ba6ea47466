package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.parlor.relay.admission.Caller;
import dev.parlor.room.limits.ServiceLimits;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TicketsTest {
  private static final Duration LIFETIME =
      Duration.ofSeconds(ServiceLimits.defaults().access().ticketSeconds());

  private Instant now = Instant.EPOCH;
  private final Caller caller = Caller.ofOpenRelay();

  private Tickets tickets(int ticketsMax) {
    var limits = ServiceLimits.defaults().access();
    return new Tickets(
        new ServiceLimits.Access(
            limits.ticketSeconds(),
            ticketsMax,
            limits.roomsPerMinuteMax(),
            limits.identitiesPerMinuteMax()),
        new RandomIds(new SecureRandom()),
        () -> now);
  }

  @Test
  void ticketWorksOnce() {
    var tickets = tickets(10);
    var ticket = tickets.issue(caller);
    assertEquals(Optional.of(caller), tickets.redeem(ticket.value()));
    assertEquals(Optional.empty(), tickets.redeem(ticket.value()));
  }

  @Test
  void textOfATicketOmitsItsValue() {
    var ticket = tickets(10).issue(caller);
    assertFalse(ticket.toString().contains(ticket.value()));
  }

  @Test
  void emptyTicketIsRefused() {
    assertEquals(Optional.empty(), tickets(10).redeem(""));
  }

  @Test
  void ticketExpiresAfterItsLifetime() {
    var tickets = tickets(10);
    var usedInTime = tickets.issue(caller);
    var usedTooLate = tickets.issue(caller);
    now = now.plus(LIFETIME).minusNanos(1);
    assertEquals(Optional.of(caller), tickets.redeem(usedInTime.value()));
    now = now.plusNanos(1);
    assertEquals(Optional.empty(), tickets.redeem(usedTooLate.value()));
  }

  @Test
  void oldestTicketIsDroppedAboveTheLimit() {
    var tickets = tickets(3);
    var first = tickets.issue(caller);
    var second = tickets.issue(caller);
    tickets.issue(caller);
    tickets.issue(caller);
    assertEquals(Optional.empty(), tickets.redeem(first.value()));
    assertEquals(Optional.of(caller), tickets.redeem(second.value()));
  }
}
