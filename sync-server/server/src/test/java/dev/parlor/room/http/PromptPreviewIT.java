package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.image.ImageFiles;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The preview of a prompt equals the HTTP body that the model provider receives, byte for byte. */
class PromptPreviewIT {
  private static final List<String> WORDS =
      List.of(
          "plain",
          "\"quoted\"",
          "back\\slash",
          "caf\u00e9",
          "\ud83e\udda6",
          "\u05e9\u05dc\u05d5\u05dd",
          "tab\tand\nline",
          "</script>",
          "\u2028",
          "e\u0301",
          "{\"a\":1}",
          "50,000");

  @TempDir private Path folder;

  private static String words(Random random, int wordsMax) {
    var text = new StringBuilder("w");
    for (var i = random.nextInt(wordsMax); i >= 0; i--) {
      text.append(' ').append(WORDS.get(random.nextInt(WORDS.size())));
    }
    return text.toString();
  }

  private static String object(String... fields) {
    var json = Json.object();
    for (var i = 0; i < fields.length; i += 2) {
      json.put(fields[i], fields[i + 1]);
    }
    return json.toString();
  }

  /** A question that follows an answer, in half of the cases with a quoted text and a note. */
  private static String question(Member member, Random random, String after) {
    var json = Json.object().put("query", words(random, 8)).put("after", after);
    if (random.nextBoolean()) {
      var attach = json.putArray("attach");
      attach
          .addObject()
          .put("kind", "text")
          .put("text", words(random, 6))
          .put("from", "result:" + after);
      var note = json(member.get("")).path("notes").fieldNames().next();
      var written = object("note", note, "text", words(random, 6));
      assertEquals(200, member.post("/commands/note_text", written).statusCode());
      attach.addObject().put("kind", "note").put("id", note);
      if (random.nextBoolean()) {
        attach
            .addObject()
            .put("kind", "image")
            .put("id", image(member, random))
            .put("text", words(random, 3));
      }
    }
    return json.toString();
  }

  /** Uploads an image of one color; returns its id. */
  private static String image(Member member, Random random) {
    var format = List.of("png", "jpeg", "gif").get(random.nextInt(3));
    var bytes = ImageFiles.of(format, 1 + random.nextInt(9), 7, random.nextInt(1 << 24));
    var http = member.room().http();
    var response =
        http.send(
            http.request(member.room().path("/images"), member.headers())
                .POST(BodyPublishers.ofByteArray(bytes))
                .build());
    assertEquals(201, response.statusCode(), response.body());
    return json(response).path("id").asText();
  }

  private static JsonNode generate(Member member, String body) {
    var response = member.post("/generate", body);
    assertEquals(202, response.statusCode(), response.body());
    return json(member.get("/results/" + json(response).path("request").asText() + "?wait=30"));
  }

  /** Plays random cards; returns the smallest of their token limits, or 0. */
  private static int play(Member member, Random random) {
    var tokensMax = 0;
    for (var i = random.nextInt(5); i > 0; i--) {
      var type = List.of("role", "tone", "format", "constraint", "custom").get(random.nextInt(5));
      assertEquals(
          201, member.post("/play", object("type", type, "text", words(random, 6))).statusCode());
    }
    if (random.nextBoolean()) {
      var card = object("type", "image", "text", words(random, 2), "image", image(member, random));
      assertEquals(201, member.post("/play", card).statusCode());
    }
    for (var i = random.nextInt(3); i > 0; i--) {
      var tokens = List.of(1, 50, 8_193, 50_000, 100_000).get(random.nextInt(5));
      tokensMax = tokensMax == 0 ? tokens : Math.min(tokensMax, tokens);
      member.post("/play", object("type", "token-limit", "text", tokens + " tokens"));
    }
    return tokensMax;
  }

