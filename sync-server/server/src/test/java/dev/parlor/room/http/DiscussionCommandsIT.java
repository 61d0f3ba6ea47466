package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comments, votes and edits of chat messages over HTTP. */
class DiscussionCommandsIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static String quoted(String text) {
    return text.replace('\'', '"');
  }

  @Test
  @DisplayName("[CM1] [CM4] a program comments, replies, resolves and reopens over HTTP")
  void comments() {
    var ada = server.room("A room").join("host", server.person("Ada"));
    var ben = ada.room().join("player", server.person("Ben"));
    var note = json(ada.get("")).path("notes").fieldNames().next();
    var body = quoted("{'target':'note:" + note + "','text':' Why? ','quoted':'the train'}");
    var made = ada.post("/comments", body);
    assertEquals(201, made.statusCode(), made.body());
    var key = json(made).path("comment").asText();
    var reply =
        ben.post(
            "/comments",
            quoted("{'target':'note:" + note + "','text':'So.','thread':'" + key + "'}"));
    assertEquals(201, reply.statusCode(), reply.body());
    var one = quoted("{'comment':'" + key + "'}");
    assertTrue(json(ben.post("/comments/resolve", one)).path("resolved").asBoolean());
    var comment = json(ada.get("")).path("comments").path(key);
    assertEquals("Why?", comment.path("text").asText());
    assertEquals("the train", comment.path("quoted").asText());
    assertEquals(json(reply).path("by"), comment.path("resolved").path("by"));
    var reopen = quoted("{'comment':'" + key + "','reopen':true}");
    assertFalse(json(ada.post("/comments/resolve", reopen)).path("resolved").asBoolean());
    assertTrue(json(ada.get("")).path("comments").path(key).path("resolved").isNull());

    assertField(422, "target", ada.post("/comments", quoted("{'target':'note:x','text':'?'}")));
    assertField(422, "target", ada.post("/comments", quoted("{'target':'chat:x','text':'?'}")));
    assertField(422, "comment", ada.post("/comments/resolve", quoted("{'comment':'x|y'}")));
    assertField(
        422,
        "thread",
        ada.post("/comments", quoted("{'target':'note:" + note + "','text':'?','thread':'x|y'}")));
    var eve = ada.room().join("spectator", server.person("Eve"));
    assertProblem(403, "spectator", eve.post("/comments", body));
  }

  @Test
  @DisplayName("[RX1] a program votes and takes the vote back over HTTP")
  void votes() {
    var ada = server.room("A room").join("host", server.person("Ada"));
    var card =
        json(ada.post("/play", quoted("{'type':'tone','text':'Calm'}"))).path("card").path("id");
    var vote = quoted("{'target':'card:" + card.asText() + "','sign':'up'}");
    assertTrue(json(ada.post("/reactions", vote)).path("set").asBoolean());
    var reactions = json(ada.get("")).path("reactions");
    assertEquals(1, reactions.size());
    assertTrue(reactions.fieldNames().next().startsWith("card:" + card.asText() + "|up|"));
    var back = quoted("{'target':'card:" + card.asText() + "','sign':'up','remove':true}");
    assertFalse(json(ada.post("/reactions", back)).path("set").asBoolean());
    assertEquals(0, json(ada.get("")).path("reactions").size());
    assertField(422, "sign", ada.post("/reactions", quoted("{'target':'card:x','sign':'boo'}")));
    assertField(422, "target", ada.post("/reactions", quoted("{'target':'card:x','sign':'up'}")));
  }

  @Test
  @DisplayName(
      "[CH1] the author of a chat message edits and deletes it over HTTP, nobody else does")
  void chatEdits() {
    var ada = server.room("A room").join("host", server.person("Ada"));
    var ben = ada.room().join("player", server.person("Ben"));
    var id = json(ben.post("/chat", quoted("{'text':'helo'}"))).path("id").asText();
    var edit = quoted("{'message':'" + id + "','text':'hello'}");
    assertProblem(403, "not-yours", ada.post("/chat/edit", edit));
    assertEquals(200, ben.post("/chat/edit", edit).statusCode());
    var entry = json(ada.get("")).path("chat").get(0);
    assertEquals("hello", entry.path("text").asText());
    assertTrue(entry.path("editedAt").asLong() > 0);
    assertEquals(200, ben.post("/chat/edit", quoted("{'message':'" + id + "'}")).statusCode());
    assertEquals("", json(ada.get("")).path("chat").get(0).path("text").asText("missing"));
    assertField(422, "message", ben.post("/chat/edit", quoted("{'message':'x','text':'y'}")));
  }
}
