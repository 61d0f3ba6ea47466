package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.stream.DocumentStream;
import dev.parlor.relay.stream.StreamEvent;
import dev.parlor.relay.stream.StreamPosition;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of one stream as server-sent events. Runs on the thread of the request; {@link
 * #interruptIfStuck} is safe from any thread.
 */
final class EventWriter {
  private static final String BEGIN = "retry: 1000\n: open\n\n";
  private static final String HEARTBEAT = ": still here\n\n";

  /** The events of a document. */
  @FunctionalInterface
  interface Source {
    /** The next event; see {@link DocumentStream#next}. */
    StreamEvent next(long waitMillis) throws InterruptedException;
  }

  private final DocumentId document;
  private final Source source;
  private final long heartbeatMillis;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private @Nullable Thread writingThread;
  private long writingSince;

  /**
   * @param nanoTime a monotonic clock
   */
  EventWriter(DocumentId document, Source source, int heartbeatSeconds, LongSupplier nanoTime) {
    this.document = document;
    this.source = source;
    this.heartbeatMillis = TimeUnit.SECONDS.toMillis(heartbeatSeconds);
    this.nanoTime = nanoTime;
  }

  /** Writes until the stream ends or the client disconnects. */
  void run(OutputStream out) throws IOException, InterruptedException {
    write(out, BEGIN);
    while (true) {
      var event = source.next(heartbeatMillis);
      write(out, text(event));
      if (event instanceof StreamEvent.Deleted || event instanceof StreamEvent.Ended) {
        return;
      }
    }
  }

  /** Interrupts the writer if one write has been blocked for longer than this. */
  void interruptIfStuck(long nanosMax) {
    synchronized (lock) {
      if (writingThread != null && nanoTime.getAsLong() - writingSince > nanosMax) {
        writingThread.interrupt();
      }
    }
  }

  private void write(OutputStream out, String text) throws IOException {
    synchronized (lock) {
      writingThread = Thread.currentThread();
      writingSince = nanoTime.getAsLong();
    }
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } finally {
      synchronized (lock) {
        writingThread = null;
      }
    }
  }

  private String text(StreamEvent event) {
    return switch (event) {
      case StreamEvent.Ready(var heads) -> text("ready", heads, data(heads));
      case StreamEvent.Reload(var heads) -> text("reload", heads, data(heads));
      case StreamEvent.Changed(var heads, var actors, var changes) -> {
        var data = data(heads);
        var names = data.putArray("actors");
        actors.forEach(actor -> names.add(actor.toString()));
        yield text("change", heads, data.put("changes", changes));
      }
      case StreamEvent.Deleted() ->
          text(
              "deleted", JsonNodeFactory.instance.objectNode().put("documentId", document.value()));
      case StreamEvent.Ended(var reason) ->
          text("end", JsonNodeFactory.instance.objectNode().put("reason", reason));
      case StreamEvent.Idle() -> HEARTBEAT;
    };
  }

  private ObjectNode data(List<ChangeHash> heads) {
    var data = JsonNodeFactory.instance.objectNode().put("documentId", document.value());
    var hashes = data.putArray("heads");
    heads.forEach(head -> hashes.add(head.toString()));
    return data;
  }

  private static String text(String name, List<ChangeHash> heads, ObjectNode data) {
    return "id: " + StreamPosition.of(heads) + '\n' + text(name, data);
  }

  private static String text(String name, ObjectNode data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }
}
