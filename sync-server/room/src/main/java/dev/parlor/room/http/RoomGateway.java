package dev.parlor.room.http;

import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.EditPlan;
import dev.parlor.room.worker.FutureCause;
import dev.parlor.room.worker.RoomReading;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWorker;
import dev.parlor.room.worker.RoomWorkers;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The endpoints' access to rooms: opens a room, waits for its answer up to a limit, and converts a
 * room's refusal to a problem.
 */
final class RoomGateway {

  private final RoomWorkers rooms;

  RoomGateway(RoomWorkers rooms) {
    this.rooms = rooms;
  }

  RoomWorker worker(RoomInfo room) {
    try {
      return rooms.of(room.documentId());
    } catch (RoomRefusal refusal) {
      throw problem(refusal).thrown();
    }
  }

  RoomReading read(RoomInfo room) {
    return await(worker(room).read());
  }

  /** Makes the plan's edits; returns its answer after the commit. */
  <T> T edit(RoomInfo room, Function<RoomView, EditPlan<T>> plan) {
    return await(worker(room).edit(plan));
  }

  /** Waits for a room's answer. */
  static <T> T await(CompletableFuture<T> answer) {
    return await(answer, 0);
  }

  /**
   * @param moreSeconds seconds in addition to the usual limit, for an answer that the room may
   *     delay
   */
  static <T> T await(CompletableFuture<T> answer, int moreSeconds) {
    try {
      return answer.get(FixedServiceLimits.ROOM_ANSWER_SECONDS_MAX + moreSeconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw asProblem(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw ProblemDetail.of(503, "room-busy", "the room did not answer in time; try again")
          .retryAfter(2)
          .thrown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemDetail.of(503, "stopping", "the server is stopping").retryAfter(5).thrown();
    }
  }

  private static RuntimeException asProblem(Throwable thrown) {
    var cause = FutureCause.of(thrown);
    return switch (cause) {
      case RoomRefusal refusal -> problem(refusal).thrown();
      case RuntimeException ours -> ours;
      default -> new CompletionException(cause);
    };
  }

  static ProblemDetail problem(RoomRefusal refusal) {
    var status =
        switch (refusal.code()) {
          case NOT_ALLOWED -> 403;
          case NOT_FOUND -> 404;
          case CONFLICT -> 409;
          case INVALID -> 422;
          case BUSY -> 503;
          case UNAVAILABLE -> 503;
        };
    var code = refusal.code().name().toLowerCase(Locale.ROOT).replace('_', '-');
    var problem =
        refusal.field().isEmpty()
            ? ProblemDetail.of(status, code, refusal.reason())
            : ProblemDetail.field(status, refusal.field(), refusal.reason());
    return status == 503 ? problem.retryAfter(2) : problem;
  }

  /** The identities that the turn order skips. */
  static Set<String> away(RoomWorker worker) {
    return await(worker.away());
  }

  /** The participant of an identity; refuses with 403 if it has not joined. */
  static Participant participant(RoomView view, String identity) {
    return view.participant(identity)
        .orElseThrow(
            () ->
                ProblemDetail.forbidden("not-joined", "join the room first: POST …/join").thrown());
  }

  /** Refuses with 403 unless the identity's role and seat permit writing. */
  static void requireWriter(RequestAuthorizer.Visitor visitor, String identity, RoomView view) {
    var person = participant(view, identity);
    if (!visitor.role().mayWrite()) {
      throw ProblemDetail.forbidden("spectator", "this link only permits watching").thrown();
    }
    if (person.role() == Participant.Role.SPECTATOR) {
      throw ProblemDetail.forbidden(
              "spectator", "you joined as a spectator; join again with a player's link")
          .thrown();
    }
    if (!TurnOrder.of(view, Set.of()).players().contains(identity)) {
      throw ProblemDetail.forbidden(
              "no-seat",
              "all " + view.settings().maxPlayers() + " seats are taken; you are watching")
          .thrown();
    }
  }

  /** As {@link #requireWriter}, but spectators may chat if the room's settings allow it. */
  static void requireSpeaker(RequestAuthorizer.Visitor visitor, String identity, RoomView view) {
    if (view.settings().spectatorChat()) {
      var _ = participant(view, identity);
    } else {
      requireWriter(visitor, identity, view);
    }
  }

  static Participant.Role documentRole(Role role) {
    return switch (role) {
      case HOST -> Participant.Role.HOST;
      case PLAYER -> Participant.Role.PLAYER;
      case SPECTATOR -> Participant.Role.SPECTATOR;
    };
  }

  static Role serverRole(Participant.Role role) {
    return switch (role) {
      case HOST -> Role.HOST;
      case PLAYER -> Role.PLAYER;
      case SPECTATOR -> Role.SPECTATOR;
    };
  }

  /**
   * The effective role of an identity: its role, or spectator for a player without a seat. A host
   * without a seat stays a host; otherwise other hosts could demote the owner by taking all seats.
   */
  static Role effectiveRole(Role link, String identity, RoomView view) {
    if (link != Role.PLAYER) {
      return link;
    }
    var order = TurnOrder.of(view, Set.of());
    var joined = view.participant(identity).isPresent();
    var seated =
        joined
            ? order.players().contains(identity)
            : order.players().size() < view.settings().maxPlayers();
    return seated ? link : Role.SPECTATOR;
  }
}
