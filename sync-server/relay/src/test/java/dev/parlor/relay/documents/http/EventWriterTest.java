package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.stream.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The text of server-sent events, and clients that do not read. */
class EventWriterTest {
  private final AtomicLong now = new AtomicLong();

  private EventWriter writer(StreamEvent... events) {
    var source = new ArrayDeque<>(List.of(events));
    return new EventWriter(SyncPeer.document(1), _ -> source.removeFirst(), 15, now::get);
  }

  @Test
  @DisplayName("a stream has comments while nothing happens, and ends after deleted")
  void textOfEvents() throws Exception {
    var out = new ByteArrayOutputStream();
    writer(new StreamEvent.Idle(), new StreamEvent.Deleted()).run(out);
    assertEquals(
        "retry: 1000\n: open\n\n: still here\n\nevent: deleted\ndata: {\"documentId\":\""
            + SyncPeer.document(1).value()
            + "\"}\n\n",
        out.toString(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("a write that the client does not read for too long is interrupted, and no other")
  void slowClient() throws Exception {
    var writes = new CountDownLatch(1);
    var writer = writer();
    var stuck =
        new OutputStream() {
          @Override
          public void write(int value) throws InterruptedIOException {
            writes.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              throw new InterruptedIOException("the client does not read");
            }
          }
        };
    var ended =
        new FutureTask<Void>(
            () -> {
              writer.run(stuck);
              return null;
            });
    var thread = Thread.ofVirtual().start(ended);
    writes.await();
    writer.interruptIfStuck(20);
    now.set(20);
    writer.interruptIfStuck(20);
    assertEquals(Thread.State.WAITING, awaitWaiting(thread));
    now.set(21);
    writer.interruptIfStuck(20);
    var failure = assertThrows(ExecutionException.class, ended::get);
    assertInstanceOf(InterruptedIOException.class, failure.getCause());
  }

  private static Thread.State awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    return thread.getState();
  }
}
