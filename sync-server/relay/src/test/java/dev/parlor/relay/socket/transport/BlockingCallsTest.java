package dev.parlor.relay.socket.transport;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests {@link BlockingCalls}. */
class BlockingCallsTest {

  private final BlockingCalls calls = new BlockingCalls();

  @Test
  @DisplayName("a stop interrupts the current call; after the call the thread is not interrupted")
  void stopInterruptsTheCall() throws Exception {
    var started = new CountDownLatch(1);
    var interrupted = new AtomicBoolean();
    var interruptedAfterwards = new AtomicBoolean(true);
    var caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  assertTrue(calls.begin());
                  started.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException _) {
                    interrupted.set(true);
                    Thread.currentThread().interrupt(); // A closed channel leaves the flag set too.
                  } finally {
                    calls.end();
                  }
                  interruptedAfterwards.set(Thread.currentThread().isInterrupted());
                });
    started.await();
    calls.stop();
    caller.join();
    assertTrue(interrupted.get());
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
