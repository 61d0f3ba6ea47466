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
 * <p>While an attempt runs, only the thread that reads its answer sends events. A timeout or {@link
 * #cancel} records its reason and closes the connection; the reading thread then sends the last
 * event. Between two attempts there is no reading thread, so the timer's thread sends the event of
 * a timeout. Retries happen only before the first piece of text, so no text is sent twice.
 */
final class OpenAiCall implements ModelCall, Callback {
  private static final MediaType JSON = MediaType.get("application/json");

  private final OpenAiSettings settings;
  private final OkHttpClient http;
  private final ModelTimer timer;
  private final LimitNames limitNames;
  private final ModelRequest modelRequest;
  private final Consumer<ModelEvent> listener;
  private final Consumer<OpenAiCall> onEnd;

  // Fields shared with other threads, guarded by this.
  private State state = new Pause(OpenAiCall::cancelNothing);
  private Runnable cancelTotalTimer = OpenAiCall::cancelNothing;

  // Fields used only by the reading thread of the current attempt.
  private int attempts = 1;
  private LimitName limitName;
  private boolean triedOtherName;
  private @Nullable AnswerReader answerReader;

  private sealed interface State {}

  /**
   * No attempt runs: before the first attempt, or before a retry.
   *
   * @param cancelRetry cancels the scheduled retry
   */
  private record Pause(Runnable cancelRetry) implements State {}

  /** A request was sent, and a thread of its call reads the answer. */
  private static final class Attempt implements State {
    final Call call;
    Runnable cancelSilenceTimer = OpenAiCall::cancelNothing;

    Attempt(Call call) {
      this.call = call;
    }
  }

  /**
   * The connection is closed, but the reading thread has not sent the last event yet.
   *
   * @param timeoutReason the timeout that closed the connection; null if the caller cancelled
   * @param cancelled whether the caller has cancelled, so that no more events are sent
   */
  private record Closing(@Nullable String timeoutReason, boolean cancelled) implements State {}

  /** The last event was sent, or the caller cancelled. */
  private record Ended() implements State {}

  OpenAiCall(
      OpenAiSettings settings,
      OkHttpClient http,
      ModelTimer timer,
      LimitNames limitNames,
      ModelRequest modelRequest,
      Consumer<ModelEvent> listener,
      Consumer<OpenAiCall> onEnd) {
    this.settings = settings;
    this.http = http;
    this.timer = timer;
    this.limitNames = limitNames;
    this.limitName = limitNames.of(modelRequest.model());
    this.modelRequest = modelRequest;
    this.listener = listener;
    this.onEnd = onEnd;
  }

  // Sending.

  void begin() {
    Duration total = settings.timeouts().total();
    synchronized (this) {
      cancelTotalTimer =
          timer.after(total, () -> expire("the model took longer than " + seconds(total)));
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
    restartSilenceTimer(
        settings.timeouts().connect().plus(settings.timeouts().firstToken()), "gave no first word");
    next.enqueue(this);
  }

  /** The HTTP request of the next attempt. */
  private Request request() {
    String body = Completions.request(modelRequest, settings.model(), limitName);
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

  /** Restarts the timeout until the next part that shows that the model is working. */
  private synchronized void restartSilenceTimer(Duration limit, String failure) {
    if (state instanceof Attempt attempt) {
      String reason = "the model " + failure + " within " + seconds(limit);
      attempt.cancelSilenceTimer.run();
      attempt.cancelSilenceTimer = timer.after(limit, () -> expire(reason));
    }
  }

  /** The cancel action in place of a timer that was not started. */
  private static void cancelNothing() {}

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
   * @param timeoutReason the timeout that ends the call; null if the caller cancels
   */
  private void close(@Nullable String timeoutReason) {
    State previous;
    synchronized (this) {
      previous = state;
      switch (previous) {
        case Pause(var cancelRetry) -> {
          cancelRetry.run();
          cancelTotalTimer.run();
          state = new Ended();
        }
        case Attempt attempt -> {
          attempt.cancelSilenceTimer.run();
          cancelTotalTimer.run();
          state = new Closing(timeoutReason, timeoutReason == null);
        }
        case Closing(var reason, var cancelled) ->
            state = new Closing(reason, cancelled || timeoutReason == null);
        case Ended() -> {}
      }
    }
    switch (previous) {
      case Pause _ -> {
        onEnd.accept(this);
        if (timeoutReason != null) {
          listener.accept(new ModelEvent.Failed(timeoutReason, true));
        }
      }
      case Attempt attempt -> attempt.call.cancel();
      case Closing _, Ended() -> {}
    }
  }

  // The response.

  @Override
  public void onFailure(Call call, IOException problem) {
    var failure = new ConnectionFailure(problem);
    boolean mayRetry = failure.mayRetry() || failure.isConnectTimeout();
    failOrRetry(failure.reason(), mayRetry, Optional.empty());
  }

  @Override
  public void onResponse(Call call, Response response) {
    try (response) {
      if (response.isSuccessful()) {
        learnLimitName();
        AnswerReader reader =
            new AnswerReader(
                settings.limits(),
                this::sanitize,
                () -> restartSilenceTimer(settings.timeouts().betweenTokens(), "said nothing more"),
                this::sendText);
        answerReader = reader;
        end(reader.read(response));
      } else {
        handleError(ErrorAnswer.read(response, settings.limits().errorBytesMax()));
      }
    } catch (IOException problem) {
      var failure = new ConnectionFailure(problem);
      failOrRetry(failure.reason(), failure.mayRetry(), Optional.empty());
    }
  }

  private void sendText(String text) {
    if (!isCancelled()) {
      listener.accept(new ModelEvent.Delta(text));
    }
  }

  private synchronized boolean isCancelled() {
    return state instanceof Closing(_, var cancelled) && cancelled;
  }

  private void handleError(ErrorAnswer error) {
    boolean refusesName =
        error.refusesContent()
            && modelRequest.tokensMax().isPresent()
            && limitName.isRefusedBy(error.body());
    if (refusesName && !triedOtherName && endAttempt()) {
      triedOtherName = true;
      limitName = limitName.other();
      send(); // without a delay, because the endpoint only refused the parameter's name
      return;
    }
    if (!refusesName && error.refusesContent()) {
      learnLimitName(); // the refusal has a different cause, so the endpoint accepts the name
    }
    failOrRetry(error.reason(this::sanitize), error.mayRetry(), error.retryAfter());
  }

  /** Stores the limit name if it was changed, because the endpoint has now accepted it. */
  private void learnLimitName() {
    if (triedOtherName) {
      limitNames.learn(modelRequest.model(), limitName);
    }
  }

  /** Makes a provider's message safe to show: one short line without the key. */
  private String sanitize(String message) {
    String text = settings.key().isEmpty() ? message : message.replace(settings.key(), "***");
    return ProviderText.singleLine(text);
  }

  // Retries and the end.

  private void failOrRetry(String reason, boolean mayRetry, Optional<Duration> wait) {
    Duration delay =
        wait.orElse(settings.limits().retryDelay().multipliedBy(1L << Math.min(attempts - 1, 10)));
    boolean willRetry =
        mayRetry
            && attempts < settings.limits().attemptsMax()
            && delay.compareTo(settings.limits().retryAfterMax()) <= 0;
    synchronized (this) {
      if (willRetry && endAttempt()) {
        attempts++;
        state = new Pause(timer.after(delay, this::send));
        return;
      }
    }
    end(new ModelEvent.Failed(reason, mayRetry));
  }

  /** Ends the current attempt; returns false if the call is closing or has ended. */
  private synchronized boolean endAttempt() {
    if (!(state instanceof Attempt attempt)) {
      return false;
    }
    attempt.cancelSilenceTimer.run();
    state = new Pause(OpenAiCall::cancelNothing);
    return true;
  }

  /**
   * Ends the call and sends its last event. After a cancel it sends nothing. After a timeout it
   * sends the timeout, unless the answer was already complete.
   */
  private void end(ModelEvent last) {
    State previous;
    synchronized (this) {
      previous = state;
      if (previous instanceof Attempt attempt) {
        attempt.cancelSilenceTimer.run();
      }
      cancelTotalTimer.run();
      state = new Ended();
    }
    switch (previous) {
      case Attempt attempt -> {
        attempt.call.cancel(); // the endpoint may still send after the end of the answer
        onEnd.accept(this);
        listener.accept(last);
      }
      case Closing(var timeoutReason, var cancelled) -> {
        onEnd.accept(this);
        if (!cancelled) {
          listener.accept(
              timeoutReason != null && last instanceof ModelEvent.Failed
                  ? timeout(timeoutReason)
                  : last);
        }
      }
      case Pause _, Ended() -> {}
    }
  }

  private ModelEvent timeout(String reason) {
    boolean isEmpty = answerReader == null || answerReader.isEmpty();
    return new ModelEvent.Failed(reason, true, isEmpty ? ModelEnding.ERROR : ModelEnding.CUT);
  }
}
