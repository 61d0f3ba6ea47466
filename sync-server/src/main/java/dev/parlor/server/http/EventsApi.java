package dev.parlor.server.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.access.Gate;
import dev.parlor.server.access.LiveConnections;
import dev.parlor.server.access.Tickets;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.rooms.RoomEvent;
import dev.parlor.server.rooms.RoomEventStream;
import dev.parlor.server.rooms.RoomRefusal;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * A room's events as server-sent events, each stream on its request's virtual thread. One clock
 * thread looks for streams whose client takes nothing, and drops them.
 */
final class EventsApi implements AutoCloseable, LiveConnections {
  private static final Logger log = LoggerFactory.getLogger(EventsApi.class);

  private static final long STUCK_NANOS_MAX =
      TimeUnit.SECONDS.toNanos(FixedLimits.EVENT_WRITE_SECONDS_MAX);

  private final Door door;
  private final RoomDesk desk;
  private final Tickets tickets;
  private final Gate gate;
  private final Limits.Events limits;
  private final Metrics metrics;
  private final Map<EventStream, Caller> streams = new ConcurrentHashMap<>();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("event-streams").factory());

  EventsApi(
      Door door, RoomDesk desk, Tickets tickets, Gate gate, Limits.Events limits, Metrics metrics) {
    this.door = door;
    this.desk = desk;
    this.tickets = tickets;
    this.gate = gate;
    this.limits = limits;
    this.metrics = metrics;
    var _ = sweeper.scheduleWithFixedDelay(this::sweep, 5, 5, TimeUnit.SECONDS);
  }

  private void sweep() {
    streams.keySet().forEach(stream -> stream.interruptIfStuck(STUCK_NANOS_MAX));
  }

  /** Streams until one side ends it; browsers' EventSource shows a ticket instead of a header. */
  void open(Ask ask, ServerResponse response) {
    var caller = ask.query("ticket").isPresent() ? ticketed(ask) : keyed(ask);
    var room = door.room(ask);
    var lastId =
        ask.header(Ask.LAST_EVENT_ID)
            .or(() -> ask.query("lastEventId"))
            .filter(id -> !id.isEmpty() && id.length() <= FixedLimits.LAST_EVENT_ID_LENGTH_MAX);
    RoomEventStream events;
    try {
      events = desk.actor(room).events().subscribe(lastId.orElse(null));
    } catch (RoomRefusal refusal) {
      throw RoomDesk.problem(refusal).thrown();
    }
    var stream = new EventStream(new Events(events), limits.heartbeatSeconds(), System::nanoTime);
    streams.put(stream, caller);
    metrics.subscriberOpened();
    if (gate.refusal(caller).isPresent()) {
      // A host acted between the door and here, and did not see this stream.
      stream.stop();
    }
    response.status(200);
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.header("X-Accel-Buffering", "no");
    try (var out = response.outputStream()) {
      stream.run(out);
    } catch (IOException | UncheckedIOException e) {
      log.debug("an event stream's client is gone: {}", e.toString());
    } catch (InterruptedException e) {
      log.debug("an event stream was told to stop");
    } finally {
      streams.remove(stream);
      events.close();
      metrics.subscriberClosed();
    }
  }

  /** Ends the streams of whoever may not be there any more; they are told why when they return. */
  @Override
  public void close(DocumentId room, Predicate<Caller> who, int code, String rule, String reason) {
    streams.forEach(
        (stream, caller) -> {
          if (caller.scope().filter(room::equals).isPresent() && who.test(caller)) {
            stream.stop();
          }
        });
  }

  private Caller keyed(Ask ask) {
    var visitor = door.enter(ask);
    return new Caller(
        door.proved(ask), visitor.role(), Optional.of(visitor.room().documentId()), visitor.link());
  }

  private Caller ticketed(Ask ask) {
    var room = door.room(ask);
    var caller = ask.query("ticket").flatMap(tickets::redeem);
    if (caller.flatMap(Caller::scope).filter(room.documentId()::equals).isEmpty()) {
      throw Problem.unauthorized("the ticket is unknown, used or too old").thrown();
    }
    return caller.orElseThrow();
  }

  /** The room's events as JSON; a subscriber that missed some is told first to load the room. */
  private static final class Events implements EventStream.Source {
    private final RoomEventStream events;
    private boolean missed;

    Events(RoomEventStream events) {
      this.events = events;
      this.missed = events.missed();
    }

    @Override
    public Optional<EventStream.Event> next(long waitMillis) throws InterruptedException {
      if (missed) {
        missed = false;
        return Optional.of(
            new EventStream.Event(
                "", "reload", Json.string(Map.of("reason", "earlier events are gone"))));
      }
      return events.next(waitMillis).map(Events::json);
    }

    @Override
    public boolean ended() {
      return events.ended();
    }

    private static EventStream.Event json(RoomEvent event) {
      var data = new LinkedHashMap<String, Object>();
      data.put("at", event.at());
      data.putAll(event.data());
      return new EventStream.Event(event.id(), event.name(), Json.string(data));
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }
}
