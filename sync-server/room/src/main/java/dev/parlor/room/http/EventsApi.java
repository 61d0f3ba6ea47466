package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.room.access.LiveConnections;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.Tickets;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.worker.RoomEvent;
import dev.parlor.room.worker.RoomEventStream;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomRefusal;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a room's events as server-sent events. Each stream runs on the virtual thread of its
 * request. One timer thread closes streams whose client does not read.
 */
final class EventsApi implements AutoCloseable, LiveConnections {
  private static final Logger log = LoggerFactory.getLogger(EventsApi.class);

  private static final String TYPE = "text/event-stream; charset=utf-8";
  private static final Map<String, String> HEADERS =
      Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no");

  private static final long STUCK_NANOS_MAX =
      TimeUnit.SECONDS.toNanos(FixedServiceLimits.EVENT_WRITE_SECONDS_MAX);

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final Tickets tickets;
  private final RoomAuthorizer roomAuthorizer;
  private final ServiceLimits.Events limits;
  private final RoomMetrics metrics;
  private final StreamTickets returning;
  private final Map<SseWriter, Caller> streams = new ConcurrentHashMap<>();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("event-streams").factory());

  EventsApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      Tickets tickets,
      RoomAuthorizer roomAuthorizer,
      ServiceLimits.Events limits,
      RoomMetrics metrics,
      InstantSource clock) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.tickets = tickets;
    this.roomAuthorizer = roomAuthorizer;
    this.limits = limits;
    this.metrics = metrics;
    this.returning = new StreamTickets(clock);
    var _ = sweeper.scheduleWithFixedDelay(this::sweep, 5, 5, TimeUnit.SECONDS);
  }

  private void sweep() {
    streams.keySet().forEach(stream -> stream.interruptIfStuck(STUCK_NANOS_MAX));
  }

  /**
   * Streams until one side closes the connection. A browser's EventSource sends a ticket, because
   * it cannot set headers.
   */
  void open(HttpCall call, ServerResponse response) {
    var ticket = call.query("ticket");
    var caller = ticket.isPresent() ? ticketed(call, ticket.get(), true) : keyed(call);
    var room = authorizer.room(call);
    var lastId =
        header(call).or(() -> call.query("lastEventId").filter(EventsApi::mayBeId)).orElse(null);
    RoomEventStream events;
    try {
      events = gateway.worker(room).events().subscribe(lastId);
    } catch (RoomRefusal refusal) {
      throw RoomGateway.problem(refusal).thrown();
    }
    var stream =
        new SseWriter(
            new Events(events, lastId == null), limits.heartbeatSeconds(), System::nanoTime);
    StreamTickets.Connection connection =
        () -> {
          events.close();
          stream.stop();
        };
    streams.put(stream, caller);
    ticket.ifPresent(shown -> returning.opened(shown, caller, events.position(), connection));
    metrics.subscriberOpened();
    if (roomAuthorizer.refusal(caller).isPresent()) {
      // A host changed access after the authorization and before this stream was registered, so
      // close() missed it.
      stream.stop();
    }
    response.status(200);
    response.header(HeaderNames.CONTENT_TYPE, TYPE);
    HEADERS.forEach(response::header);
    try (var out = response.outputStream()) {
      stream.run(out);
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      log.debug("the client of an event stream disconnected: {}", e.toString());
    } catch (InterruptedException e) {
      log.debug("an event stream was stopped");
    } finally {
      streams.remove(stream);
      ticket.ifPresent(shown -> returning.gone(shown, connection));
      events.close();
      metrics.subscriberClosed();
    }
  }

  /** The headers of a stream, for HEAD. Uses no ticket and ends no other stream. */
  Reply head(HttpCall call) {
    var ticket = call.query("ticket");
    var _ = ticket.isPresent() ? ticketed(call, ticket.get(), false) : keyed(call);
    return new Reply(200, TYPE, Bytes.EMPTY, HEADERS);
  }

  private static Optional<String> header(HttpCall call) {
    return call.header(HttpCall.LAST_EVENT_ID).filter(EventsApi::mayBeId);
  }

  private static boolean mayBeId(String id) {
    return !id.isEmpty() && id.length() <= FixedServiceLimits.LAST_EVENT_ID_LENGTH_MAX;
  }

  /** Ends the streams of callers that lost access. They get the reason when they connect again. */
  @Override
  public void close(
      DocumentId room, Predicate<Caller> callers, int code, String rule, String reason) {
    returning.close(room, callers);
    streams.forEach(
        (stream, caller) -> {
          if (caller.scope().filter(room::equals).isPresent() && callers.test(caller)) {
            stream.stop();
          }
        });
  }

  private Caller keyed(HttpCall call) {
    var visitor = authorizer.enter(call);
    return new Caller(
        authorizer.proved(call),
        visitor.role(),
        Optional.of(visitor.room().documentId()),
        visitor.link());
  }

  /**
   * The caller of a ticket. A new ticket opens a new stream. If the client reconnects with the same
   * ticket and sends Last-Event-ID, the ticket opens its earlier stream again.
   *
   * @param use whether to use the ticket and to end a connection that still has the stream
   */
  private Caller ticketed(HttpCall call, String ticket, boolean use) {
    var room = authorizer.room(call);
    var back = header(call).flatMap(id -> returning.find(ticket, id));
    var caller =
        back.map(StreamTickets.Return::caller)
            .or(() -> use ? tickets.redeem(ticket) : tickets.peek(ticket));
    if (caller.flatMap(Caller::scope).filter(room.documentId()::equals).isEmpty()) {
      throw badTicket();
    }
    // A host may have removed the caller after the ticket was issued.
    roomAuthorizer
        .refusal(caller.get())
        .ifPresent(
            why -> {
              throw ProblemDetail.of(why).thrown();
            });
    if (back.filter(StreamTickets.Return::closed).isPresent()) {
      throw badTicket();
    }
    if (use && back.isPresent()) {
      returning.takeOver(ticket);
    }
    return caller.get();
  }

  private static ProblemException badTicket() {
    return ProblemDetail.unauthorized("the ticket is unknown, used or expired; request a new one")
        .thrown();
  }

  /**
   * The room's events as JSON. A subscriber that missed events first gets a {@code reload} event.
   */
  private static final class Events implements SseWriter.Source {
    private final RoomEventStream events;
    private boolean missed;
    private boolean position;

    /**
     * @param position whether to send first the position at which the stream begins
     */
    Events(RoomEventStream events, boolean position) {
      this.events = events;
      this.missed = events.missed();
      this.position = position || missed;
    }

    @Override
    public Optional<SseWriter.Event> next(long waitMillis) throws InterruptedException {
      if (missed) {
        missed = false;
        return Optional.of(
            new SseWriter.Event(
                "", "reload", Json.string(Map.of("reason", "earlier events are gone"))));
      }
      if (position) {
        // This follows "reload": a client that loses this event gets "reload" again.
        position = false;
        return Optional.of(new SseWriter.Event(events.position(), "", ""));
      }
      return events.next(waitMillis).map(Events::json);
    }

    @Override
    public boolean ended() {
      return events.ended();
    }

    private static SseWriter.Event json(RoomEvent event) {
      var data = new LinkedHashMap<String, Object>();
      data.put("at", event.at());
      data.putAll(event.data());
      return new SseWriter.Event(event.id(), event.name(), Json.string(data));
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }
}
