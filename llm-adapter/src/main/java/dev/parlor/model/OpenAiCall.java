package dev.parlor.model;

import dev.parlor.model.Completions.Piece;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * One call to an OpenAI-compatible endpoint, with its retries.
 *
 * <p>Only the thread that reads the answer sends events. Timeouts and {@link #cancel} record the
 * reason and close the connection; the reading thread then reports the reason. Retries happen only
 * before the first piece of text, so no text is shown twice.
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
  private @Nullable Call call;
  private @Nullable String timedOut;
  private boolean cancelled;
  private boolean over;
  private Runnable silence = () -> {};
  private Runnable whole = () -> {};
  private Runnable retry = () -> {};

  // Fields used only by the reading thread of the current attempt.
  private int attempt = 1;
  private LimitName limitName;
  private boolean otherNameTried;
  private int answerChars;
  private final AnswerEnd answerEnd = new AnswerEnd();

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

  void begin() {
    synchronized (this) {
      whole =
          timer.after(
              settings.timeouts().whole(),
              () -> expire("the model took longer than " + seconds(settings.timeouts().whole())));
    }
    send();
  }

  private void send() {
    Call next = http.newCall(request());
    synchronized (this) {
      if (cancelled || timedOut != null) {
        return;
      }
      call = next;
    }
    watch(
        settings.timeouts().connect().plus(settings.timeouts().firstToken()), "gave no first word");
    next.enqueue(this);
  }

  @Override
  public void cancel() {
    close(true, null);
  }

  private void expire(String reason) {
    close(false, reason);
  }

  private void close(boolean byCaller, @Nullable String reason) {
    Call running;
    boolean tell;
    synchronized (this) {
      if (over || cancelled) {
        return;
      }
      cancelled = byCaller;
      timedOut = timedOut == null ? reason : timedOut;
      running = call;
      tell = !byCaller && running == null; // between two attempts there is no reader to tell it
    }
    stopTimers();
    if (running != null) {
      running.cancel();
    } else {
      ended.accept(this);
    }
    if (tell && reason != null) {
      end(new ModelEvent.Failed(reason, true));
    }
  }

  /** Restarts the timeout for the next sign that the model is working. */
  private void watch(Duration limit, String what) {
    String reason = "the model " + what + " within " + seconds(limit);
    synchronized (this) {
      silence.run();
      silence = over || cancelled ? () -> {} : timer.after(limit, () -> expire(reason));
    }
  }

  private synchronized void stopTimers() {
    silence.run();
    whole.run();
    retry.run();
  }

  private static String seconds(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
  }

  @Override
  public void onFailure(Call failed, IOException problem) {
    boolean mayRetry = !(problem instanceof InterruptedIOException) || isConnect(problem);
    failOrRetry(describe(problem), mayRetry, Optional.empty());
  }

  @Override
  public void onResponse(Call answered, Response response) {
    try (response) {
      if (response.isSuccessful()) {
        learnLimitName();
        readAnswer(response);
      } else {
        readError(response);
      }
    } catch (IOException problem) {
      boolean mayRetry = nothingCame() && !(problem instanceof InterruptedIOException);
      if (answerEnd.isFinished()) {
        end(answerEnd.done()); // only the usage is missing
      } else if (nothingCame()) {
        failOrRetry(describe(problem), mayRetry, Optional.empty());
      } else {
        end(broken());
      }
    } catch (SseReader.TooLong _) {
      end(
          failed(
              "the model sent a line longer than " + settings.limits().lineBytesMax() + " bytes"));
    }
  }

  private void readAnswer(Response response) throws IOException, SseReader.TooLong {
    MediaType type = response.body().contentType();
    String subtype = type == null ? "" : type.subtype();
    BufferedSource source = response.body().source();
    if (subtype.equals("json")) {
      readWhole(source);
      return;
    }
    if (type != null && !subtype.equals("event-stream")) {
      end(
          failed(
              "the model endpoint answered with "
                  + type.type()
                  + "/"
                  + subtype
                  + ", not a stream"));
      return;
    }
    SseReader events = new SseReader(settings.limits().lineBytesMax());
    byte[] buffer = new byte[8192];
    while (!over()) {
      int count = source.read(buffer);
      take(count < 0 ? events.end() : events.feed(buffer, count));
      if (count < 0) {
        endOfStream();
      }
    }
  }

  /** An endpoint that ignores {@code stream} sends the whole answer at once. */
  private void readWhole(BufferedSource source) throws IOException {
    int max = settings.limits().answerCharsMax();
    if (source.request(max + 1L)) {
      end(failed("the model sent an answer longer than " + max + " bytes"));
      return;
    }
    take(List.of(new SseReader.Event("message", source.readUtf8())));
    if (!nothingCame()) {
      answerEnd.finishedWithoutWord(); // a whole answer needs no finish reason
    }
    endOfStream();
  }

  private void take(List<SseReader.Event> events) {
    for (SseReader.Event event : events) {
      if (over()) {
        return;
      }
      if (event.data().strip().equals("[DONE]")) {
        end(answerEnd.done());
        return;
      }
      if (event.data().isBlank()) {
        continue;
      }
      switch (Completions.read(event.data())) {
        case Piece.Part part -> take(part);
        case Piece.Failure failure -> end(failed("the model said: " + clean(failure.message())));
        case Piece.Nonsense nonsense -> end(failed("the model sent " + nonsense.what()));
      }
    }
  }

  private void take(Piece.Part part) {
    answerEnd.take(part);
    if (part.alive()) {
      watch(settings.timeouts().betweenTokens(), "said nothing more");
    }
    if (part.text().isEmpty()) {
      return;
    }
    answerChars += part.text().length();
    if (answerChars > settings.limits().answerCharsMax()) {
      int max = settings.limits().answerCharsMax();
      end(failed("the model sent an answer longer than " + max + " characters"));
      return;
    }
    if (!isCancelled()) {
      listener.accept(new ModelEvent.Delta(part.text()));
    }
  }

  private void endOfStream() {
    if (over()) {
      return;
    }
    if (answerEnd.isFinished()) {
      end(answerEnd.done());
    } else if (nothingCame()) {
      end(failed("the model endpoint closed the connection without an answer"));
    } else {
      end(broken());
    }
  }

  /** Whether no part of an answer has arrived, so that the request may be sent again. */
  private boolean nothingCame() {
    return answerChars == 0 && !answerEnd.hasBegun();
  }

  private static ModelEvent broken() {
    return new ModelEvent.Failed(
        "the connection to the model broke in the middle of the answer", false, Ending.CUT);
  }

  /** Stores the limit name after a name change, because the endpoint accepted this name. */
  private void learnLimitName() {
    if (otherNameTried) {
      limitNames.learn(asked.model(), limitName);
    }
  }

  private void readError(Response response) throws IOException {
    int code = response.code();
    BufferedSource source = response.body().source();
    source.request(settings.limits().errorBytesMax());
    long length = Math.min(source.getBuffer().size(), settings.limits().errorBytesMax());
    String body = source.readUtf8(length);
    boolean unfit = (code == 400 || code == 422) && asked.tokensMax().isPresent();
    boolean refusesName = unfit && limitName.isRefusedBy(body);
    if (refusesName && !otherNameTried) {
      otherNameTried = true;
      limitName = limitName.other();
      repeat();
      return;
    }
    if (!refusesName && (code == 400 || code == 422)) {
      learnLimitName(); // the refusal is about something else, so the endpoint knows the name
    }
    String told = Completions.errorMessage(body).map(this::clean).orElse("");
    Optional<Duration> wait = RetryAfter.read(response.header("Retry-After"));
    boolean mayRetry = code == 429 || code == 500 || (code >= 502 && code <= 504);
    String reason = "the model endpoint answered " + code + (told.isEmpty() ? "" : ": " + told);
    if (mayRetry && wait.isPresent()) {
      reason += "; it asks to try again in " + Math.max(1, wait.get().toSeconds()) + " s";
    }
    failOrRetry(reason, mayRetry, wait);
  }

  /** Sends the request again at once, because it was refused before any output. */
  private void repeat() {
    synchronized (this) {
      if (cancelled || timedOut != null) {
        return;
      }
      call = null;
      silence.run();
    }
    send();
  }

  private void failOrRetry(String reason, boolean mayRetry, Optional<Duration> wait) {
    Duration delay =
        wait.orElse(settings.limits().retryDelay().multipliedBy(1L << Math.min(attempt - 1, 10)));
    boolean again =
        mayRetry
            && attempt < settings.limits().attemptsMax()
            && delay.compareTo(settings.limits().retryAfterMax()) <= 0;
    synchronized (this) {
      if (again && !cancelled && timedOut == null) {
        attempt++;
        call = null;
        silence.run();
        retry = timer.after(delay, this::send);
        return;
      }
    }
    end(new ModelEvent.Failed(reason, mayRetry));
  }

  private static ModelEvent failed(String reason) {
    return new ModelEvent.Failed(reason, false);
  }

  /**
   * Sends the last event, once. After a cancel it sends nothing; after a timeout it sends the
   * timeout's reason.
   */
  private void end(ModelEvent last) {
    boolean silent;
    Call running;
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      silent = cancelled;
      running = call;
      if (timedOut != null && last instanceof ModelEvent.Failed) {
        last = new ModelEvent.Failed(timedOut, true, nothingCame() ? Ending.ERROR : Ending.CUT);
      }
    }
    stopTimers();
    if (running != null) {
      running.cancel(); // an answer that is over may still be sending
    }
    ended.accept(this);
    if (!silent) {
      listener.accept(last);
    }
  }

  private synchronized boolean over() {
    return over;
  }

  private synchronized boolean isCancelled() {
    return cancelled;
  }

  private static boolean isConnect(IOException problem) {
    return problem instanceof SocketTimeoutException
        && String.valueOf(problem.getMessage()).contains("onnect");
  }

  private static String describe(IOException problem) {
    return switch (problem) {
      case UnknownHostException _ -> "the model endpoint's host is unknown";
      case ConnectException _ -> "the model endpoint refused the connection";
      case NoRouteToHostException _ -> "the model endpoint cannot be reached";
      case SSLException _ -> "the model endpoint's TLS certificate or protocol was not accepted";
      case SocketTimeoutException _ when isConnect(problem) ->
          "the model endpoint did not accept the connection in time";
      case InterruptedIOException _ -> "the model endpoint did not answer in time";
      default -> "the connection to the model endpoint broke before an answer";
    };
  }

  /** A provider's message for people: one line of bounded length, without the key. */
  private String clean(String message) {
    String text = settings.key().isEmpty() ? message : message.replace(settings.key(), "***");
    return Words.line(text);
  }
}
