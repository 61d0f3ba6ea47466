package dev.parlor.server.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.contexts.ContextChat;
import dev.parlor.relay.rate.RateLimiter;
import dev.parlor.relay.rate.TokenBucket.Rate;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.EditPlan;
import dev.parlor.room.worker.Memberships;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWorker;
import dev.parlor.room.worker.RoomWorkers;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the sections of attached contexts into the chats of rooms, as entries of kind {@code
 * program} by the person. The chat never changes a context. Safe from any thread; it does not wait
 * for the disk.
 *
 * <p>The person's rights are checked at each section, not only when the context is attached: a
 * person who was removed since then, or who lost the seat, adds nothing. A section is stored before
 * it is shown, so a crash between the two leaves a section that the chat lacks.
 */
public final class RoomContextChat implements ContextChat {
  private static final Logger LOG = LoggerFactory.getLogger(RoomContextChat.class);
  private static final Rate RATE =
      new Rate(
          AppLimits.CHAT_ENTRIES_BURST_MAX, AppLimits.CHAT_ENTRIES_PER_MINUTE_MAX, 60_000_000_000L);

  private final RoomRegistry registry;
  private final Memberships memberships;
  private final RoomWorkers rooms;
  private final IdSource ids;
  private final InstantSource clock;
  private final RateLimiter rate;

  /**
   * @param memberships the server's records about members
   * @param ids ids of chat entries
   * @param nanoTime a monotonic clock in nanoseconds, for the rate limit
   */
  public RoomContextChat(
      RoomRegistry registry,
      Memberships memberships,
      RoomWorkers rooms,
      IdSource ids,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.registry = registry;
    this.memberships = memberships;
    this.rooms = rooms;
    this.ids = ids;
    this.clock = clock;
    this.rate = new RateLimiter(RATE, AppLimits.CHAT_RATES_MAX, nanoTime);
  }

  @Override
  public CompletableFuture<Void> requirePlayer(String room, String userId) {
    Optional<RoomInfo> found;
    try {
      found = registry.findBySlug(room);
    } catch (StoreUnavailableException e) {
      return CompletableFuture.failedFuture(unavailable(e));
    }
    if (found.isEmpty()) {
      return CompletableFuture.failedFuture(
          AppsException.of(ErrorCode.NOT_FOUND, "there is no such room").at("room"));
    }
    if (!isMember(found.get(), userId)) { // A stranger's request does not open the room.
      return CompletableFuture.failedFuture(denied());
    }
    return worker(found.get())
        .thenCompose(RoomWorker::view)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(unavailable(failure)))
        .thenAccept(
            view -> {
              if (!mayWrite(found.get(), userId, view)) {
                throw denied();
              }
            });
  }

  private static AppsException denied() {
    return AppsException.of(
            ErrorCode.ACCESS_DENIED,
            "only a host of the room, or a player with a seat, may attach a context; join the room"
                + " first")
        .at("room");
  }

  /** The worker of the room, which is opened if necessary. */
  private CompletableFuture<RoomWorker> worker(RoomInfo room) {
    try {
      return CompletableFuture.completedFuture(rooms.of(room.documentId()));
    } catch (RoomRefusal refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private static AppsException unavailable(Throwable failure) {
    LOG.warn("a context could not be attached, because its room does not answer", failure);
    return AppsException.of(
            ErrorCode.UNAVAILABLE, "the room cannot be read at the moment; try again later")
        .at("room");
  }

  private boolean isMember(RoomInfo room, String identity) {
    return memberships
        .role(room.documentId(), identity)
        .filter(role -> role != Participant.Role.SPECTATOR)
        .isPresent();
  }

  /** Whether the identity is a host of the room, or a player with a seat. */
  private boolean mayWrite(RoomInfo room, String identity, RoomView view) {
    return memberships
        .role(room.documentId(), identity)
        .filter(
            role ->
                switch (role) {
                  case HOST -> true;
                  case PLAYER -> TurnOrder.of(view, Set.of()).players().contains(identity);
                  case SPECTATOR -> false;
                })
        .isPresent();
  }

  @Override
  public void show(String room, String userId, String origin, List<JsonNode> blocks) {
    try {
      var text = SectionText.of(blocks, RoomLimits.CHAT_LENGTH_MAX);
      var found = registry.bySlug(room);
      if (text.isEmpty() || found.isEmpty()) {
        return;
      }
      if (!rate.take(room + "/" + userId).isZero()) {
        LOG.debug("room {}: a program adds sections too fast; one is not shown", room);
        return;
      }
      var _ =
          add(found.get(), userId, text)
              .whenComplete((added, failure) -> log(room, added, failure));
    } catch (RuntimeException e) {
      LOG.warn("room {}: a section of a context is not shown in the chat", room, e);
    }
  }

  /** Appends the entry, unless the person may no longer write. Completes after the commit. */
  private CompletableFuture<Boolean> add(RoomInfo room, String userId, String text) {
    return worker(room)
        .thenCompose(
            worker ->
                worker.edit(
                    view ->
                        mayWrite(room, userId, view)
                            ? new EditPlan<>(RoomEdits.chat(entry(userId, text)), true)
                            : EditPlan.withoutEdits(false)));
  }

  private ChatEntry entry(String userId, String text) {
    return new ChatEntry(ids.next(), userId, clock.millis(), ChatEntry.Kind.PROGRAM, text, null);
  }

  /** Logs the outcome without the text. */
  private static void log(String room, @Nullable Boolean added, @Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn("room {}: a section of a context is not shown in the chat", room, failure);
    } else if (Boolean.FALSE.equals(added)) {
      LOG.debug("room {}: the person of an attached context may no longer write there", room);
    }
  }
}
