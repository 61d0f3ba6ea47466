package dev.parlor.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One call to an OpenAI-compatible endpoint, with its retries.
 *
 * <p>Only the thread that reads the answer sends events. Timeouts and {@link #cancel} record the
 * reason and close the connection; the reading thread then reports the reason. Between two attempts
 * there is no reading thread, so a timeout reports itself. Retries happen only before the first
 * piece of text, so no text is shown twice.
 */
final class OpenAiCall implements ModelCall, Callback {
  private static final MediaType JSON = MediaType.get("application/json");

  private final OpenAiSettings settings;
  private final OkHttpClient http;
  private final ModelTimer timer;
  private final LimitNames limitNames;
  private final ModelRequest asked;
  private final Consumer<ModelEvent> listener;
  private final Consumer<OpenAiCall> ended;

  // Fields shared with other threads, guarded by this.
  private State state = new Pause(OpenAiCall::noTimer);
  private Runnable wholeTimer = OpenAiCall::noTimer;

  // Fields used only by the reading thread of the current attempt.
  private int attempts = 1;
  private LimitName limitName;
  private boolean otherNameTried;
  private @Nullable AnswerReader answer;

  private sealed interface State {}

  /**
   * No attempt runs: before the first attempt, or before a retry.
   *
   * @param timer starts the retry
   */
  private record Pause(Runnable timer) implements State {}

  /** A request was sent; its thread reads the answer. */
  private static final class Attempt implements State {
    final Call call;
    Runnable silenceTimer = OpenAiCall::noTimer;

    Attempt(Call call) {
      this.call = call;
    }
  }

  /**
   * The connection is closed, and the reading thread has not reported it yet.
   *
   * @param timedOut the reason; null if the caller cancelled
   * @param cancelled whether the caller wants no more events
   */
  private record Closing(@Nullable String timedOut, boolean cancelled) implements State {}

  /** The last event was sent, or the caller cancelled. */
  private record Over() implements State {}

  OpenAiCall(
      OpenAiSettings settings,
      OkHttpClient http,
      ModelTimer timer,
      LimitNames limitNames,
      ModelRequest asked,
      Consumer<ModelEvent> listener,
      Consumer<OpenAiCall> ended) {
    this.settings = settings;
    this.http = http;
    this.timer = timer;
    this.limitNames = limitNames;
    this.limitName = limitNames.of(asked.model());
    this.asked = asked;
    this.listener = listener;
    this.ended = ended;
  }

  // Sending.

  void begin() {
    Duration whole = settings.timeouts().whole();
    synchronized (this) {
      wholeTimer = timer.after(whole, () -> expire("the model took longer than " + seconds(whole)));
    }
    send();
  }

  private void send() {
    Call next = http.newCall(request());
    synchronized (this) {
      if (!(state instanceof Pause)) {
        return;
      }
      state = new Attempt(next);
    }
    watch(
        settings.timeouts().connect().plus(settings.timeouts().firstToken()), "gave no first word");
    next.enqueue(this);
  }

  /** The request as it is sent at this attempt. */
  private Request request() {
    String body = Completions.request(asked, settings.model(), limitName);
    var builder =
        new Request.Builder()
            .url(HttpUrl.get(OpenAiSettings.completionsUrl(settings.baseUrl()).toString()))
            .header("Accept", "text/event-stream")
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "parlor")
            .post(RequestBody.create(body.getBytes(StandardCharsets.UTF_8), JSON));
    if (!settings.key().isEmpty()) {
      builder.header("Authorization", "Bearer " + settings.key());
    }
    return builder.build();
  }

  // Timeouts and cancelling.

  /** Restarts the timeout for the next sign that the model is working. */
  private synchronized void watch(Duration limit, String what) {
    if (state instanceof Attempt attempt) {
      String reason = "the model " + what + " within " + seconds(limit);
      attempt.silenceTimer.run();
      attempt.silenceTimer = timer.after(limit, () -> expire(reason));
    }
  }

  /** Cancels nothing. */
  private static void noTimer() {}

  private static String seconds(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
  }

  @Override
  public void cancel() {
    close(null);
  }

  private void expire(String reason) {
    close(reason);
  }

  /**
   * Ends the call from another thread.
   *
   * @param timedOut the reason; null if the caller cancels
   */
  private void close(@Nullable String timedOut) {
    State before;
    synchronized (this) {
      before = state;
      switch (before) {
        case Pause(var retry) -> {
          retry.run();
          wholeTimer.run();
          state = new Over();
        }
        case Attempt attempt -> {
          attempt.silenceTimer.run();
          wholeTimer.run();
          state = new Closing(timedOut, timedOut == null);
        }
        case Closing(var first, var cancelled) ->
            state = new Closing(first, cancelled || timedOut == null);
        case Over() -> {}
      }
    }
    switch (before) {
      case Pause _ -> {
        ended.accept(this);
        if (timedOut != null) {
          listener.accept(new ModelEvent.Failed(timedOut, true));
        }
      }
      case Attempt attempt -> attempt.call.cancel();
      case Closing _, Over() -> {}
    }
  }

  // The response.

  @Override
  public void onFailure(Call failed, IOException problem) {
    var failure = new ConnectionFailure(problem);
    boolean mayRetry = failure.mayRetry() || failure.isConnectTimeout();
    failOrRetry(failure.reason(), mayRetry, Optional.empty());
  }

  @Override
  public void onResponse(Call answered, Response response) {
    try (response) {
      if (response.isSuccessful()) {
        learnLimitName();
        AnswerReader reader =
            new AnswerReader(
                settings.limits(),
                this::clean,
                () -> watch(settings.timeouts().betweenTokens(), "said nothing more"),
                this::said);
        answer = reader;
        end(reader.read(response));
      } else {
        failed(ErrorAnswer.read(response, settings.limits().errorBytesMax()));
      }
    } catch (IOException problem) {
      var failure = new ConnectionFailure(problem);
      failOrRetry(failure.reason(), failure.mayRetry(), Optional.empty());
    }
  }

  private void said(String text) {
    if (!isCancelled()) {
      listener.accept(new ModelEvent.Delta(text));
    }
  }

  private synchronized boolean isCancelled() {
    return state instanceof Closing(_, var cancelled) && cancelled;
  }

  private void failed(ErrorAnswer error) {
    boolean refusesName =
        error.refusesContent()
            && asked.tokensMax().isPresent()
            && limitName.isRefusedBy(error.body());
    if (refusesName && !otherNameTried && pause()) {
      otherNameTried = true;
      limitName = limitName.other();
      send(); // again at once, because the request was refused before any output
      return;
    }
    if (!refusesName && error.refusesContent()) {
      learnLimitName(); // the refusal is about something else, so the endpoint knows the name
    }
    failOrRetry(error.reason(this::clean), error.mayRetry(), error.retryAfter());
  }

  /** Stores the limit name after a name change, because the endpoint accepted this name. */
  private void learnLimitName() {
    if (otherNameTried) {
      limitNames.learn(asked.model(), limitName);
    }
  }

  /** A provider's message for people: one line of bounded length, without the key. */
  private String clean(String message) {
    String text = settings.key().isEmpty() ? message : message.replace(settings.key(), "***");
    return Words.line(text);
  }

  // Retries and the end.

  private void failOrRetry(String reason, boolean mayRetry, Optional<Duration> wait) {
    Duration delay =
        wait.orElse(settings.limits().retryDelay().multipliedBy(1L << Math.min(attempts - 1, 10)));
    boolean again =
        mayRetry
            && attempts < settings.limits().attemptsMax()
            && delay.compareTo(settings.limits().retryAfterMax()) <= 0;
    synchronized (this) {
      if (again && pause()) {
        attempts++;
        state = new Pause(timer.after(delay, this::send));
        return;
      }
    }
    end(new ModelEvent.Failed(reason, mayRetry));
  }

  /** Ends the current attempt; false if the call is closing. */
  private synchronized boolean pause() {
    if (!(state instanceof Attempt attempt)) {
      return false;
    }
    attempt.silenceTimer.run();
    state = new Pause(OpenAiCall::noTimer);
    return true;
  }

  /**
   * Sends the last event, once. After a cancel it sends nothing; after a timeout it sends the
   * timeout's reason.
   */
  private void end(ModelEvent last) {
    State before;
    synchronized (this) {
      before = state;
      if (before instanceof Attempt attempt) {
        attempt.silenceTimer.run();
      }
      wholeTimer.run();
      state = new Over();
    }
    switch (before) {
      case Attempt attempt -> {
        attempt.call.cancel(); // an answer that is over may still be sending
        ended.accept(this);
        listener.accept(last);
      }
      case Closing(var timedOut, var cancelled) -> {
        ended.accept(this);
        if (!cancelled) {
          listener.accept(
              timedOut != null && last instanceof ModelEvent.Failed ? timeout(timedOut) : last);
        }
      }
      case Pause _, Over() -> {}
    }
  }

  private ModelEvent timeout(String reason) {
    boolean nothingCame = answer == null || answer.isEmpty();
    return new ModelEvent.Failed(reason, true, nothingCame ? ModelEnding.ERROR : ModelEnding.CUT);
  }
}
