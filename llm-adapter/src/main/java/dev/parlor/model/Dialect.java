package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.model.Endpoint.ServedModel;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The interface of a kind of endpoint: writes requests and reads answers. Stateless. */
sealed interface Dialect permits ChatDialect, MessagesDialect {

  static Dialect of(Endpoint.Kind kind) {
    return switch (kind) {
      case OPENAI -> ChatDialect.INSTANCE;
      case ANTHROPIC -> MessagesDialect.INSTANCE;
    };
  }

  /** The URL for requests to an endpoint with this base URL. */
  URI url(String baseUrl);

  /** The headers that prove the key and choose the version of the interface. */
  Map<String, String> headers(String key);

  /** The body of a request. People can read it before it is sent. */
  String body(ModelRequest request, ServedModel model, AcceptedParameters accepted);

  /** The parameters without which a refused request may be sent again. */
  List<String> optionalParameters();

  /**
   * Reads one frame of an answer, or a whole answer that is not streamed.
   *
   * @param frame a JSON object without an error
   */
  Piece read(JsonNode frame);
}
