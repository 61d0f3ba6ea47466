package dev.parlor.model;

import dev.parlor.model.Completions.Piece;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import okhttp3.MediaType;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * Reads the answer of one successful response, streamed or not, up to its last event. Used by the
 * reading thread of one call; blocks on the connection.
 */
final class AnswerReader {
  private final OpenAiSettings.Limits limits;
  private final UnaryOperator<String> sanitizer;
  private final Runnable onProgress;
  private final Consumer<String> onText;

  private final EndingDetector ending = new EndingDetector();
  private int charCount;

  /**
   * Creates a reader of one answer.
   *
   * @param sanitizer makes a provider's message safe to show
   * @param onProgress runs for each part that shows that the model is working
   * @param onText receives each piece of the answer
   */
  AnswerReader(
      OpenAiSettings.Limits limits,
      UnaryOperator<String> sanitizer,
      Runnable onProgress,
      Consumer<String> onText) {
    this.limits = limits;
    this.sanitizer = sanitizer;
    this.onProgress = onProgress;
    this.onText = onText;
  }

  /** Whether no part of an answer has arrived, so that the request may be sent again. */
  boolean isEmpty() {
    return charCount == 0 && !ending.hasBegun();
  }

  /**
   * Reads the answer to its end.
   *
   * @return the last event; it is {@link ModelEvent.Done} even if the stream broke after the model
   *     had finished
   * @throws IOException if the stream broke before any part of an answer
   */
  ModelEvent read(Response response) throws IOException {
    try {
      return readBody(response);
    } catch (SseReader.EventTooLong _) {
      return failed("the model sent a line longer than " + limits.lineBytesMax() + " bytes");
    } catch (IOException problem) {
      if (ending.isFinished()) {
        return ending.lastEvent(); // only the usage is missing
      }
      if (isEmpty()) {
        throw problem;
      }
      return brokenConnection();
    }
  }

  private ModelEvent readBody(Response response) throws IOException, SseReader.EventTooLong {
    MediaType type = response.body().contentType();
    String subtype = type == null ? "" : type.subtype();
    BufferedSource source = response.body().source();
    if (subtype.equals("json")) {
      return readWhole(source);
    }
    if (type != null && !subtype.equals("event-stream")) {
      return failed(
          "the model endpoint answered with " + type.type() + "/" + subtype + ", not a stream");
    }
    return readStream(source);
  }

  private ModelEvent readStream(BufferedSource source) throws IOException, SseReader.EventTooLong {
    SseReader events = new SseReader(limits.lineBytesMax());
    byte[] buffer = new byte[8192];
    while (true) {
      int count = source.read(buffer);
      Optional<ModelEvent> last = handle(count < 0 ? events.end() : events.feed(buffer, count));
      if (last.isPresent()) {
        return last.get();
      }
      if (count < 0) {
        return endOfStream();
      }
    }
  }

  /** Reads an answer that is not streamed, from an endpoint that ignores {@code stream}. */
  private ModelEvent readWhole(BufferedSource source) throws IOException {
    int max = limits.answerCharsMax();
    if (source.request(max + 1L)) {
      return failed("the model sent an answer longer than " + max + " bytes");
    }
    Optional<ModelEvent> last = handle(List.of(new SseReader.Event("message", source.readUtf8())));
    if (last.isPresent()) {
      return last.get();
    }
    if (!isEmpty()) {
      ending.finishWithoutReason(); // an answer that is not streamed may have none
    }
    return endOfStream();
  }

  private Optional<ModelEvent> handle(List<SseReader.Event> events) {
    for (SseReader.Event event : events) {
      Optional<ModelEvent> last = handle(event.data());
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  private Optional<ModelEvent> handle(String data) {
    if (data.strip().equals("[DONE]")) {
      return Optional.of(ending.lastEvent());
    }
    if (data.isBlank()) {
      return Optional.empty();
    }
    return switch (Completions.read(data)) {
      case Piece.Part part -> handle(part);
      case Piece.Failure failure ->
          Optional.of(failed("the model said: " + sanitizer.apply(failure.message())));
      case Piece.Invalid invalid -> Optional.of(failed("the model sent " + invalid.content()));
    };
  }

  private Optional<ModelEvent> handle(Piece.Part part) {
    ending.add(part);
    if (part.showsProgress()) {
      onProgress.run();
    }
    if (part.text().isEmpty()) {
      return Optional.empty();
    }
    charCount += part.text().length();
    if (charCount > limits.answerCharsMax()) {
      return Optional.of(
          failed(
              "the model sent an answer longer than " + limits.answerCharsMax() + " characters"));
    }
    onText.accept(part.text());
    return Optional.empty();
  }

  private ModelEvent endOfStream() {
    if (ending.isFinished()) {
      return ending.lastEvent();
    }
    return isEmpty()
        ? failed("the model endpoint closed the connection without an answer")
        : brokenConnection();
  }

  private static ModelEvent brokenConnection() {
    return new ModelEvent.Failed(
        "the connection to the model broke in the middle of the answer", false, ModelEnding.CUT);
  }

  private static ModelEvent failed(String reason) {
    return new ModelEvent.Failed(reason, false);
  }
}
