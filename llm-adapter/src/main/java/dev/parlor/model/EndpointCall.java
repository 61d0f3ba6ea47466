package dev.parlor.model;

import dev.parlor.model.Endpoint.ServedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
 * One call to an endpoint, with its retries.
 *
 * <p>While an attempt runs, only the thread that reads its answer sends events. A timeout or {@link
 * #cancel} records its reason and closes the connection; the reading thread then sends the last
 * event. Between two attempts there is no reading thread, so the timer's thread sends the event of
 * a timeout. Retries happen only before the first piece of text, so no text is sent twice.
 *
 * <p>The class is a few lines longer than 400: the fields of an attempt change under one lock, so
 * the methods that use them stay together.
 */
final class EndpointCall implements ModelCall, Callback {
  /** Characters of thoughts that are passed on; above: the later thoughts are dropped. */
  static final int THOUGHTS_LENGTH_MAX = 20_000;

  /**
   * Time for the token counts after the model has finished; then: the answer ends without them.
   * Some endpoints leave the connection open.
   */
  static final Duration AFTER_FINISH_MAX = Duration.ofSeconds(5);

  private static final MediaType JSON = MediaType.get("application/json");

  private final Endpoint endpoint;
  private final ServedModel model;
  private final Dialect dialect;
  private final OkHttpClient http;
  private final ModelTimer timer;
  private final InstantSource clock;
  private final EndpointMemory memory;
  private final ModelRequest modelRequest;
  private final Consumer<ModelEvent> listener;
  private final Consumer<EndpointCall> onEnd;

  // Fields shared with other threads, guarded by this.
  private State state = new Pause(EndpointCall::cancelNothing);
  private Runnable cancelTotalTimer = EndpointCall::cancelNothing;

  // Fields used only by the reading thread of the current attempt.
  private int attempts = 1;
  private AcceptedParameters accepted;
  private boolean triedOtherName;

  /** The refusals after which the request was changed, in the provider's words. */
  private final List<String> refusals = new ArrayList<>();

  private boolean hasChanges;
  private String change = "";
  private int thoughtsLength;
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
    Runnable cancelSilenceTimer = EndpointCall::cancelNothing;

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

  EndpointCall(
      Endpoint endpoint,
      OkHttpClient http,
      ModelTimer timer,
      InstantSource clock,
      EndpointMemory memory,
      ModelRequest modelRequest,
      Consumer<ModelEvent> listener,
      Consumer<EndpointCall> onEnd) {
    this.endpoint = endpoint;
    this.model = endpoint.model(modelRequest.model());
    this.dialect = Dialect.of(endpoint.kind());
    this.http = http;
    this.timer = timer;
    this.clock = clock;
    this.memory = memory;
    this.accepted = memory.of(model.name());
    this.modelRequest = modelRequest;
    this.listener = listener;
    this.onEnd = onEnd;
  }

  // Sending.

  void begin() {
    Duration total = endpoint.timeouts().total();
    synchronized (this) {
      cancelTotalTimer =
          timer.after(total, () -> expire("the model took longer than " + seconds(total)));
    }
    listener.accept(new ModelEvent.Asked(endpoint.name(), model, tokensMax(), endpoint.timeouts()));
    send();
  }

  /** The limit on tokens that the requests of this call have. */
  private OptionalInt tokensMax() {
    return modelRequest.tokensMax().isPresent() || endpoint.kind() == Endpoint.Kind.OPENAI
        ? modelRequest.tokensMax()
        : model.tokensMax();
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
        endpoint.timeouts().connect().plus(endpoint.timeouts().firstToken()), "gave no first word");
    next.enqueue(this);
  }

  /** The HTTP request of the next attempt. */
  private Request request() {
    String body = dialect.body(modelRequest, model, accepted);
    var builder =
        new Request.Builder()
            .url(HttpUrl.get(dialect.url(endpoint.baseUrl()).toString()))
            .header("Accept", "text/event-stream")
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "parlor")
            .post(RequestBody.create(body.getBytes(StandardCharsets.UTF_8), JSON));
    dialect.headers(endpoint.key()).forEach(builder::header);
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
          listener.accept(new ModelEvent.Failed(timeoutReason, true, ModelEnding.ERROR, true));
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
    failOrRetry(failure.reason(), mayRetry, true, Optional.empty());
  }

  @Override
  public void onResponse(Call call, Response response) {
    try (response) {
      if (response.isSuccessful()) {
        learnParameters();
        AnswerReader reader =
            new AnswerReader(
                dialect,
                endpoint.limits(),
                this::sanitize,
                () -> restartSilenceTimer(endpoint.timeouts().betweenTokens(), "said nothing more"),
                () -> restartSilenceTimer(AFTER_FINISH_MAX, "sent no end of its answer"),
                this::sendPart);
        answerReader = reader;
        finish(reader, reader.read(response));
      } else {
        handleError(ErrorAnswer.read(response, endpoint.limits().errorBytesMax(), clock.instant()));
      }
    } catch (IOException problem) {
      var failure = new ConnectionFailure(problem);
      failOrRetry(failure.reason(), failure.mayRetry(), true, Optional.empty());
    }
  }

  /** A provider may report inside a successful response that it is busy; then it is asked again. */
  private void finish(AnswerReader reader, ModelEvent last) {
    if (last instanceof ModelEvent.Failed failed && reader.isEmpty()) {
      failOrRetry(failed.reason(), failed.retryable(), true, Optional.empty());
    } else {
      end(last);
    }
  }

  private void sendPart(ModelEvent part) {
    if (isCancelled()) {
      return;
    }
    if (part instanceof ModelEvent.Thought(String text)) {
      if (thoughtsLength >= THOUGHTS_LENGTH_MAX) {
        return;
      }
      thoughtsLength += text.length();
    }
    listener.accept(part);
  }

  private synchronized boolean isCancelled() {
    return state instanceof Closing(_, var cancelled) && cancelled;
  }

  private void handleError(ErrorAnswer error) {
    boolean refuses = error.refusesContent();
    Optional<AcceptedParameters> next =
        error.mayRefuseParameter() && answerReader == null
            ? ParameterRefusal.next(
                dialect,
                error.body(),
                accepted,
                modelRequest.tokensMax().isPresent(),
                triedOtherName)
            : Optional.empty();
    if (next.isPresent() && endAttempt()) {
      boolean renames = next.get().limitName() != accepted.limitName();
      triedOtherName |= renames;
      change =
          renames
              ? "refused the name of the limit on tokens and was asked with its other name"
              : "refused a parameter and was asked without it";
      refusals.add(error.words(this::sanitize));
      hasChanges = true;
      accepted = next.get();
      send(); // without a delay, because the endpoint only refused a parameter
      return;
    }
    boolean isAboutLimit =
        modelRequest.tokensMax().isPresent() && accepted.limitName().isRefusedBy(error.body());
    if (refuses && triedOtherName && !isAboutLimit) {
      memory.learn(model.name(), accepted); // refused for another reason: the name is accepted
    }
    failOrRetry(error.reason(this::sanitize), error.mayRetry(), !refuses, error.retryAfter());
  }

  /** Stores the changed parameters, because the endpoint has now accepted them. */
  private void learnParameters() {
    if (!hasChanges) {
      return;
    }
    hasChanges = false;
    memory.learn(model.name(), accepted);
    String words = String.join("; ", refusals.stream().filter(text -> !text.isEmpty()).toList());
    if (!isCancelled()) {
      listener.accept(
          new ModelEvent.Note(
              "The endpoint "
                  + endpoint.name()
                  + " "
                  + change
                  + (words.isEmpty() ? "." : ". It said: " + words)));
    }
  }

  /** Makes a provider's message safe to show: one short line without the key. */
  private String sanitize(String message) {
    return ProviderText.singleLine(KeyMask.mask(message, endpoint.key()));
  }

  // Retries and the end.

  private void failOrRetry(
      String reason, boolean mayRetry, boolean mayAskAnother, Optional<Duration> wait) {
    Duration delay =
        wait.orElse(endpoint.limits().retryDelay().multipliedBy(1L << Math.min(attempts - 1, 10)));
    boolean willRetry =
        mayRetry
            && attempts < endpoint.limits().attemptsMax()
            && delay.compareTo(endpoint.limits().retryAfterMax()) <= 0;
    if (willRetry && !isCancelled()) {
      listener.accept(new ModelEvent.Retry(reason, delay));
    }
    synchronized (this) {
      if (willRetry && endAttempt()) {
        attempts++;
        state = new Pause(timer.after(delay, this::send));
        return;
      }
    }
    end(new ModelEvent.Failed(reason, mayRetry, ModelEnding.ERROR, mayAskAnother));
  }

  /** Ends the current attempt; returns false if the call is closing or has ended. */
  private synchronized boolean endAttempt() {
    if (!(state instanceof Attempt attempt)) {
      return false;
    }
    attempt.cancelSilenceTimer.run();
    state = new Pause(EndpointCall::cancelNothing);
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
    return isEmpty
        ? new ModelEvent.Failed(reason, true, ModelEnding.ERROR, true)
        : new ModelEvent.Failed(reason, true, ModelEnding.CUT);
  }
}