  private void assertBodiesEqualPreviews(
      StubProvider provider, TestServer server, long seed, int configuredTokensMax)
      throws Exception {
    for (var caseNumber = 0; caseNumber < 15; caseNumber++) {
      var random = new Random(seed + caseNumber);
      var ada = server.room("Case " + caseNumber).join("host", server.person("Ada"));
      var tokensMax = play(ada, random);
      var after = "";
      for (var turn = 0; turn <= caseNumber % 3; turn++) {
        var body = question(ada, random, after);
        var preview = json(ada.post("/generate?dryRun=1", body));
        var result = generate(ada, body);
        var received = provider.bodies.getLast();
        var context = "case " + caseNumber + ", seed " + (seed + caseNumber) + ": " + preview;
        assertEquals(preview.path("body").asText(), received, context);
        var parsed = Json.read(received);
        assertEquals(shownMessages(preview), sentMessages(parsed), context);
        assertEquals(preview.path("model"), parsed.path("model"), context);
        var sentTokensMax =
            parsed.path("max_tokens").asInt() + parsed.path("max_completion_tokens").asInt();
        assertEquals(tokensMax == 0 ? configuredTokensMax : tokensMax, sentTokensMax, context);
        assertEquals(sentTokensMax, preview.path("tokensMax").asInt(), context);
        assertEquals(sentTokensMax == 0, preview.path("tokensMax").isNull(), context);
        assertEquals(preview.path("tokensMax"), result.path("tokensMax"), context);
        assertEquals(after, result.path("after").asText("missing"), context);
        assertEquals(turn, assistantMessages(parsed), context);
        assertEquals(storedImages(ada, preview), sentImages(parsed), context);
        after = result.path("request").asText();
      }
    }
  }

  /** Each message of a preview as its role, words, and the types of its images. */
  private static List<String> shownMessages(JsonNode preview) {
    var all = new ArrayList<String>();
    for (var message : preview.path("messages")) {
      var text = message.path("role").asText() + " " + message.path("content").asText();
      var images = new StringBuilder(text);
      message
          .path("images")
          .forEach(each -> images.append(' ').append(each.path("mediaType").asText()));
      all.add(images.toString());
    }
    return all;
  }

  /** Each message of a sent body in the same form. Reads both interfaces of endpoints. */
  private static List<String> sentMessages(JsonNode body) {
    var all = new ArrayList<String>();
    if (body.has("system")) {
      all.add("system " + body.path("system").asText());
    }
    for (var message : body.path("messages")) {
      var content = message.path("content");
      var text = new StringBuilder(content.isTextual() ? content.asText() : "");
      var images = new StringBuilder();
      for (var part : content) {
        text.append(part.path("text").asText());
        if (part.has("image_url")) {
          var url = part.path("image_url").path("url").asText();
          images.append(' ').append(url, "data:".length(), url.indexOf(';'));
        } else if (part.has("source")) {
          assertEquals("base64", part.path("source").path("type").asText());
          images.append(' ').append(part.path("source").path("media_type").asText());
        }
      }
      all.add(message.path("role").asText() + " " + text + images);
    }
    return all;
  }

  /** The bytes of all images in a sent body, in order. */
  private static List<String> sentImages(JsonNode body) {
    var all = new ArrayList<String>();
    for (var message : body.path("messages")) {
      for (var part : message.path("content")) {
        if (part.has("image_url")) {
          all.add(part.path("image_url").path("url").asText().split("base64,", -1)[1]);
        } else if (part.has("source")) {
          all.add(part.path("source").path("data").asText());
        }
      }
    }
    return all;
  }

  /** The stored bytes of all images that a preview shows, in order. */
  private static List<String> storedImages(Member member, JsonNode preview) throws Exception {
    var all = new ArrayList<String>();
    var http = member.room().http();
    for (var message : preview.path("messages")) {
      for (var image : message.path("images")) {
        var path = member.room().path("/images/" + image.path("id").asText());
        var request = http.request(path, member.headers()).GET().build();
        var bytes = http.client.send(request, BodyHandlers.ofByteArray()).body();
        assertEquals(image.path("bytes").asInt(), bytes.length);
        all.add(Base64.getEncoder().encodeToString(bytes));
      }
    }
    return all;
  }

  /** Asserts that images, quotes and notes were sent with the last and with earlier questions. */
  private static void assertAllKindsWereSent(StubProvider provider, String imagePart)
      throws JacksonException {
    var current = new TreeSet<String>();
    var earlier = new TreeSet<String>();
    for (var body : provider.bodies) {
      var messages = Json.read(body).path("messages");
      for (var i = 0; i < messages.size(); i++) {
        var content = messages.path(i).path("content").toString();
        for (var kind : List.of(imagePart, "<quote", "<note", "<image>")) {
          if (messages.path(i).path("role").asText().equals("user") && content.contains(kind)) {
            (i == messages.size() - 1 ? current : earlier).add(kind);
          }
        }
      }
    }
    assertEquals(4, current.size(), "in the last question: " + current);
    assertEquals(4, earlier.size(), "in earlier questions: " + earlier);
  }

  private static int assistantMessages(JsonNode body) {
    var count = 0;
    for (var message : body.path("messages")) {
      count += message.path("role").asText().equals("assistant") ? 1 : 0;
    }
    return count;
  }

