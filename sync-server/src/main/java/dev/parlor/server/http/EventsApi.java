package dev.parlor.server.http;

import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.Tickets;
import dev.parlor.server.admission.Caller;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A room's events as server-sent events, each stream on its request's virtual thread. One clock
 * thread looks for streams whose client takes nothing, and drops them.
 */
final class EventsApi implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventsApi.class);

  /** Longest that one write may hang before its client is dropped. */
  private static final long STUCK_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  private static final int LAST_ID_LENGTH_MAX = 64;

  private final Door door;
  private final RoomDesk desk;
  private final Tickets tickets;
  private final Limits.Events limits;
  private final Metrics metrics;
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("event-streams").factory());

  EventsApi(Door door, RoomDesk desk, Tickets tickets, Limits.Events limits, Metrics metrics) {
    this.door = door;
    this.desk = desk;
    this.tickets = tickets;
    this.limits = limits;
    this.metrics = metrics;
    var _ = sweeper.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
  }

  private void sweep() {
    streams.forEach(stream -> stream.interruptIfStuck(STUCK_NANOS_MAX));
  }

  /** Streams until one side ends it; browsers' EventSource shows a ticket instead of a header. */
  void open(Ask ask, ServerResponse response) {
    var room = ask.query("ticket").isPresent() ? roomOfTicket(ask) : door.enter(ask).room();
    var lastId =
        ask.header(Ask.LAST_EVENT_ID)
            .or(() -> ask.query("lastEventId"))
            .filter(id -> !id.isEmpty() && id.length() <= LAST_ID_LENGTH_MAX);
    RoomEventStream events;
    try {
      events = desk.actor(room).events().subscribe(lastId.orElse(null));
    } catch (RoomRefusal refusal) {
      throw RoomDesk.problem(refusal).thrown();
    }
    var stream = new EventStream(new Events(events), limits.heartbeatSeconds(), System::nanoTime);
    streams.add(stream);
    metrics.subscriberOpened();
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

  private RoomInfo roomOfTicket(Ask ask) {
    var room = door.room(ask);
    var caller = ask.query("ticket").flatMap(tickets::redeem);
    if (caller.flatMap(Caller::scope).filter(room.documentId()::equals).isEmpty()) {
      throw Problem.unauthorized("the ticket is unknown, used or too old").thrown();
    }
    return room;
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
