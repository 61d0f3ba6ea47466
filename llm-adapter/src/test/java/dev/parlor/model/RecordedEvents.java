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
  private final List<ModelEvent> events = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final CompletableFuture<ModelEvent> end = new CompletableFuture<>();
  final CompletableFuture<String> firstText = new CompletableFuture<>();

  @Override
  public synchronized void accept(ModelEvent event) {
    if (end.isDone()) {
      throw new AssertionError("an event followed the last event: " + event);
    }
    events.add(event);
    switch (event) {
      case ModelEvent.Delta delta -> {
        text.append(delta.text());
        firstText.complete(delta.text());
      }
      case ModelEvent.Done done -> end.complete(done);
      case ModelEvent.Failed failed -> end.complete(failed);
    }
  }

  synchronized String text() {
    return text.toString();
  }

  synchronized int count() {
    return events.size();
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
