package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.http.SseWriter.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SseWriterTest {

  /** A source that returns the events in order and then ends. An empty optional is a pause. */
  private static SseWriter.Source source(List<Optional<Event>> script) {
    var remaining = new ArrayDeque<>(script);
    return new SseWriter.Source() {
      @Override
      public Optional<Event> next(long waitMillis) {
        if (waitMillis == 0 && !remaining.isEmpty() && remaining.peek().isEmpty()) {
          return Optional.empty();
        }
        return remaining.isEmpty() ? Optional.empty() : remaining.poll();
      }

      @Override
      public boolean hasEnded() {
        return remaining.isEmpty();
      }
    };
  }

  private static Optional<Event> event(int number) {
    return Optional.of(new Event("boot-" + number, "chat", "{\"n\":" + number + "}"));
  }

  private static String written(List<Optional<Event>> script) throws Exception {
    var out = new ByteArrayOutputStream();
    new SseWriter(source(script), 15, System::nanoTime).run(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @DisplayName("events are written in order, each with id, name and data")
  @Test
  void eventsAreWrittenInOrderWithIdNameAndData() throws Exception {
    assertEquals(
        """
        retry: 1000
        : open

        id: boot-1
        event: chat
        data: {"n":1}

        id: boot-2
        event: chat
        data: {"n":2}

        """,
        written(List.of(event(1), event(2))));
  }

  @DisplayName("a stream gets a comment while no events come")
  @Test
  void idleStreamGetsAComment() throws Exception {
    var text = written(List.of(event(1), Optional.empty(), event(2)));
    var first = text.indexOf("id: boot-1");
    var comment = text.indexOf("\n: still here\n\n");
    assertTrue(first < comment && comment < text.indexOf("id: boot-2"), text);
  }

  @DisplayName("if a write blocks longer than the limit, the writer ends")
  @Test
  void clientThatDoesNotReadIsDroppedWhenAWriteBlocks() throws Exception {
    var now = new AtomicLong();
    var stream = new SseWriter(source(List.of(event(1))), 15, now::get);
    var blocked = new CountDownLatch(1);
    var dropped = new AtomicBoolean();
    var never = new CountDownLatch(1);
    var stuck =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            blocked.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
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
                    dropped.set(true);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    blocked.await();
    now.set(100);
    stream.interruptIfStuck(100);
    assertTrue(writer.isAlive(), "100 ns do not exceed the limit");
    now.set(101);
    stream.interruptIfStuck(100);
    assertTrue(writer.join(Duration.ofSeconds(10)), "the writer has ended");
    assertTrue(dropped.get());
  }
}
