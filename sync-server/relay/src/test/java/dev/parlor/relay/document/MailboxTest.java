package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests which commands a mailbox accepts, and which executors it calls when it has space again. */
class MailboxTest {

  private static final int PORTION = 1_000;
  private static final DocumentCommand COMMAND = new DocumentCommand.Tick();

  private static final class CountingExecutor implements StepExecutor {
    int drainedCalls;

    @Override
    public void later(Runnable step) {}

    @Override
    public void drained() {
      drainedCalls++;
    }
  }

  private final Mailbox mailbox = new Mailbox(3, PORTION);
  private final CountingExecutor one = new CountingExecutor();
  private final CountingExecutor other = new CountingExecutor();

  private List<DocumentCommand> take() {
    return mailbox.take(new ArrayList<>());
  }

  @Test
  @DisplayName(
      "a full mailbox rejects commands of connections, and calls their executors once when it is emptied")
  void numberOfCommandsIsLimited() {
    for (var i = 0; i < 3; i++) {
      assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 0, one));
    }
    assertEquals(Mailbox.PutResult.FULL, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.PutResult.FULL, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.forcePut(COMMAND), "a command of the server");
    assertEquals(0, one.drainedCalls);
    assertEquals(4, take().size());
    assertEquals(1, one.drainedCalls, "once");
    assertEquals(0, other.drainedCalls);
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 0, one));
  }

  @Test
  @DisplayName(
      "the cost of waiting messages is limited; an empty mailbox accepts a message above the limit")
  void costIsLimited() {
    assertEquals(
        Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, FixedLimits.MAILBOX_BYTES_MAX - 1, one));
    assertEquals(Mailbox.PutResult.FULL, mailbox.put(COMMAND, 2, other));
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 1, one));
    assertEquals(FixedLimits.MAILBOX_BYTES_MAX, mailbox.cost());
    assertEquals(2, take().size());
    assertEquals(1, other.drainedCalls);
    assertEquals(
        Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 2 * FixedLimits.MAILBOX_BYTES_MAX, one));
    assertEquals(Mailbox.PutResult.FULL, mailbox.put(COMMAND, 1, one));
  }

  @Test
  @DisplayName(
      "while unfinished portions reach the limit, large messages are rejected and small ones accepted")
  void unfinishedPortionsKeepOutLargeMessages() {
    take();
    mailbox.setUnfinishedCost(FixedLimits.MAILBOX_BYTES_MAX);
    assertEquals(Mailbox.PutResult.FULL, mailbox.put(COMMAND, PORTION + 1, one));
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, PORTION, other));
    assertEquals(FixedLimits.MAILBOX_BYTES_MAX + PORTION, mailbox.cost());
    take();
    mailbox.setUnfinishedCost(0);
    assertEquals(1, one.drainedCalls);
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, PORTION + 1, one));
  }

  @Test
  @DisplayName("only the first command of an idle document makes its sender wake the worker")
  void firstCommandOfAnIdleDocumentWakesTheWorker() {
    assertEquals(
        Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 0, one), "while the document is loaded");
    assertFalse(mailbox.stopIfEmpty(), "a command waits");
    take();
    assertTrue(mailbox.stopIfEmpty());
    assertEquals(Mailbox.PutResult.WAKE, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 0, other));
  }

  @Test
  @DisplayName("a closed mailbox accepts no command, and closeIfEmpty closes only an empty mailbox")
  void closing() {
    assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 0, one));
    assertFalse(mailbox.closeIfEmpty());
    take();
    assertTrue(mailbox.closeIfEmpty());
    assertEquals(Mailbox.PutResult.CLOSED, mailbox.put(COMMAND, 0, one));
    assertEquals(Mailbox.PutResult.CLOSED, mailbox.forcePut(COMMAND));
  }

  @Test
  @DisplayName(
      "closing a full mailbox calls the executors of rejected commands, so that they retry")
  void closingCallsRejectedExecutors() {
    for (var i = 0; i < 3; i++) {
      assertEquals(Mailbox.PutResult.ACCEPTED, mailbox.put(COMMAND, 0, one));
    }
    assertEquals(Mailbox.PutResult.FULL, mailbox.put(COMMAND, 0, other));
    assertEquals(3, mailbox.close().size());
    assertEquals(1, other.drainedCalls);
  }
}
