package dev.parlor.room.generation;

import dev.parlor.model.ModelEnding;
import dev.parlor.model.ModelEvent;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Result.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Passes the events of one model call from the model's thread to the room's thread, in order. While
 * the room is busy, it joins the text of several events, so that a fast model does not fill the
 * room's mailbox. Safe from any thread.
 */
final class ModelEventQueue implements Consumer<ModelEvent> {
  private final long epoch;
  private final Consumer<ModelEventQueue> scheduleDrain;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder thoughts = new StringBuilder();
  private final List<ModelEvent> news = new ArrayList<>();
  private final List<GenerationInput> endEvents = new ArrayList<>();
  private boolean isDrainScheduled;

  /**
   * @param scheduleDrain makes the room's thread call {@link #drain} on the given queue
   */
  ModelEventQueue(long epoch, Consumer<ModelEventQueue> scheduleDrain) {
    this.epoch = epoch;
    this.scheduleDrain = scheduleDrain;
  }

  @Override
  public void accept(ModelEvent event) {
    boolean mustSchedule;
    synchronized (this) {
      switch (event) {
        case ModelEvent.Asked _, ModelEvent.Note _, ModelEvent.Retry _ -> news.add(event);
        case ModelEvent.Thought thought -> thoughts.append(thought.text());
        case ModelEvent.TextWasThoughts() -> {
          news.add(event);
          thoughts.append(text);
          text.setLength(0);
        }
        case ModelEvent.Delta delta -> text.append(delta.text());
        case ModelEvent.Done done ->
            endEvents.add(
                new GenerationInput.Answered(
                    epoch,
                    done.usage().map(u -> new Usage(u.promptTokens(), u.completionTokens(), false)),
                    ending(done.ending()),
                    done.detail()));
        case ModelEvent.Failed failed ->
            endEvents.add(
                new GenerationInput.CallFailed(epoch, failed.reason(), ending(failed.ending())));
      }
      mustSchedule = !isDrainScheduled;
      isDrainScheduled = true;
    }
    if (mustSchedule) {
      scheduleDrain.accept(this);
    }
  }

  private static Ending ending(ModelEnding ending) {
    return switch (ending) {
      case COMPLETE -> Ending.COMPLETE;
      case LENGTH -> Ending.LENGTH;
      case CONTENT_FILTER -> Ending.CONTENT_FILTER;
      case REFUSAL -> Ending.REFUSAL;
      case TOOL_CALLS -> Ending.TOOL_CALLS;
      case OTHER -> Ending.OTHER;
      case THOUGHTS -> Ending.THOUGHTS;
      case EMPTY -> Ending.EMPTY;
      case CUT -> Ending.CUT;
      case ERROR -> Ending.ERROR;
    };
  }

  /** Removes and returns the queued events. */
  synchronized List<GenerationInput> drain() {
    isDrainScheduled = false;
    List<GenerationInput> inputs = new ArrayList<>();
    if (!thoughts.isEmpty()) {
      news.add(new ModelEvent.Thought(thoughts.toString()));
      thoughts.setLength(0);
    }
    if (!text.isEmpty() || !news.isEmpty()) {
      inputs.add(new GenerationInput.Text(epoch, text.toString(), news));
      text.setLength(0);
      news.clear();
    }
    inputs.addAll(endEvents);
    endEvents.clear();
    return inputs;
  }
}
