package dev.parlor.relay.documents.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.stream.DocumentStream;
import dev.parlor.relay.stream.DocumentStreams;
import dev.parlor.relay.stream.DocumentStreams.Opening;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams the events of one document as server-sent events. Each stream runs on the virtual thread
 * of its request.
 */
final class EventRoutes implements DocumentRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(EventRoutes.class);
  private static final String TYPE = "text/event-stream; charset=utf-8";
  private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
  private static final HeaderName BUFFERING = HeaderNames.create("X-Accel-Buffering");
  private static final long WRITE_NANOS_MAX =
      TimeUnit.SECONDS.toNanos(FixedLimits.STREAM_WRITE_SECONDS_MAX);

  private final DocumentStreams streams;

  EventRoutes(DocumentStreams streams) {
    this.streams = streams;
  }

  @Override
  public void addTo(DocumentRouter router) {
    router.stream(DocumentsHttp.PATH + "/{id}/events", this::open);
  }

  private void open(DocumentCall call, ServerResponse response) {
    var document = call.access().read(call.document()).document();
    var resumeAt = call.header(LAST_EVENT_ID).filter(id -> !id.isEmpty());
    switch (streams.open(document, call.access().reader(document), resumeAt)) {
      case Opening.Opened(var stream) -> {
        try (stream) {
          write(document, stream, response);
        }
      }
      case Opening.Full() ->
          throw DocumentFault.unavailable(
              "too-many-streams", "the server has its full number of streams; try again");
      case Opening.CallerFull() ->
          throw DocumentFault.of(
              Kind.TOO_MANY,
              "too-many-streams",
              "at most " + FixedLimits.STREAMS_OF_CALLER_MAX + " streams may be open");
    }
  }

  private void write(DocumentId document, DocumentStream stream, ServerResponse response) {
    var writer =
        new EventWriter(
            document, stream::next, FixedLimits.STREAM_HEARTBEAT_SECONDS, System::nanoTime);
    Runnable check = () -> writer.interruptIfStuck(WRITE_NANOS_MAX);
    streams.watch(check);
    response.status(200);
    response.header(HeaderNames.CONTENT_TYPE, TYPE);
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.header(BUFFERING, "no");
    try (var out = response.outputStream()) {
      writer.run(out);
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      LOG.debug("the client of an event stream disconnected: {}", e.toString());
    } catch (InterruptedException e) {
      LOG.debug("an event stream was stopped");
    } finally {
      streams.unwatch(check);
    }
  }
}
