package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.room.access.ClosingOrder;
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
import java.util.Set;
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

  private static final long WRITE_NANOS_MAX =
      TimeUnit.SECONDS.toNanos(FixedServiceLimits.EVENT_WRITE_SECONDS_MAX);

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final Tickets tickets;
  private final RoomAuthorizer roomAuthorizer;
  private final ServiceLimits.Events limits;
  private final RoomMetrics metrics;
  private final StreamTickets streamTickets;
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
      InstantSource clock,
      Optional<BriefRecords> brief) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.tickets = tickets;
    this.roomAuthorizer = roomAuthorizer;
    this.limits = limits;
    this.metrics = metrics;
    this.streamTickets = new StreamTickets(clock, brief.map(SharedStreams::new));
    var _ = sweeper.scheduleWithFixedDelay(this::sweep, 5, 5, TimeUnit.SECONDS);
  }

  private void sweep() {
    streams.keySet().forEach(stream -> stream.interruptIfStuck(WRITE_NANOS_MAX));
  }

  /**
   * Streams events until one side closes the connection. A browser's EventSource sends a ticket,
   * because it cannot set headers.
   */
  void open(HttpCall call, ServerResponse response) {
    var ticket = call.query("ticket");
    var caller = ticket.isPresent() ? callerByTicket(call, ticket.get(), true) : callerByKey(call);
    var room = authorizer.room(call);
    var lastId =
        lastEventIdHeader(call)
            .or(() -> call.query("lastEventId").filter(EventsApi::isPlausibleId))
            .orElse(null);
    RoomEventStream events;
    try {
      events = gateway.worker(room).events().subscribe(lastId);
    } catch (RoomRefusal refusal) {
      throw RoomGateway.problem(refusal).thrown();
    }
    var stream =
        new SseWriter(
            new RoomEventSource(events, lastId == null),
            limits.heartbeatSeconds(),
            System::nanoTime);
    StreamTickets.Connection connection =
        () -> {
          events.close();
          stream.stop();
        };
    streams.put(stream, caller);
    ticket.ifPresent(
        value -> streamTickets.onConnect(value, caller, events.position(), connection));
    metrics.subscriberOpened();
    if (roomAuthorizer.refusal(caller).isPresent()) {
      // A host changed access after the authorization, but before this stream was in the map. So
      // close() did not close it.
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
      ticket.ifPresent(value -> streamTickets.onDisconnect(value, connection));
      events.close();
      metrics.subscriberClosed();
    }
  }

  /** Replies to HEAD with the headers of a stream. Does not use the ticket or end a connection. */
  Reply head(HttpCall call) {
    var ticket = call.query("ticket");
    var _ = ticket.isPresent() ? callerByTicket(call, ticket.get(), false) : callerByKey(call);
    return new Reply(200, TYPE, Bytes.EMPTY, HEADERS);
  }

  private static Optional<String> lastEventIdHeader(HttpCall call) {
    return call.header(HttpCall.LAST_EVENT_ID).filter(EventsApi::isPlausibleId);
  }

  private static boolean isPlausibleId(String id) {
    return !id.isEmpty() && id.length() <= FixedServiceLimits.LAST_EVENT_ID_LENGTH_MAX;
  }

  /** Ends the streams of callers that lost access. They get the reason when they connect again. */
  @Override
  public void close(ClosingOrder order) {
    stop(caller -> order.concerns(caller, roomAuthorizer));
  }

  @Override
  public void review(Set<DocumentId> rooms) {
    stop(
        caller ->
            caller.scope().filter(rooms::contains).isPresent()
                && roomAuthorizer.refusalOfOpen(caller).isPresent());
  }

  private void stop(Predicate<Caller> callers) {
    streamTickets.close(callers);
    streams.forEach(
        (stream, caller) -> {
          if (callers.test(caller)) {
            stream.stop();
          }
        });
  }

  private Caller callerByKey(HttpCall call) {
    var visitor = authorizer.enter(call);
    return new Caller(
        authorizer.validIdentity(call),
        visitor.role(),
        Optional.of(visitor.room().documentId()),
        visitor.link());
  }

  /**
   * The caller of a ticket. A new ticket opens a new stream. If the client reconnects with the same
   * ticket and sends Last-Event-ID, the ticket opens its earlier stream again.
   *
   * @param useTicket whether to use the ticket and to end the connection that still has the stream
   */
  private Caller callerByTicket(HttpCall call, String ticket, boolean useTicket) {
    var room = authorizer.room(call);
    var resumed = lastEventIdHeader(call).flatMap(id -> streamTickets.find(ticket, id));
    var caller =
        resumed
            .map(StreamTickets.ResumableStream::caller)
            .or(() -> useTicket ? tickets.redeem(ticket) : tickets.peek(ticket));
    if (caller.flatMap(Caller::scope).filter(room.documentId()::equals).isEmpty()) {
      throw invalidTicket();
    }
    // A host may have removed the caller after the ticket was issued.
    roomAuthorizer
        .refusalNow(caller.get())
        .ifPresent(
            refusal -> {
              throw ProblemDetail.of(refusal).thrown();
            });
    if (resumed.filter(StreamTickets.ResumableStream::closed).isPresent()) {
      throw invalidTicket();
    }
    if (useTicket && resumed.isPresent()) {
      streamTickets.endConnection(ticket);
    }
    return caller.get();
  }

  private static ProblemException invalidTicket() {
    return ProblemDetail.unauthorized("the ticket is unknown, used or expired; request a new one")
        .thrown();
  }

  /**
   * The room's events as JSON. A subscriber that missed events first gets a {@code reload} event.
   */
  private static final class RoomEventSource implements SseWriter.Source {
    private final RoomEventStream events;
    private boolean mustReload;
    private boolean mustSendPosition;

    /**
     * @param sendsPosition whether to send the position at which the stream begins as the first
     *     event
     */
    RoomEventSource(RoomEventStream events, boolean sendsPosition) {
      this.events = events;
      this.mustReload = events.missed();
      this.mustSendPosition = sendsPosition || mustReload;
    }

    @Override
    public Optional<SseWriter.Event> next(long waitMillis) throws InterruptedException {
      if (mustReload) {
        mustReload = false;
        return Optional.of(
            new SseWriter.Event(
                "", EventSchema.RELOAD, Json.string(Map.of("reason", "earlier events are gone"))));
      }
      if (mustSendPosition) {
        // Send the position after "reload": a client that loses this event gets "reload" again.
        mustSendPosition = false;
        return Optional.of(new SseWriter.Event(events.position(), "", ""));
      }
      return events.next(waitMillis).map(RoomEventSource::json);
    }

    @Override
    public boolean hasEnded() {
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
