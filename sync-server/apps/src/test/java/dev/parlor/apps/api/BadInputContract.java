package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.rate.RequestRates;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers to good and bad messages; both transports give the same. */
abstract class BadInputContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROMPT =
      """
      {"type": "prompt.txt", "streamId": "s", "timestamp": "2026-01-01T00:00:00Z",
       "request": {"model": "m", "messages": []}}
      """;

  final ApiServer server;

  BadInputContract() throws Exception {
    server = new ApiServer(RequestRates.Limits.NONE);
  }

  /** Sends a message and returns the answer. */
  abstract CompletableFuture<String> send(String message) throws Exception;

  abstract void open(int port) throws Exception;

  abstract void shut() throws Exception;

  @BeforeEach
  void openClient() throws Exception {
    open(server.port());
  }

  @AfterEach
  void closeAll() throws Exception {
    shut();
    server.close();
  }

  @Test
  @DisplayName(
      "an answer has the request's tid, src and dst in each other's place, and a ttl smaller by one")
  void envelope() throws Exception {
    var answer = answer(enveloped("t1", "req-ensure-chat-context", "{\"contextId\": \"ctx-1\"}"));
    assertEquals("t1", answer.path("tid").asText());
    assertEquals("there", answer.path("src").asText());
    assertEquals("here", answer.path("dst").asText());
    assertEquals(5, answer.path("ttl").asInt());
    assertEquals("vibes.diy.res-ensure-chat-context", answer.path("payload").path("type").asText());
    assertEquals("ctx-1", answer.path("payload").path("contextId").asText());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"no json", "[1]", "{\"a\":1,\"a\":2}", "{} {}", "\"x\""})
  @DisplayName(
      "a message that is no JSON object is answered with invalid-request and an empty tid, and the next is served")
  void notJson(String message) throws Exception {
    var answer = answer(message);
    assertRefused(answer, "invalid-request", "");
    assertEquals("", answer.path("tid").asText());
    assertEquals(
        "t2",
        answer(enveloped("t2", "req-ensure-chat-context", "{}")).path("tid").asText(),
        "the next message is served");
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource({
    "tid,7",
    "src,null",
    "dst,{}",
    "ttl,1.5",
    "ttl,\"6\"",
    "ttl,null",
    "payload,3",
    "payload,null"
  })
  @DisplayName("an envelope with a wrong field is refused with invalid-request, naming the field")
  void envelopeFields(String field, String value) throws Exception {
    var message = (ObjectNode) JSON.readTree(enveloped("t1", "req-list-recent-vibes", "{}"));
    message.set(field, JSON.readTree(value));
    assertRefused(answer(message.toString()), "invalid-request", field);
  }

  @Test
  @DisplayName("a tid above 128 characters is refused, naming tid")
  void longTid() throws Exception {
    assertRefused(
        answer(enveloped("t".repeat(129), "req-list-recent-vibes", "{}")),
        "invalid-request",
        "tid");
  }

  @ParameterizedTest(name = "ttl {0}")
  @ValueSource(ints = {0, -3})
  @DisplayName("a message without hops left is refused with ttl-expired")
  void ttl(int ttl) throws Exception {
    var message = (ObjectNode) JSON.readTree(enveloped("t1", "req-list-recent-vibes", "{}"));
    message.put("ttl", ttl);
    assertRefused(answer(message.toString()), "ttl-expired", "ttl");
  }

  @ParameterizedTest(name = "auth {0}: {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "null; require-login; auth",
        "{\"type\":\"x\",\"token\":\"t\"}; invalid-auth-type; auth.type",
        "{\"type\":\"ucan\",\"token\":\"t\"}; invalid-auth-type; auth.type",
        "{\"type\":\"clerk\",\"token\":\"old\"}; bad-token; auth.token",
        "{\"type\":\"clerk\"}; invalid-request; auth.token",
        "{\"token\":\"t\"}; invalid-request; auth.type",
        "7; invalid-request; auth"
      })
  @DisplayName("a request without a proved user is refused, naming the reason")
  void auth(String auth, String code, String field) throws Exception {
    var message = (ObjectNode) JSON.readTree(enveloped("t1", "req-list-recent-vibes", "{}"));
    var payload = (ObjectNode) message.get("payload");
    payload.set("auth", JSON.readTree(auth));
    payload.putObject("_auth").put("userId", "jwt:ada");
    assertRefused(answer(message.toString()), code, field);
    assertEquals(List.of(), keys());
  }

  @Test
  @DisplayName("an unknown type is refused with unknown-type, without any part of the request")
  void unknownType() throws Exception {
    var answer = answer(enveloped("t1", "req-open-chat", "{\"secret\": \"hidden\"}"));
    assertRefused(answer, "unknown-type", "type");
    assertFalse(answer.toString().contains("good-ada"), answer.toString());
    assertFalse(answer.toString().contains("hidden"), answer.toString());
  }

  @ParameterizedTest(name = "{0} {1}: {3}")
  @CsvSource(
      delimiter = ';',
      value = {
        "req-ensure-app-slug; {\"mode\":\"prod\",\"fileSystem\":[]}; invalid-request; mode",
        "req-ensure-app-slug; {\"fileSystem\":[]}; invalid-request; mode",
        "req-ensure-app-slug; {\"mode\":\"dev\"}; invalid-request; fileSystem",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[]}; app-slug-invalid; fileSystem",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[3]}; invalid-request; fileSystem[0]",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"zip\"}]}; invalid-request; fileSystem[0].type",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"code-block\",\"lang\":\"js\",\"content\":\"\"}]}; invalid-request; fileSystem[0].filename",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"code-block\",\"lang\":\"js\",\"content\":\"\",\"filename\":\"/../a\"}]}; invalid-request; fileSystem[0].filename",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"env\":{\"K\":1},\"fileSystem\":[]}; invalid-request; env.K",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"ownerHandle\":\"a-one\",\"userSlug\":\"a-two\",\"fileSystem\":[]}; invalid-request; ownerHandle",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"posture\":\"private\",\"fileSystem\":[]}; invalid-request; posture",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"code-ref\",\"filename\":\"/a.js\",\"refId\":\"zzz\"}]}; asset-ref-unknown; fileSystem[0].refId",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"uint8-asset-block\",\"filename\":\"/a.png\",\"content\":{\"0\":256}}]}; invalid-request; fileSystem[0].content",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"uint8-asset-block\",\"filename\":\"/a.png\",\"content\":[\"abc\"]}]}; invalid-request; fileSystem[0].content",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"uint8-asset-block\",\"filename\":\"/a.png\",\"content\":{\"0\":1,\"2\":3}}]}; invalid-request; fileSystem[0].content",
        "req-ensure-app-slug; {\"mode\":\"dev\",\"fileSystem\":[{\"type\":\"uint8-asset-block\",\"filename\":\"/a.png\",\"content\":\"%%%\"}]}; invalid-request; fileSystem[0].content",
        "req-append-chat-section; {\"contextId\":\"unknown\",\"origin\":\"user\",\"blocks\":[]}; invalid-request; blocks",
        "req-append-chat-section; {\"contextId\":\"unknown\",\"origin\":\"bot\",\"blocks\":[]}; invalid-request; origin",
        "req-append-chat-section; {\"contextId\":\"unknown\",\"origin\":\"user\",\"blocks\":[{\"type\":\"x\"}]}; invalid-request; blocks[0].type",
        "req-ensure-chat-context; {\"contextId\":7}; invalid-request; contextId",
        "req-publish-app; {\"appSlug\":\"my-app\"}; invalid-request; ownerHandle",
        "req-publish-app; {\"appSlug\":\"my-app\",\"ownerHandle\":\"ada\",\"showAuthor\":\"yes\"}; invalid-request; showAuthor",
        "req-publish-app; {\"appSlug\":\"my-app\",\"ownerHandle\":\"ada\",\"showAuthor\":true}; invalid-request; authorName",
        "req-publish-app; {\"appSlug\":\"my-app\",\"ownerHandle\":\"ada\",\"showAuthor\":true,\"authorName\":\"  \"}; invalid-request; authorName",
        "req-publish-app; {\"appSlug\":\"my-app\",\"ownerHandle\":\"ada\",\"showAuthor\":true,\"authorName\":\"a\\u202eb\"}; invalid-request; authorName",
        "req-publish-app; {\"appSlug\":\"my-app\",\"ownerHandle\":\"ada\",\"authorName\":\"Ada\"}; invalid-request; showAuthor",
        "req-set-unpublish; {\"appSlug\":\"my-app\",\"ownerHandle\":\"ada\",\"unpublish\":\"yes\"}; invalid-request; unpublish",
        "req-create-user-slug-binding; {\"ownerHandle\":\"A\"}; user-slug-invalid; ownerHandle",
        "req-parlor-attach-chat-context; {\"contextId\":\"unknown\",\"room\":\"x\"}; not-found; room"
      })
  @DisplayName("a request with a wrong field is refused with its code, naming the field")
  void fields(String type, String members, String code, String field) throws Exception {
    assertRefused(answer(enveloped("t1", type, members)), code, field);
  }

  @Test
  @DisplayName(
      "an append to an unknown context and to another user's are refused, each with its code")
  void contexts() throws Exception {
    var append = "{\"contextId\":\"ctx-1\",\"origin\":\"user\",\"blocks\":[" + PROMPT + "]}";
    assertRefused(
        answer(enveloped("t1", "req-append-chat-section", append)), "not-found", "contextId");
    answer(enveloped("t2", "req-ensure-chat-context", "{\"contextId\":\"ctx-1\"}"));
    assertRefused(
        answer(enveloped("t3", "req-append-chat-section", append, "bob")),
        "access-denied",
        "contextId");
    var first = answer(enveloped("t4", "req-append-chat-section", append));
    assertEquals(0, first.path("payload").path("seq").asInt(-1));
    assertEquals("user", first.path("payload").path("origin").asText());
  }

  @Test
  @DisplayName("a source that does not compile is refused with file, line and column")
  void brokenSource() throws Exception {
    var answer = answer(enveloped("t1", "req-ensure-app-slug", deploy("BROKEN")));
    assertRefused(answer, "transform-failed", "");
    assertEquals("/App.jsx", answer.path("payload").path("file").asText());
    assertEquals(12, answer.path("payload").path("line").asInt());
    assertEquals(5, answer.path("payload").path("column").asInt());
  }

  @Test
  @DisplayName(
      "a defect is answered with server-error and an id, without a stack trace or its message")
  void defect() throws Exception {
    var answer = answer(enveloped("t1", "req-ensure-app-slug", deploy("DEFECT")));
    assertRefused(answer, "server-error", "");
    assertEquals(36, answer.path("payload").path("id").asText().length());
    assertFalse(answer.toString().contains("secret"), answer.toString());
  }

  @Test
  @DisplayName(
      "a full disk is answered with unavailable, nothing is bound, and the next deploy works")
  void fullDisk() throws Exception {
    server.store.refuseCommits(true);
    assertRefused(answer(enveloped("t1", "req-ensure-app-slug", deploy("x"))), "unavailable", "");
    server.store.refuseCommits(false);
    assertEquals(List.of(), keys());
    var deployed = answer(enveloped("t2", "req-ensure-app-slug", deploy("x"))).path("payload");
    assertEquals(1, deployed.path("releaseSeq").asInt());
  }

  @Test
  @DisplayName(
      "a deploy is answered with all names, files and URLs, and names an unknown field in its warnings")
  void deploys() throws Exception {
    var members = (ObjectNode) JSON.readTree(deploy("x"));
    members.put("colour", "red").put("runId", "r");
    var deployed =
        answer(enveloped("t1", "req-ensure-app-slug", members.toString())).path("payload");
    for (var name :
        List.of("appSlug", "userSlug", "ownerHandle", "fsId", "entryPointUrl", "wrapperUrl")) {
      assertTrue(deployed.path(name).isTextual(), name);
    }
    assertEquals("production", deployed.path("mode").asText());
    assertEquals("my-app", deployed.path("appSlug").asText());
    assertTrue(
        deployed
            .path("fileSystem")
            .get(0)
            .path("assetURI")
            .asText()
            .startsWith("mapdb://Assets.z"));
    assertEquals(1, deployed.path("warnings").size(), deployed.toString());
    assertTrue(deployed.path("warnings").get(0).asText().contains("colour"));
  }

  @Test
  @DisplayName(
      "an app's page shows no author until a publish request says so, with a name of at most 60 characters")
  void author() throws Exception {
    var app = "{\"appSlug\":\"my-app\",\"ownerHandle\":\"" + deployed() + "\"";
    var find = app + "}";
    var shown = answer(enveloped("t2", "req-get-app-by-fsid", find)).path("payload");
    assertFalse(shown.path("showAuthor").asBoolean(true), shown.toString());
    assertTrue(shown.path("authorName").isMissingNode());

    var name = "\ud83c\udf33".repeat(AppLimits.AUTHOR_NAME_LENGTH_MAX);
    var publish = app + ",\"showAuthor\":true,\"authorName\":\"" + name + "\"}";
    var published = answer(enveloped("t3", "req-publish-app", publish)).path("payload");
    assertEquals(name, published.path("authorName").asText(), published.toString());
    for (var user : List.of("ada", "bob")) {
      var read = answer(enveloped("t4", "req-get-app-by-fsid", find, user)).path("payload");
      assertTrue(read.path("showAuthor").asBoolean(), read.toString());
      assertEquals(name, read.path("authorName").asText());
    }
    var tooLong = app + ",\"showAuthor\":true,\"authorName\":\"" + name + "x\"}";
    assertRefused(
        answer(enveloped("t5", "req-publish-app", tooLong)), "invalid-request", "authorName");
    var hidden = app + ",\"showAuthor\":false,\"authorName\":\"Ada\"}";
    var answer = answer(enveloped("t6", "req-publish-app", hidden)).path("payload");
    assertFalse(answer.path("showAuthor").asBoolean(true), answer.toString());
    assertFalse(answer.has("authorName"));
  }

  /** Deploys an app, and returns the slug of its user. */
  private String deployed() throws Exception {
    return answer(enveloped("t1", "req-ensure-app-slug", deploy("x")))
        .path("payload")
        .path("userSlug")
        .asText();
  }

  @Test
  @DisplayName("bytes as base64, as a list and as an object by index are the same file")
  void bytes() throws Exception {
    var ids = new HashSet<String>();
    for (var content : List.of("\"iVA=\"", "[137,80]", "{\"0\":137,\"1\":80}")) {
      var members =
          "{\"mode\":\"dev\",\"appSlug\":\"my-app\",\"fileSystem\":[{\"type\":\"code-block\",\"lang\":\"js\","
              + "\"filename\":\"/a.js\",\"content\":\"\"},{\"type\":\"uint8-asset-block\",\"filename\":\"/a.png\","
              + "\"content\":"
              + content
              + "}]}";
      ids.add(
          answer(enveloped("t1", "req-ensure-app-slug", members))
              .path("payload")
              .path("fsId")
              .asText());
    }
    assertEquals(1, ids.size(), ids.toString());
  }

  @Test
  @DisplayName("two requests with the same tid are both answered")
  void sameTid() throws Exception {
    var one = send(enveloped("t1", "req-ensure-chat-context", "{}"));
    var two = send(enveloped("t1", "req-ensure-chat-context", "{}"));
    var ids = new HashSet<String>();
    for (var answer : List.of(one, two)) {
      ids.add(
          JSON.readTree(answer.get(30, TimeUnit.SECONDS))
              .path("payload")
              .path("contextId")
              .asText());
    }
    assertEquals(2, ids.size());
  }

  @Test
  @DisplayName("two hundred requests at once are all answered")
  void manyAtOnce() throws Exception {
    answer(enveloped("t0", "req-ensure-chat-context", "{\"contextId\":\"ctx-1\"}"));
    var all = new ArrayList<CompletableFuture<String>>();
    for (var i = 0; i < 200; i++) {
      var members = "{\"contextId\":\"ctx-1\",\"origin\":\"user\",\"blocks\":[" + PROMPT + "]}";
      all.add(send(enveloped("t" + i, "req-append-chat-section", members)));
    }
    var numbers = new HashSet<Integer>();
    for (var one : all) {
      numbers.add(
          JSON.readTree(one.get(60, TimeUnit.SECONDS)).path("payload").path("seq").asInt(-1));
    }
    assertEquals(200, numbers.size());
    assertFalse(numbers.contains(-1));
  }

  @Test
  @DisplayName("a section above 256 KiB and a deploy above 8 MiB are refused with too-large")
  void tooLarge() throws Exception {
    var line =
        "{\"type\":\"block.code.line\",\"blockId\":\"b\",\"streamId\":\"s\",\"seq\":1,\"blockNr\":0,\"timestamp\":1,\"lineNr\":1,\"line\":\""
            + "x".repeat(AppLimits.SECTION_BYTES_MAX)
            + "\"}";
    var append = "{\"contextId\":\"ctx-1\",\"origin\":\"llm\",\"blocks\":[" + line + "]}";
    assertRefused(
        answer(enveloped("t1", "req-append-chat-section", append)), "too-large", "blocks");
    var files = new ArrayList<String>();
    for (var i = 0; i < 9; i++) {
      files.add(
          "{\"type\":\"str-asset-block\",\"filename\":\"/"
              + i
              + ".html\",\"content\":\""
              + "x".repeat(AppLimits.TEXT_BYTES_MAX)
              + "\"}");
    }
    var deploy = "{\"mode\":\"dev\",\"fileSystem\":[" + String.join(",", files) + "]}";
    assertRefused(
        answer(enveloped("t2", "req-ensure-app-slug", deploy)), "too-large", "fileSystem");
  }

  private static String deploy(String text) {
    return "{\"mode\":\"production\",\"appSlug\":\"my-app\",\"fileSystem\":[{\"type\":\"code-block\",\"lang\":\"jsx\","
        + "\"filename\":\"/App.jsx\",\"content\":\""
        + text
        + "\"}]}";
  }

  private List<String> keys() throws Exception {
    var range = dev.parlor.relay.storage.RecordStore.Range.ofPrefix("appslugs", "", 10);
    return server.store.range(range).get().stream()
        .map(dev.parlor.relay.storage.RecordStore.Entry::key)
        .toList();
  }

  private JsonNode answer(String message) throws Exception {
    return JSON.readTree(send(message).get(60, TimeUnit.SECONDS));
  }

  private static void assertRefused(JsonNode answer, String code, String field) {
    var payload = answer.path("payload");
    assertEquals("vibes.diy.res-error", payload.path("type").asText(), answer.toString());
    assertEquals(code, payload.path("error").path("code").asText(), answer.toString());
    assertEquals(code, payload.path("code").asText());
    assertEquals(field, payload.path("field").asText(""), answer.toString());
    assertFalse(payload.path("error").path("message").asText().isBlank());
  }

  private static String enveloped(String tid, String type, String members) throws Exception {
    return enveloped(tid, type, members, "ada");
  }

  static String enveloped(String tid, String type, String members, String user) throws Exception {
    var payload = (ObjectNode) JSON.readTree(members);
    payload.put("type", "vibes.diy." + type);
    payload.putObject("auth").put("type", "clerk").put("token", "good-" + user);
    var message = JSON.createObjectNode();
    message.put("tid", tid).put("src", "here").put("dst", "there").put("ttl", 6);
    message.set("payload", payload);
    return message.toString();
  }
}
