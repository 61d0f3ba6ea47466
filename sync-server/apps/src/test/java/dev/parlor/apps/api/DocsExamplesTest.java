package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.rate.RequestRates;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Sends the requests that {@code docs/apps-api.md} shows, and compares the answers that it shows.
 */
class DocsExamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The content of a code block: commands of a shell, or the answer to the last command. */
  private static final Pattern BLOCK =
      Pattern.compile("^```(sh|json)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private static final Pattern BODY = Pattern.compile("/api -d '([^']+)'");
  private static final Pattern TYPE = Pattern.compile("`(req-[a-z-]+)`");

  private final HttpClient http = HttpClient.newHttpClient();

  private static String page() throws Exception {
    return Files.readString(ProjectRoot.folder().resolve("docs/apps-api.md"));
  }

  private HttpResponse<String> send(ApiServer server, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/api"))
            .header("Authorization", "Bearer good-ada")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  @Test
  @DisplayName("every request of the page is understood, and every answer of the page is true")
  void examples() throws Exception {
    var sent = new TreeSet<String>();
    try (var server = new ApiServer(RequestRates.Limits.NONE)) {
      var last = Optional.<HttpResponse<String>>empty();
      for (var block : BLOCK.matcher(page()).results().toList()) {
        if (block.group(1).equals("json")) {
          var answer = JSON.readTree(last.orElseThrow().body());
          assertShown(JSON.readTree(block.group(2)), answer, answer.toString());
        } else {
          for (var body : BODY.matcher(block.group(2)).results().toList()) {
            var message = JSON.readTree(body.group(1));
            var type = message.path("payload").path("type").asText(message.path("type").asText());
            sent.add(type.substring("vibes.diy.".length()));
            last = Optional.of(send(server, body.group(1)));
            assertStatus(type, message, last.get());
          }
        }
      }
    }
    var listed = new TreeSet<String>();
    TYPE.matcher(page()).results().forEach(found -> listed.add(found.group(1)));
    listed.removeAll(Set.of("req-delete-user-slug-binding")); // It would need a slug without apps.
    assertEquals(listed, sent, "the types in the tables, and the types in the examples");
  }

  /** The server of this test has no rooms, and one example shows an error. */
  private static void assertStatus(String type, JsonNode message, HttpResponse<String> answer)
      throws Exception {
    if (type.endsWith("req-parlor-attach-chat-context")) {
      assertEquals(404, answer.statusCode(), answer.body());
      assertEquals("room", JSON.readTree(answer.body()).path("field").asText());
    } else if (message.path("origin").asText().equals("bot")) {
      assertEquals(400, answer.statusCode(), answer.body());
    } else {
      assertEquals(200, answer.statusCode(), answer.body());
    }
  }

  /** Asserts that the answer has each member that the page shows. */
  private static void assertShown(JsonNode shown, JsonNode answer, String all) {
    if (shown.isObject()) {
      shown
          .properties()
          .forEach(
              member -> {
                assertTrue(answer.has(member.getKey()), member.getKey() + " is not in " + all);
                assertShown(member.getValue(), answer.get(member.getKey()), all);
              });
    } else if (!shown.asText().equals("…")) {
      assertEquals(shown, answer, all);
    }
  }
}
