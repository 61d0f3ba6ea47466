package dev.parlor.room.http;

import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.EditAuthor;
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
 * Gives endpoints access to rooms: opens a room, waits for its answer up to a time limit, and
 * converts a room's refusal to a problem.
 */
final class RoomGateway {

  private final RoomWorkers rooms;

  RoomGateway(RoomWorkers rooms) {
    this.rooms = rooms;
  }

  /** The worker of a room. */
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

  /** Makes the edits of the plan; returns the plan's answer after the commit. */
  <T> T edit(RoomInfo room, Function<RoomView, EditPlan<T>> plan) {
    return await(worker(room).edit(plan));
  }

  /** As {@link #edit(RoomInfo, Function)}, on behalf of a participant. */
  <T> T edit(RoomInfo room, EditAuthor author, Function<RoomView, EditPlan<T>> plan) {
    return await(worker(room).edit(author, plan));
  }

  /**
   * As {@link #edit(RoomInfo, EditAuthor, Function)}, for a plan that changes a collaborative text.
   * If an unusual client has put a value of another kind there, the plan runs again.
   *
   * @param plan gets whether it may take the value for a text
   */
  void editText(
      RoomInfo room,
      EditAuthor author,
      Function<Boolean, Function<RoomView, EditPlan<Boolean>>> plan) {
    try {
      var _ = edit(room, author, plan.apply(true));
    } catch (ReplicaException noText) {
      var _ = edit(room, author, plan.apply(false));
    }
  }

  /** Waits for a room's answer. */
  static <T> T await(CompletableFuture<T> answer) {
    return await(answer, 0);
  }

  /**
   * Waits longer for an answer that the room may delay.
   *
   * @param extraSeconds seconds in addition to the usual time limit
   */
  static <T> T await(CompletableFuture<T> answer, int extraSeconds) {
    try {
      return answer.get(
          FixedServiceLimits.ROOM_ANSWER_SECONDS_MAX + extraSeconds, TimeUnit.SECONDS);
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
      case RuntimeException unexpected -> unexpected;
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

  /** The identities that are away, which the turn order skips. */
  static Set<String> away(RoomWorker worker) {
    return await(worker.away());
  }

  /** The participant of an identity; refuses with 403 if it has not joined. */
  static Participant requireParticipant(RoomView view, String identity) {
    return view.participant(identity)
        .orElseThrow(
            () ->
                ProblemDetail.forbidden("not-joined", "join the room first: POST …/join").thrown());
  }

  /** Refuses with 403 unless the identity's role and seat permit writing. */
  static void requireWriter(RequestAuthorizer.Visitor visitor, String identity, RoomView view) {
    var participant = requireParticipant(view, identity);
    if (!visitor.role().mayWrite()) {
      throw ProblemDetail.forbidden("spectator", "this link only permits watching").thrown();
    }
    if (participant.role() == Participant.Role.SPECTATOR) {
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
      var _ = requireParticipant(view, identity);
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
   * without a seat stays a host. Otherwise other hosts could demote the owner by taking all seats.
   */
  static Role effectiveRole(Role role, String identity, RoomView view) {
    if (role != Role.PLAYER) {
      return role;
    }
    var order = TurnOrder.of(view, Set.of());
    var hasJoined = view.participant(identity).isPresent();
    var hasSeat =
        hasJoined
            ? order.players().contains(identity)
            : order.players().size() < view.settings().maxPlayers();
    return hasSeat ? role : Role.SPECTATOR;
  }
}
