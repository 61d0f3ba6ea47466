package dev.parlor.room.generation;

import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The commands for one room's queue and its pause [GE12, GE13]. {@link GenerationState} carries out
 * a cancellation itself, since it makes a result. A part of {@link GenerationState}.
 */
final class QueueCommands {
  /** The reason for a command that names no waiting request. */
  static final String NOT_WAITING = "not-waiting";

  private final RequestQueue queue;
  private final Set<String> known = new LinkedHashSet<>();

  QueueCommands(RequestQueue queue) {
    this.queue = queue;
  }

  /** Whether the command is seen for the first time. */
  boolean isNew(QueueCommand command) {
    if (known.size() >= FixedServiceLimits.COMMANDS_KNOWN_MAX) {
      known.remove(known.iterator().next());
    }
    return known.add(command.by() + "/" + command.id());
  }

  /** The reason why the command changes nothing; empty if it can be carried out. */
  Optional<String> refusalReason(QueueCommand command, RoomView room) {
    if (command.action() == QueueCommand.Action.RESUME) {
      return LockRules.isSeated(command.by(), room)
          ? Optional.empty()
          : Optional.of(LockRules.NOT_ALLOWED);
    }
    Optional<QueuedRequest> queued = queue.waiting(command.request());
    boolean isMissing =
        queued.isEmpty()
            || (!command.before().isEmpty() && queue.waiting(command.before()).isEmpty());
    if (isMissing) {
      return Optional.of(NOT_WAITING);
    }
    QueuedRequest found = queued.get();
    boolean isAuthor = found.lock().by().equals(command.by());
    boolean isHost =
        room.participant(command.by())
            .filter(person -> person.role() == Participant.Role.HOST)
            .isPresent();
    return switch (command.action()) {
      case CANCEL -> allowedIf(isAuthor || isHost);
      case MOVE ->
          allowedIf(isHost || (isAuthor && !queue.overtakesAnother(found, before(command))));
      case CONFIRM ->
          found.old()
              ? allowedIf(isAuthor && LockRules.isSeated(command.by(), room))
              : Optional.of(NOT_WAITING);
      case RESUME, UNKNOWN -> Optional.of(LockRules.NOT_ALLOWED);
    };
  }

  private static Optional<String> allowedIf(boolean condition) {
    return condition ? Optional.empty() : Optional.of(LockRules.NOT_ALLOWED);
  }

  private static @Nullable String before(QueueCommand command) {
    return command.before().isEmpty() ? null : command.before();
  }

  /** Carries out a permitted command other than a cancellation. */
  void carryOut(QueueCommand command, List<GenerationEffect> effects) {
    switch (command.action()) {
      case MOVE -> queue.move(command.request(), before(command));
      case CONFIRM -> queue.confirm(command.request());
      case RESUME -> {
        end(command.by(), effects);
        return;
      }
      case CANCEL, UNKNOWN -> {
        return;
      }
    }
    effects.add(new GenerationEffect.StoreOrder(queue.order()));
    queue
        .waiting(command.request())
        .ifPresent(
            queued ->
                effects.add(new GenerationEffect.Queued(queued, queue.placeOf(command.request()))));
  }

  /** A run was stopped: pauses the queue if other requests wait. */
  void pauseIfWaiting(String by, long now, List<GenerationEffect> effects) {
    if (queue.hasStartable()) {
      Paused pause = new Paused(by, now, now + RoomLimits.PAUSE_MILLIS);
      queue.pause(pause);
      effects.add(new GenerationEffect.StoreOrder(queue.order()));
      effects.add(new GenerationEffect.PauseChanged(pause, by));
      setTimer(now, effects);
    }
  }

  /** Sets the timer for the end of the present pause, if there is one. */
  void setTimer(long now, List<GenerationEffect> effects) {
    Paused pause = queue.paused();
    if (pause != null) {
      effects.add(
          new GenerationEffect.SetPauseTimer(pause.until(), Math.max(0, pause.until() - now)));
    }
  }

  void pauseOver(long until, List<GenerationEffect> effects) {
    Paused pause = queue.paused();
    if (pause != null && pause.until() == until) {
      end("", effects);
    }
  }

  /** Ends the pause when no request waits any more. */
  void endPauseIfEmpty(List<GenerationEffect> effects) {
    if (!queue.hasStartable()) {
      end("", effects);
    }
  }

  private void end(String by, List<GenerationEffect> effects) {
    if (queue.paused() != null) {
      queue.pause(null);
      effects.add(new GenerationEffect.StoreOrder(queue.order()));
      effects.add(new GenerationEffect.PauseChanged(null, by));
    }
  }
}
