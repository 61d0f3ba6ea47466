package dev.parlor.model;

import dev.parlor.model.ModelEvent.Usage;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that needs no model and no network. It derives its answer from the prompt alone: the
 * same prompt gives the same text. The answer arrives word by word at a readable pace, and its
 * first line says that this is not a language model.
 */
public final class RehearsalClient implements ModelClient {
  /** The pace of about thirty words a second. */
  public static final Duration READABLE_PACE = Duration.ofMillis(33);

  private final ModelTimer timer;
  private final Duration pace;

  /** Creates a client that waits for {@code pace} before each word. The caller closes the timer. */
  public RehearsalClient(ModelTimer timer, Duration pace) {
    this.timer = timer;
    this.pace = pace;
  }

  @Override
  public ModelCall start(ModelRequest request, Consumer<ModelEvent> listener) {
    RehearsalCall call = new RehearsalCall(RehearsalAnswer.to(request), listener);
    call.scheduleNext();
    return call;
  }

  @Override
  public String body(ModelRequest request) {
    return ChatDialect.INSTANCE.body(
        request,
        Endpoint.ServedModel.named(request.model().isBlank() ? name() : request.model()),
        AcceptedParameters.ALL);
  }

  @Override
  public String name() {
    return "rehearsal";
  }

  @Override
  public void close() {}

  private final class RehearsalCall implements ModelCall {
    private final RehearsalAnswer answer;
    private final Iterator<String> words;
    private final Consumer<ModelEvent> listener;
    private @Nullable Runnable cancelTimer;
    private boolean cancelled;

    RehearsalCall(RehearsalAnswer answer, Consumer<ModelEvent> listener) {
      this.answer = answer;
      this.words = answer.words().iterator();
      this.listener = listener;
    }

    private synchronized void scheduleNext() {
      if (!cancelled) {
        cancelTimer = timer.after(pace, this::sendNext);
      }
    }

    private void sendNext() {
      synchronized (this) {
        if (cancelled) {
          return;
        }
      }
      if (words.hasNext()) {
        listener.accept(new ModelEvent.Delta(words.next()));
        scheduleNext();
      } else {
        Usage usage = new Usage(answer.promptTokens(), answer.words().size());
        listener.accept(
            new ModelEvent.Done(
                Optional.of(usage),
                answer.isTruncated() ? ModelEnding.LENGTH : ModelEnding.COMPLETE,
                ""));
      }
    }

    @Override
    public synchronized void cancel() {
      cancelled = true;
      if (cancelTimer != null) {
        cancelTimer.run();
      }
    }
  }
}