  @Test
  @DisplayName("in 15 random cases, the body that a provider receives equals the preview")
  void randomBodiesEqualTheirPreviews() throws Exception {
    try (var provider = new StubProvider();
        var server = TestServer.start(folder, provider.settings())) {
      provider.answer = body -> StubProvider.text("Answer " + body.length(), "stop");
      assertBodiesEqualPreviews(provider, server, 7, 0);
      assertTrue(provider.bodies.stream().anyMatch(body -> body.contains("\"max_tokens\":")));
      assertTrue(provider.bodies.stream().anyMatch(body -> !body.contains("max_")));
      assertAllKindsWereSent(provider, "image_url");
      assertTrue(provider.bodies.stream().anyMatch(body -> !body.contains("image_url")));
    }
  }

  @Test
  @DisplayName(
      "in 15 random cases, the body equals the preview for an endpoint that requires max_completion_tokens")
  void randomBodiesEqualTheirPreviewsWithTheOtherParameter() throws Exception {
    try (var provider = new StubProvider()) {
      var settings = new LinkedHashMap<>(provider.settings());
      settings.put("PARLOR_LLM_MAX_TOKENS", "4096");
      try (var server = TestServer.start(folder, settings)) {
        provider.answer =
            body ->
                body.contains("\"max_tokens\"")
                    ? StubProvider.error(400, "Use 'max_completion_tokens' instead.")
                    : StubProvider.text("Answer " + body.length(), "stop");
        var ada = server.room("First").join("host", server.person("Ada"));
        generate(ada, object("query", "x"));
        assertEquals(2, provider.bodies.size());
        assertBodiesEqualPreviews(provider, server, 1_000, 4_096);
      }
    }
  }

  @Test
  @DisplayName(
      "in 15 random cases, the body that Anthropic's interface receives equals the preview, with images")
  void randomBodiesOfAnthropicEqualTheirPreviews() throws Exception {
    try (var provider = new StubProvider()) {
      var models =
          """
          {"endpoints": [{"preset": "anthropic", "key": "sk-ant", "url": "%s",
            "models": [{"name": "stub-1", "maxTokens": 2000}]}]}
          """
              .formatted(provider.settings().get("PARLOR_LLM_URL"));
      var file = Files.writeString(folder.resolve("models.json"), models);
      try (var server = TestServer.start(folder, Map.of("PARLOR_MODELS", file.toString()))) {
        provider.answer = body -> StubProvider.message("Answer " + body.length());
        assertBodiesEqualPreviews(provider, server, 2_000, 2_000);
        assertAllKindsWereSent(provider, "media_type");
        assertTrue(provider.bodies.stream().anyMatch(body -> body.contains("\"system\":")));
        assertTrue(provider.bodies.stream().allMatch(body -> body.contains("\"max_tokens\":")));
      }
    }
  }

  @Test
  @DisplayName(
      "[GE9] a request after an answer contains the messages that led to it; an unknown id is refused")
  void followUpContainsThePathToItsAnswer() throws Exception {
    try (var provider = new StubProvider();
        var server = TestServer.start(folder, provider.settings())) {
      var ada = server.room("Follow").join("host", server.person("Ada"));
      provider.answer = _ -> StubProvider.text("Once upon", "length");
      var first = generate(ada, object("query", "A tale"));
      assertEquals("length", first.path("ending").asText());
      assertEquals("stopped at the model's own limit", first.path("reason").asText());
      provider.answer = _ -> StubProvider.text(" a time.", "stop");
      var second = generate(ada, object("query", "Go on", "after", first.path("request").asText()));
      assertEquals("done", second.path("status").asText());
      assertEquals("complete", second.path("ending").asText());
      assertTrue(
          provider
              .bodies
              .getLast()
              .contains(
                  "{\"role\":\"user\",\"content\":\"A tale\"},"
                      + "{\"role\":\"assistant\",\"content\":\"Once upon\"},"
                      + "{\"role\":\"user\",\"content\":\"Go on\"}]"),
          provider.bodies.getLast());
      generate(ada, "{\"query\":\"Anew\",\"after\":null}");
      assertFalse(provider.bodies.getLast().contains("assistant"));
      for (var path : List.of("/generate", "/generate?dryRun=1")) {
        var refused = ada.post(path, object("query", "x", "after", "no-such"));
        assertProblem(422, "not-generated", refused);
        assertEquals(
            "invalid: after names no answer of this room", json(refused).path("detail").asText());
      }
    }
  }
}
