package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Which commands a document's mailbox accepts, and which senders it calls when it has space again.
 */
class MailboxTest {

  private static final int PORTION = 1_000;
  private static final DocumentCommand COMMAND = new DocumentCommand.Tick();

  private static final class Waiting implements StepExecutor {
    int called;

    @Override
    public void later(Runnable step) {}

    @Override
    public void drained() {
      called++;
    }
  }

  private final Mailbox mailbox = new Mailbox(3, PORTION);
  private final Waiting one = new Waiting();
  private final Waiting other = new Waiting();

  private List<DocumentCommand> take() {
    return mailbox.take(new ArrayList<>());
  }

  @Test
  @DisplayName(
      "a full mailbox refuses further commands and calls the refused senders when it is empty again")
  void commands() {
    for (var i = 0; i < 3; i++) {
      assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 0, one));
    }
    assertEquals(Mailbox.Put.FULL, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.Put.FULL, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.forcePut(COMMAND), "the server's own get in");
    assertEquals(0, one.called);
    assertEquals(4, take().size());
    assertEquals(1, one.called, "once");
    assertEquals(0, other.called);
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 0, one));
  }

  @Test
  @DisplayName("waiting bytes are limited; a message above the limit is accepted alone")
  void bytes() {
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, FixedLimits.MAILBOX_BYTES_MAX - 1, one));
    assertEquals(Mailbox.Put.FULL, mailbox.put(COMMAND, 2, other));
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 1, one));
    assertEquals(FixedLimits.MAILBOX_BYTES_MAX, mailbox.cost());
    assertEquals(2, take().size());
    assertEquals(1, other.called);
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 2 * FixedLimits.MAILBOX_BYTES_MAX, one));
    assertEquals(Mailbox.Put.FULL, mailbox.put(COMMAND, 1, one));
  }

  @Test
  @DisplayName(
      "while unfinished portions fill the limit, large messages are refused and small ones accepted")
  void unfinished() {
    take();
    mailbox.setUnfinishedCost(FixedLimits.MAILBOX_BYTES_MAX);
    assertEquals(Mailbox.Put.FULL, mailbox.put(COMMAND, PORTION + 1, one));
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, PORTION, other));
    assertEquals(FixedLimits.MAILBOX_BYTES_MAX + PORTION, mailbox.cost());
    take();
    mailbox.setUnfinishedCost(0);
    assertEquals(1, one.called);
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, PORTION + 1, one));
  }

  @Test
  @DisplayName(
      "the first command after a rest asks its sender to wake the worker, later commands do not")
  void firstCommandAfterARestWakesTheWorker() {
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 0, one), "while it is loaded");
    assertFalse(mailbox.stopIfEmpty(), "something waits");
    take();
    assertTrue(mailbox.stopIfEmpty());
    assertEquals(Mailbox.Put.WAKE, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 0, other));
  }

  @Test
  @DisplayName("a closed mailbox accepts nothing, and a mailbox closes only when it is empty")
  void closing() {
    assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 0, one));
    assertFalse(mailbox.closeIfEmpty());
    take();
    assertTrue(mailbox.closeIfEmpty());
    assertEquals(Mailbox.Put.CLOSED, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.Put.CLOSED, mailbox.forcePut(COMMAND));
  }

  @Test
  @DisplayName(
      "closing a full mailbox calls the refused senders, so that they turn to its successor")
  void closingCallsRefusedSenders() {
    for (var i = 0; i < 3; i++) {
      assertEquals(Mailbox.Put.ACCEPTED, mailbox.put(COMMAND, 0, one));
    }
    assertEquals(Mailbox.Put.FULL, mailbox.put(COMMAND, 0, other));
    assertEquals(3, mailbox.close().size());
    assertEquals(1, other.called);
  }
}
