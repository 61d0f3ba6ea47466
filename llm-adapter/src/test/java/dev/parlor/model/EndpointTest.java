package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

  @ParameterizedTest
  @DisplayName("the request URL is derived from a base URL with or without version, path and query")
  @CsvSource({
    "http://127.0.0.1:1234, http://127.0.0.1:1234/v1/chat/completions",
    "http://127.0.0.1:1234/, http://127.0.0.1:1234/v1/chat/completions",
    "http://127.0.0.1:1234/v1, http://127.0.0.1:1234/v1/chat/completions",
    "http://127.0.0.1:1234/v1/, http://127.0.0.1:1234/v1/chat/completions",
    "https://a.example/openai, https://a.example/openai/v1/chat/completions",
    "https://a.example/v1beta/openai/, https://a.example/v1beta/openai/chat/completions",
    "https://a.example/v1/chat/completions, https://a.example/v1/chat/completions",
    "https://a.example/v1?version=2, https://a.example/v1/chat/completions?version=2"
  })
  void completionsUrlOfBaseUrl(String baseUrl, String requestUrl) {
    assertEquals(requestUrl, Dialect.of(Endpoint.Kind.OPENAI).url(baseUrl).toString());
  }

  @ParameterizedTest
  @DisplayName("an invalid URL is refused with a message that does not contain the URL")
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:1234",
        "ftp://a.example",
        "http://",
        "http://user:pw@a.example",
        "http://a b"
      })
  void refusalOfAnInvalidUrlDoesNotContainIt(String baseUrl) {
    var refusal =
        assertThrows(IllegalArgumentException.class, () -> Endpoint.openAi(baseUrl, "", "m"));
    assertTrue(String.valueOf(refusal.getMessage()).startsWith("the model URL"));
    assertFalse(String.valueOf(refusal.getMessage()).contains("pw"));
  }

  @DisplayName(
      "the key is never printed, not even when it is refused for a character that no header allows")
  @Test
  void keyIsNeverPrinted() {
    var settings = Endpoint.openAi("http://127.0.0.1:1", "sk-secret", "m");
    assertFalse(settings.toString().contains("secret"));
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> Endpoint.openAi("http://127.0.0.1:1", "sk-\nsecret", "m"));
    assertFalse(String.valueOf(refusal.getMessage()).contains("secret"));
  }
}
