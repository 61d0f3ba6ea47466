package dev.parlor.relay.socket.transport;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BlockingCallsTest {

  private final BlockingCalls calls = new BlockingCalls();

  @Test
  @DisplayName("a stop breaks off the current call, and the thread is not interrupted afterwards")
  void stopInterruptsTheCall() throws Exception {
    var begun = new CountDownLatch(1);
    var brokenOff = new AtomicBoolean();
    var interruptedAfterwards = new AtomicBoolean(true);
    var caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  assertTrue(calls.begin());
                  begun.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException _) {
                    brokenOff.set(true);
                    Thread.currentThread().interrupt(); // As a closed channel leaves it.
                  } finally {
                    calls.end();
                  }
                  interruptedAfterwards.set(Thread.currentThread().isInterrupted());
                });
    begun.await();
    calls.stop();
    caller.join();
    assertTrue(brokenOff.get());
    assertFalse(interruptedAfterwards.get());
  }

  @Test
  @DisplayName("a stop between two calls interrupts nothing, and no further call begins")
  void stopBetweenCalls() {
    assertTrue(calls.begin());
    calls.end();
    calls.stop();
    assertFalse(Thread.currentThread().isInterrupted());
    assertFalse(calls.begin());
  }
}
