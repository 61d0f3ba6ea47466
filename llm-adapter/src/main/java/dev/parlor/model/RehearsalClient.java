package dev.parlor.model;

import dev.parlor.model.ModelEvent.Usage;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for a model that needs no network. It derives its answer from the prompt alone, so
 * that the same prompt gives the same text. The answer arrives word by word at a readable pace, and
 * its first line says that this is not a language model.
 */
public final class RehearsalClient implements ModelClient {
  /** The pace of about thirty words a second. */
  public static final Duration READABLE = Duration.ofMillis(33);

  private final ModelTimer timer;
  private final Duration pace;

  /** Creates a client that waits for {@code pace} before each word. The caller closes the timer. */
  public RehearsalClient(ModelTimer timer, Duration pace) {
    this.timer = timer;
    this.pace = pace;
  }

  @Override
  public ModelCall start(ModelRequest request, Consumer<ModelEvent> listener) {
    Recital recital = new Recital(RehearsalAnswer.to(request), listener);
    recital.next();
    return recital;
  }

  @Override
  public String body(ModelRequest request) {
    return Completions.request(request, name(), LimitName.MAX_TOKENS);
  }

  @Override
  public String name() {
    return "rehearsal";
  }

  @Override
  public void close() {}

  private final class Recital implements ModelCall {
    private final RehearsalAnswer answer;
    private final Iterator<String> words;
    private final Consumer<ModelEvent> listener;
    private @Nullable Runnable pending;
    private boolean cancelled;

    Recital(RehearsalAnswer answer, Consumer<ModelEvent> listener) {
      this.answer = answer;
      this.words = answer.words().iterator();
      this.listener = listener;
    }

    private synchronized void next() {
      if (!cancelled) {
        pending = timer.after(pace, this::say);
      }
    }

    private void say() {
      synchronized (this) {
        if (cancelled) {
          return;
        }
      }
      if (words.hasNext()) {
        listener.accept(new ModelEvent.Delta(words.next()));
        next();
      } else {
        Usage usage = new Usage(answer.promptTokens(), answer.words().size());
        listener.accept(
            new ModelEvent.Done(
                Optional.of(usage),
                answer.cutShort() ? ModelEnding.LENGTH : ModelEnding.COMPLETE,
                ""));
      }
    }

    @Override
    public synchronized void cancel() {
      cancelled = true;
      if (pending != null) {
        pending.run();
      }
    }
  }
}
