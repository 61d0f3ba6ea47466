package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.model.FrameReader.Frame;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * Reads the answer of one successful response, streamed or not, up to its last event. The body
 * decides, not its content type. Used by the reading thread of one call; blocks on the connection.
 */
final class AnswerReader {
  private final Dialect dialect;
  private final Endpoint.Limits limits;
  private final UnaryOperator<String> sanitizer;
  private final Runnable onProgress;
  private final Runnable onFinish;
  private final Consumer<ModelEvent> onPart;

  private final EndingDetector ending = new EndingDetector();
  private final ThoughtSplitter splitter = new ThoughtSplitter();
  private int charCount;

  /** The choice whose text is the answer; -1 before the first text. Others are left out. */
  private int choice = -1;

  private boolean isAtEnd;

  /** Whether thoughts between tags have words; some models send empty tags. */
  private boolean hasThoughts;

  /** The first frame that is no JSON, for the reason of a failure; empty without one. */
  private String unreadable = "";

  /**
   * Creates a reader of one answer.
   *
   * @param sanitizer makes a provider's message safe to show
   * @param onProgress runs for each part that shows that the model is working
   * @param onFinish runs when the model has finished; only counts of tokens may follow
   * @param onPart receives each piece of the answer and of the thoughts
   */
  AnswerReader(
      Dialect dialect,
      Endpoint.Limits limits,
      UnaryOperator<String> sanitizer,
      Runnable onProgress,
      Runnable onFinish,
      Consumer<ModelEvent> onPart) {
    this.dialect = dialect;
    this.limits = limits;
    this.sanitizer = sanitizer;
    this.onProgress = onProgress;
    this.onFinish = onFinish;
    this.onPart = onPart;
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
      return readStream(response);
    } catch (FrameReader.FrameTooLong problem) {
      return failed("the model sent a line longer than " + problem.bytesMax() + " bytes");
    } catch (IOException problem) {
      if (ending.isFinished()) {
        return finished(); // only the usage is missing
      }
      if (isEmpty()) {
        throw problem;
      }
      passOn(splitter.end());
      return brokenConnection();
    }
  }

  private ModelEvent readStream(Response response) throws IOException, FrameReader.FrameTooLong {
    BufferedSource source = AnswerBody.of(response);
    FrameReader frames = new FrameReader(limits.lineBytesMax(), limits.answerCharsMax());
    byte[] buffer = new byte[8192];
    while (true) {
      int count = source.read(buffer);
      isAtEnd = count < 0;
      Optional<ModelEvent> last = handle(count < 0 ? frames.end() : frames.feed(buffer, count));
      if (last.isPresent()) {
        return last.get();
      }
      if (count < 0) {
        return endOfStream(frames.strayText(), response);
      }
    }
  }

  private Optional<ModelEvent> handle(List<Frame> frames) {
    for (Frame frame : frames) {
      Optional<ModelEvent> last = handle(frame);
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  private Optional<ModelEvent> handle(Frame frame) {
    String data = frame.data().strip();
    if (data.equals("[DONE]")) {
      return Optional.of(finished());
    }
    if (data.isEmpty()) {
      return Optional.empty();
    }
    Optional<JsonNode> json = Frames.parse(data).map(Frames::unwrapped);
    boolean isError = frame.name().equals("error");
    if (json.isEmpty() || !json.get().isObject()) {
      return isError ? failure(new ProviderError(data, false)) : notAnObject(data, json);
    }
    Optional<ProviderError> error = ProviderError.ofFrame(json.get());
    if (error.isPresent() || isError) {
      return failure(error.orElseGet(() -> ProviderError.of(json.get())));
    }
    return switch (dialect.read(json.get())) {
      case Piece.Part part -> handle(part, frame.isBare());
      case Piece.Failure failure -> failure(failure.error());
      case Piece.Skipped() -> Optional.empty();
      case Piece.End() -> Optional.of(finished());
    };
  }

  /** A comment, or a number or text that says nothing; JSON that is cut fails the call. */
  private Optional<ModelEvent> notAnObject(String data, Optional<JsonNode> json) {
    if (json.isEmpty() && isAtEnd && !isEmpty() && !ending.isFinished() && isCut(data)) {
      passOn(splitter.end());
      return Optional.of(brokenConnection());
    }
    if (json.isEmpty() && data.startsWith("{")) {
      return ending.isFinishedWell()
          ? Optional.of(finished())
          : Optional.of(failed("the model sent something that is not JSON"));
    }
    if (json.isEmpty() && unreadable.isEmpty()) {
      unreadable = data;
    }
    return Optional.empty();
  }

  /** Whether the text is the beginning of a JSON object. */
  private static boolean isCut(String data) {
    return data.startsWith("{") && new JsonEnd().find(data) < 0;
  }

  private Optional<ModelEvent> failure(ProviderError error) {
    if (ending.isFinishedWell()) {
      return Optional.of(finished());
    }
    passOn(splitter.end());
    return Optional.of(
        new ModelEvent.Failed(
            "the model said: " + sanitizer.apply(error.message()),
            error.isTemporary(),
            ModelEnding.ERROR));
  }

  private Optional<ModelEvent> handle(Piece.Part part, boolean isBare) {
    if (!part.text().isEmpty()) {
      choice = choice < 0 ? part.choice() : choice;
      if (choice != part.choice()) {
        return Optional.empty();
      }
    }
    ending.add(part);
    if (part.showsProgress()) {
      onProgress.run();
    }
    if (part.finishReason().isPresent()) {
      onFinish.run();
    }
    if (!part.thoughts().isEmpty()) {
      onPart.accept(new ModelEvent.Thought(part.thoughts()));
    }
    if (!part.text().isEmpty() && !passOn(splitter.add(part.text()))) {
      return Optional.of(
          failed(
              "the model sent an answer longer than " + limits.answerCharsMax() + " characters"));
    }
    if (isBare && part.isWhole() && !isEmptyWith(part)) {
      ending.finishWithoutReason(); // an answer that is not streamed may have no finish reason
    }
    return Optional.empty();
  }

  private boolean isEmptyWith(Piece.Part part) {
    return isEmpty() && part.text().isEmpty();
  }

  /** Passes pieces on; returns false if the answer is longer than the limit. */
  private boolean passOn(List<ThoughtSplitter.Piece> pieces) {
    for (ThoughtSplitter.Piece piece : pieces) {
      switch (piece) {
        case ThoughtSplitter.Piece.Thought(String text) -> {
          hasThoughts |= !text.isBlank();
          if (hasThoughts) {
            ending.addThoughts();
            onPart.accept(new ModelEvent.Thought(text));
          }
        }
        case ThoughtSplitter.Piece.AnswerWasThoughts() -> {
          ending.answerWasThoughts();
          onPart.accept(new ModelEvent.TextWasThoughts());
        }
        case ThoughtSplitter.Piece.Answer(String text) -> {
          ending.addAnswer(text);
          charCount += text.length();
          if (charCount > limits.answerCharsMax()) {
            return false;
          }
          onPart.accept(new ModelEvent.Delta(text));
        }
      }
    }
    return true;
  }

  private ModelEvent finished() {
    passOn(splitter.end());
    if (splitter.hadThoughts()) {
      ending.addThoughts();
    }
    return ending.lastEvent();
  }

  private ModelEvent endOfStream(String strayText, Response response) {
    if (ending.isFinished()) {
      return finished();
    }
    passOn(splitter.end());
    if (!isEmpty()) {
      return brokenConnection();
    }
    String words = unreadable.isEmpty() ? strayText : unreadable;
    String label = String.valueOf(response.header("Content-Type", ""));
    if (words.startsWith("<") || label.toLowerCase(Locale.ROOT).startsWith("text/html")) {
      return failed("the model endpoint answered with a web page; its URL may be wrong");
    }
    String encoding = String.valueOf(response.header("Content-Encoding", ""));
    if (encoding.toLowerCase(Locale.ROOT).matches("br|zstd|compress")) {
      return failed(
          "the model endpoint compressed its answer with "
              + encoding
              + ", which the request did not ask for");
    }
    return failed(
        words.isEmpty()
            ? "the model endpoint closed the connection without an answer"
            : "the model endpoint sent no answer, only: " + sanitizer.apply(words));
  }

  private static ModelEvent brokenConnection() {
    return new ModelEvent.Failed(
        "the connection to the model broke in the middle of the answer", false, ModelEnding.CUT);
  }

  private static ModelEvent failed(String reason) {
    return new ModelEvent.Failed(reason, false);
  }
}
