package dev.parlor.room.generation;

import dev.parlor.model.ModelEnding;
import dev.parlor.model.ModelEvent;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Result.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Passes one call's events from the model's thread to the room's thread, in order. While the room
 * is busy it collects them, so that a fast model does not fill the mailbox. Safe from any thread.
 */
final class ModelEventQueue implements Consumer<ModelEvent> {
  private final long epoch;
  private final Consumer<ModelEventQueue> wake;
  private final StringBuilder text = new StringBuilder();
  private final List<GenerationInput> end = new ArrayList<>();
  private boolean woken;

  /**
   * @param wake asks the room's thread to call {@link #take} on the given queue
   */
  ModelEventQueue(long epoch, Consumer<ModelEventQueue> wake) {
    this.epoch = epoch;
    this.wake = wake;
  }

  @Override
  public void accept(ModelEvent event) {
    boolean first;
    synchronized (this) {
      switch (event) {
        case ModelEvent.Delta delta -> text.append(delta.text());
        case ModelEvent.Done done ->
            end.add(
                new GenerationInput.Answered(
                    epoch,
                    done.usage().map(u -> new Usage(u.promptTokens(), u.completionTokens(), false)),
                    ending(done.ending()),
                    done.detail()));
        case ModelEvent.Failed failed ->
            end.add(
                new GenerationInput.CallFailed(epoch, failed.reason(), ending(failed.ending())));
      }
      first = !woken;
      woken = true;
    }
    if (first) {
      wake.accept(this);
    }
  }

  private static Ending ending(ModelEnding told) {
    return switch (told) {
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
  synchronized List<GenerationInput> take() {
    woken = false;
    List<GenerationInput> inputs = new ArrayList<>();
    if (!text.isEmpty()) {
      inputs.add(new GenerationInput.Text(epoch, text.toString()));
      text.setLength(0);
    }
    inputs.addAll(end);
    end.clear();
    return inputs;
  }
}
