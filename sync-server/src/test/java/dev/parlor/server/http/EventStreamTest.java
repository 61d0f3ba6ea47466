package dev.parlor.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.server.http.EventStream.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class EventStreamTest {

  private static Event event(int n) {
    return new Event("boot-" + n, "chat", "{\"n\":" + n + "}");
  }

  @Test
  void eventsAreWrittenInOrderWithIdNameAndData() throws Exception {
    var stream = new EventStream(10, 15);
    stream.offer(event(1));
    stream.offer(event(2));
    stream.end();
    var out = new ByteArrayOutputStream();
    stream.run(out);
    var text = out.toString(StandardCharsets.UTF_8);
    assertTrue(
        text.endsWith(
            """
            id: boot-1
            event: chat
            data: {"n":1}

            id: boot-2
            event: chat
            data: {"n":2}

            """),
        text);
  }

  @Test
  void quietStreamGetsAComment() throws Exception {
    var stream = new EventStream(10, 0);
    var text = new StringBuilder();
    var out =
        new OutputStream() {
          @Override
          public void write(int b) {
            text.append((char) b);
            if (text.toString().contains(": still here\n\n")) {
              stream.end();
            }
          }
        };
    stream.run(out);
    assertTrue(text.toString().contains(": still here\n\n"), text.toString());
  }

  @Test
  void clientThatTakesNothingIsDroppedWhenItsQueueIsFull() throws Exception {
    var stream = new EventStream(3, 15);
    var hanging = new CountDownLatch(1);
    var interrupted = new AtomicBoolean();
    var never = new CountDownLatch(1);
    var stuck =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            hanging.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              interrupted.set(true);
              throw new IOException("closed by interrupt", e);
            }
          }
        };
    var writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    stream.run(stuck);
                  } catch (IOException e) {
                    assertTrue(interrupted.get());
                  } catch (InterruptedException e) {
                    throw new UncheckedIOException(new IOException(e));
                  }
                });
    hanging.await();
    for (var i = 0; i < 3; i++) {
      assertTrue(stream.offer(event(i)));
    }
    assertFalse(stream.offer(event(3)));
    assertTrue(writer.join(Duration.ofSeconds(10)), "the writer was let go");
    assertTrue(interrupted.get());
    assertEquals(false, stream.offer(event(4)));
  }
}
