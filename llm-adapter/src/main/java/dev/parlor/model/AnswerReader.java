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
 * Reads the answer of one successful response, as a stream or as a whole, up to its last event.
 * Used by the thread that reads the response; blocks on it.
 */
final class AnswerReader {
  private final OpenAiSettings.Limits limits;
  private final UnaryOperator<String> clean;
  private final Runnable alive;
  private final Consumer<String> text;

  private final AnswerEnd answerEnd = new AnswerEnd();
  private int chars;

  /**
   * Has read nothing yet.
   *
   * @param clean makes a provider's message safe to show
   * @param alive runs at each sign that the model is working
   * @param text receives each piece of the answer
   */
  AnswerReader(
      OpenAiSettings.Limits limits,
      UnaryOperator<String> clean,
      Runnable alive,
      Consumer<String> text) {
    this.limits = limits;
    this.clean = clean;
    this.alive = alive;
    this.text = text;
  }

  /** Whether no part of an answer has arrived, so that the request may be sent again. */
  boolean isEmpty() {
    return chars == 0 && !answerEnd.hasBegun();
  }

  /**
   * Reads to the end.
   *
   * @return the last event; {@link ModelEvent.Done} also if the stream broke after the model had
   *     finished
   * @throws IOException if the stream broke before any part of an answer
   */
  ModelEvent read(Response response) throws IOException {
    try {
      return readBody(response);
    } catch (SseReader.TooLong _) {
      return failed("the model sent a line longer than " + limits.lineBytesMax() + " bytes");
    } catch (IOException problem) {
      if (answerEnd.isFinished()) {
        return answerEnd.done(); // only the usage is missing
      }
      if (isEmpty()) {
        throw problem;
      }
      return broken();
    }
  }

  private ModelEvent readBody(Response response) throws IOException, SseReader.TooLong {
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

  private ModelEvent readStream(BufferedSource source) throws IOException, SseReader.TooLong {
    SseReader events = new SseReader(limits.lineBytesMax());
    byte[] buffer = new byte[8192];
    while (true) {
      int count = source.read(buffer);
      Optional<ModelEvent> last = take(count < 0 ? events.end() : events.feed(buffer, count));
      if (last.isPresent()) {
        return last.get();
      }
      if (count < 0) {
        return endOfStream();
      }
    }
  }

  /** An endpoint that ignores {@code stream} sends the whole answer at once. */
  private ModelEvent readWhole(BufferedSource source) throws IOException {
    int max = limits.answerCharsMax();
    if (source.request(max + 1L)) {
      return failed("the model sent an answer longer than " + max + " bytes");
    }
    Optional<ModelEvent> last = take(List.of(new SseReader.Event("message", source.readUtf8())));
    if (last.isPresent()) {
      return last.get();
    }
    if (!isEmpty()) {
      answerEnd.finishedWithoutWord(); // a whole answer needs no finish reason
    }
    return endOfStream();
  }

  private Optional<ModelEvent> take(List<SseReader.Event> events) {
    for (SseReader.Event event : events) {
      Optional<ModelEvent> last = take(event.data());
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  private Optional<ModelEvent> take(String data) {
    if (data.strip().equals("[DONE]")) {
      return Optional.of(answerEnd.done());
    }
    if (data.isBlank()) {
      return Optional.empty();
    }
    return switch (Completions.read(data)) {
      case Piece.Part part -> take(part);
      case Piece.Failure failure ->
          Optional.of(failed("the model said: " + clean.apply(failure.message())));
      case Piece.Nonsense nonsense -> Optional.of(failed("the model sent " + nonsense.what()));
    };
  }

  private Optional<ModelEvent> take(Piece.Part part) {
    answerEnd.take(part);
    if (part.alive()) {
      alive.run();
    }
    if (part.text().isEmpty()) {
      return Optional.empty();
    }
    chars += part.text().length();
    if (chars > limits.answerCharsMax()) {
      return Optional.of(
          failed(
              "the model sent an answer longer than " + limits.answerCharsMax() + " characters"));
    }
    text.accept(part.text());
    return Optional.empty();
  }

  private ModelEvent endOfStream() {
    if (answerEnd.isFinished()) {
      return answerEnd.done();
    }
    return isEmpty()
        ? failed("the model endpoint closed the connection without an answer")
        : broken();
  }

  private static ModelEvent broken() {
    return new ModelEvent.Failed(
        "the connection to the model broke in the middle of the answer", false, ModelEnding.CUT);
  }

  private static ModelEvent failed(String reason) {
    return new ModelEvent.Failed(reason, false);
  }
}
