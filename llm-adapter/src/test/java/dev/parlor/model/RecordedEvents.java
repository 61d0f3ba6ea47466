package dev.parlor.model;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A listener that records all events. It fails if an event follows the last event. */
final class RecordedEvents implements Consumer<ModelEvent> {
  private final List<ModelEvent.Asked> asked = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<ModelEvent.Retry> retries = new ArrayList<>();
  private final StringBuilder thoughts = new StringBuilder();
  private int count;
  private final StringBuilder text = new StringBuilder();
  private final CompletableFuture<ModelEvent> end = new CompletableFuture<>();
  final CompletableFuture<String> firstText = new CompletableFuture<>();

  @Override
  public synchronized void accept(ModelEvent event) {
    if (end.isDone()) {
      throw new AssertionError("an event followed the last event: " + event);
    }
    switch (event) {
      case ModelEvent.Asked next -> asked.add(next);
      case ModelEvent.Note note -> notes.add(note.sentence());
      case ModelEvent.Retry retry -> retries.add(retry);
      case ModelEvent.Thought thought -> thoughts.append(thought.text());
      case ModelEvent.TextWasThoughts() -> {
        thoughts.append(text);
        text.setLength(0);
      }
      case ModelEvent.Delta delta -> {
        count++;
        text.append(delta.text());
        firstText.complete(delta.text());
      }
      case ModelEvent.Done done -> {
        count++;
        end.complete(done);
      }
      case ModelEvent.Failed failed -> {
        count++;
        end.complete(failed);
      }
    }
  }

  synchronized String text() {
    return text.toString();
  }

  /** The number of pieces of text, and one more after the end. */
  synchronized int count() {
    return count;
  }

  synchronized List<ModelEvent.Retry> retries() {
    return List.copyOf(retries);
  }

  synchronized String thoughts() {
    return thoughts.toString();
  }

  synchronized List<String> notes() {
    return List.copyOf(notes);
  }

  synchronized List<ModelEvent.Asked> asked() {
    return List.copyOf(asked);
  }

  boolean hasEnded() {
    return end.isDone();
  }

  ModelEvent.Done done() throws ExecutionException, InterruptedException, TimeoutException {
    return switch (end.get(20, TimeUnit.SECONDS)) {
      case ModelEvent.Done done -> done;
      case ModelEvent other -> throw new AssertionError("expected the end of an answer: " + other);
    };
  }

  ModelEvent.Failed failed() throws ExecutionException, InterruptedException, TimeoutException {
    return switch (end.get(20, TimeUnit.SECONDS)) {
      case ModelEvent.Failed failed -> failed;
      case ModelEvent other -> throw new AssertionError("expected a failure: " + other);
    };
  }
}
