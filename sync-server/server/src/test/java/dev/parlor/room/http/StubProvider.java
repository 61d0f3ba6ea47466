package dev.parlor.room.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * An endpoint on loopback that records the bodies of its requests. It answers as OpenAI does,
 * unless a test chooses {@link #message}.
 */
final class StubProvider implements AutoCloseable {
  private final HttpServer server;

  /** The request bodies in order of arrival. */
  final List<String> bodies = new CopyOnWriteArrayList<>();

  /** Maps a request body to the answer; tests may replace it. */
  volatile Function<String, Answer> answer = _ -> text("An answer.", "stop");

  /** One HTTP answer. */
  record Answer(int status, String type, String body) {}

  StubProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/", this::serve);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  /** The settings of a server that uses this endpoint. */
  Map<String, String> settings() {
    return Map.of(
        "PARLOR_LLM_URL", "http://127.0.0.1:" + server.getAddress().getPort() + "/v1",
        "PARLOR_LLM_MODEL", "stub-1",
        "PARLOR_LLM_MODELS", "stub-2");
  }

  /**
   * A stream with one piece of text.
   *
   * @param text the text, escaped for JSON
   */
  static Answer text(String text, String finishReason) {
    return stream(List.of(text), finishReason);
  }

  /**
   * A stream of several pieces of text.
   *
   * @param pieces the pieces, escaped for JSON
   */
  static Answer stream(List<String> pieces, String finishReason) {
    var body = new StringBuilder();
    for (var piece : pieces) {
      body.append("data: {\"choices\":[{\"delta\":{\"content\":\"")
          .append(piece)
          .append("\"}}]}\n\n");
    }
    body.append("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"")
        .append(finishReason)
        .append("\"}]}\n\ndata: [DONE]\n\n");
    return new Answer(200, "text/event-stream", body.toString());
  }

  /**
   * A stream of Anthropic's messages interface with one piece of text.
   *
   * @param text the text, escaped for JSON
   */
  static Answer message(String text) {
    return new Answer(
        200,
        "text/event-stream",
        """
        event: message_start
        data: {"type":"message_start","message":{"usage":{"input_tokens":40,"output_tokens":1}}}

        event: content_block_delta
        data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"%s"}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":10}}

        event: message_stop
        data: {"type":"message_stop"}

        """
            .formatted(text));
  }

  static Answer error(int status, String message) {
    return new Answer(status, "application/json", "{\"error\":{\"message\":\"" + message + "\"}}");
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      bodies.add(body);
      var response = answer.apply(body);
      var bytes = response.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", response.type());
      exchange.sendResponseHeaders(response.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
