package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.room.image.ImageFiles;
import dev.parlor.room.limits.FixedServiceLimits;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in the JSON file of an exported room, and in imported and forked rooms. */
class ExportedImagesIT {
  private static final byte[] BLUE = ImageFiles.of("png", 30, 20, 0x0000ff);

  @TempDir private Path folder;

  private static HttpResponse<String> upload(Member member, byte[] bytes, String... headers) {
    var http = member.room().http();
    var request = http.request(member.room().path("/images"), member.headers());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.POST(BodyPublishers.ofByteArray(bytes)).build());
  }

  private static String uploaded(Member member, byte[] bytes) {
    var response = upload(member, bytes);
    assertEquals(201, response.statusCode(), response.body());
    return json(response).path("id").asText();
  }

  private static void say(Member member, String image) {
    var said = member.post("/chat", "{\"text\":\"\",\"image\":\"" + image + "\"}");
    assertEquals(201, said.statusCode(), said.body());
  }

  private static byte[] image(Member member, String id) throws Exception {
    var http = member.room().http();
    var request = http.request(member.room().path("/images/" + id), member.headers());
    var response = http.client.send(request.GET().build(), BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    return response.body();
  }

  private static ObjectNode export(Member member) {
    var response = member.get("/export?as=json");
    assertEquals(200, response.statusCode(), response.body());
    return (ObjectNode) json(response);
  }

  private static JsonNode entry(JsonNode file, String id) {
    for (var entry : file.path("images")) {
      if (entry.path("id").asText().equals(id)) {
        return entry;
      }
    }
    throw new AssertionError("no image " + id);
  }

  private static Member imported(TestServer server, HttpResponse<String> response) {
    assertEquals(201, response.statusCode(), response.body());
    return new RoomUnderTest(server.http(), json(response)).join("host", server.person("Eve"));
  }

  @Test
  @DisplayName(
      "an export contains each image of a card, message, note and question, and another server"
          + " shows them after the import")
  void importedRoomShowsTheImages(@TempDir Path elsewhere) throws Exception {
    try (var server = TestServer.start(folder);
        var other = TestServer.start(elsewhere)) {
      var ada = server.room("Pictures").join("host", server.person("Ada"));
      var onCard = uploaded(ada, BLUE);
      var inChat = uploaded(ada, ImageFiles.of("gif", 9, 9, 0xff00));
      var inNote = uploaded(ada, ImageFiles.of("jpeg", 8, 8, 0xff));
      var asked = uploaded(ada, ImageFiles.of("png", 7, 7, 0xffff));
      var unnamed = uploaded(ada, ImageFiles.of("png", 6, 6, 0xffffff));
      ada.post("/play", "{\"type\":\"image\",\"image\":\"" + onCard + "\"}");
      say(ada, inChat);
      say(ada, onCard);
      var note = json(ada.get("")).path("notes").fieldNames().next();
      var text = "See\\n![a leaf](image:" + inNote + ")\\n";
      ada.post("/commands/note_text", "{\"note\":\"" + note + "\",\"text\":\"" + text + "\"}");
      var attach = "[{\"kind\":\"image\",\"id\":\"" + asked + "\",\"text\":\"x\"}]";
      var run = ada.post("/generate", "{\"query\":\"Which?\",\"attach\":" + attach + "}");
      ada.get("/results/" + json(run).path("request").asText() + "?wait=30");

      var file = export(ada);
      assertEquals(
          List.of(onCard, inChat, inNote, asked), file.path("images").findValuesAsText("id"));
      assertFalse(file.toString().contains(unnamed));
      assertFalse(file.has("imagesLeftOut"));
      var entry = entry(file, onCard);
      assertEquals("image/png", entry.path("type").asText());
      assertEquals(30, entry.path("width").asInt());
      assertEquals(BLUE.length, entry.path("bytes").asInt());
      assertArrayEquals(BLUE, Base64.getDecoder().decode(entry.path("data").asText()));

      var response = other.http().post("/api/rooms/import", file.toString());
      var eve = imported(other, response);
      assertEquals("[]", json(response).path("missingImages").toString());
      for (var id : List.of(onCard, inChat, inNote, asked)) {
        assertArrayEquals(image(ada, id), image(eve, id));
      }
      var room = json(eve.get(""));
      assertTrue(room.path("cards").findValuesAsText("image").contains(onCard), room.toString());
      assertEquals(file.path("images"), export(eve).path("images"));

      var document = other.http().request("/api/rooms/import");
      var exported = ada.room().http().request(ada.room().path("/export"), ada.headers());
      var bytes = ada.room().http().client.send(exported.build(), BodyHandlers.ofByteArray());
      var fromDocument =
          other
              .http()
              .send(
                  document
                      .header("Content-Type", "application/vnd.automerge")
                      .POST(BodyPublishers.ofByteArray(bytes.body()))
                      .build());
      assertEquals(201, fromDocument.statusCode(), fromDocument.body());
      assertEquals(4, json(fromDocument).path("missingImages").size(), fromDocument.body());
    }
  }

  @Test
  @DisplayName(
      "an export contains at most 20 MiB of images; further entries name where to get the image,"
          + " and the answer to the import lists them as missing")
  void largeExportsLeaveImagesOut() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Large").join("host", server.person("Ada"));
      for (var i = 0; i < 6; i++) {
        say(ada, uploaded(ada, ImageFiles.noise(1_160, 1_150 + i)));
      }
      var small = uploaded(ada, BLUE);
      say(ada, small);
      var file = export(ada);
      assertEquals(7, file.path("images").size());
      var bytes = 0;
      var leftOut = new TreeSet<String>();
      for (var entry : file.path("images")) {
        if (entry.has("data")) {
          bytes += Base64.getDecoder().decode(entry.path("data").asText()).length;
        } else {
          leftOut.add(entry.path("id").asText());
        }
      }
      assertTrue(bytes <= FixedServiceLimits.FILE_IMAGES_BYTES_MAX, "bytes: " + bytes);
      assertEquals(1, leftOut.size());
      assertEquals(1, file.path("imagesLeftOut").asInt());
      assertTrue(entry(file, small).has("data"), "a later image that fits is in the file");
      var entry = entry(file, leftOut.first());
      assertTrue(entry.path("leftOut").asText().contains("20971520 bytes"), entry.toString());
      var got = ada.room().http().get(entry.path("path").asText(), ada.headers());
      assertEquals(200, got.statusCode());

      var response = server.http().post("/api/rooms/import", file.toString());
      var eve = imported(server, response);
      assertEquals(leftOut.first(), json(response).path("missingImages").path(0).asText());
      assertEquals(1, json(response).path("missingImages").size());
      assertArrayEquals(BLUE, image(eve, small));

      var data = Base64.getEncoder().encodeToString(image(ada, leftOut.first()));
      ((ObjectNode) entry).put("data", data);
      assertField(422, "images", server.http().post("/api/rooms/import", file.toString()));
    }
  }

  private static void assertRefused(
      TestServer server, ObjectNode file, String field, Consumer<ObjectNode> damage) {
    var copy = file.deepCopy();
    damage.accept((ObjectNode) copy.path("images").path(0));
    assertField(422, field, server.http().post("/api/rooms/import", copy.toString()));
  }

  @Test
  @DisplayName(
      "an image in an imported file passes the checks of an upload; a refused file makes no room")
  void imagesInFilesAreChecked() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Checked").join("host", server.person("Ada"));
      say(ada, uploaded(ada, BLUE));
      var file = export(ada);
      var rooms = json(server.http().get("/api/admin/rooms")).path("rooms").size();
      var html = Base64.getEncoder().encodeToString("<svg xmlns='x'/>".getBytes());
      var red = Base64.getEncoder().encodeToString(ImageFiles.of("png", 3, 3, 0xff0000));
      assertRefused(server, file, "images/0/data", image -> image.put("data", html));
      assertRefused(server, file, "images/0/data", image -> image.put("data", "!"));
      assertRefused(server, file, "images/0/data", image -> image.putArray("data"));
      assertRefused(server, file, "images/0/id", image -> image.put("data", red));
      assertRefused(server, file, "images/0/id", image -> image.remove("id"));
      var noList = file.deepCopy().put("images", "none").toString();
      assertField(422, "images", server.http().post("/api/rooms/import", noList));
      var noObject = file.deepCopy();
      noObject.putArray("images").add(1);
      assertField(422, "images/0", server.http().post("/api/rooms/import", noObject.toString()));
      var many = file.deepCopy();
      var list = many.putArray("images");
      for (var i = 0; i <= FixedServiceLimits.FILE_IMAGES_MAX; i++) {
        list.addObject().put("id", "z");
      }
      assertField(422, "images", server.http().post("/api/rooms/import", many.toString()));
      var long5Mib = file.deepCopy().put("more", "x".repeat(5 << 20)).toString();
      assertProblem(413, "body-too-large", server.http().post("/api/rooms/import", long5Mib));
      assertEquals(rooms, json(server.http().get("/api/admin/rooms")).path("rooms").size());

      // An image that the room does not name is not stored.
      var unnamed = file.deepCopy();
      unnamed.putArray("chat");
      var eve = imported(server, server.http().post("/api/rooms/import", unnamed.toString()));
      var id = file.path("images").path(0).path("id").asText();
      assertEquals(404, eve.get("/images/" + id).statusCode());
    }
  }

  @Test
  @DisplayName(
      "an upload and an import of an Automerge document may have an Idempotency-Key, whatever their"
          + " type")
  void keysOfOtherTypes() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Keys").join("host", server.person("Ada"));
      for (var i = 0; i < 2; i++) {
        var answer = upload(ada, BLUE, "Idempotency-Key", "upload-1", "Content-Type", "image/png");
        assertEquals(201, answer.statusCode(), answer.body());
      }
      var http = server.http();
      var exported = http.request(ada.room().path("/export"), ada.headers()).build();
      var document = http.client.send(exported, BodyHandlers.ofByteArray()).body();
      var slugs = new TreeSet<String>();
      for (var i = 0; i < 2; i++) {
        var key = "import-of-a-document-1";
        var request = http.request("/api/rooms/import", "Idempotency-Key", key);
        request.header("Content-Type", "application/vnd.automerge");
        var made = http.send(request.POST(BodyPublishers.ofByteArray(document)).build());
        assertEquals(201, made.statusCode(), made.body());
        slugs.add(json(made).path("slug").asText());
      }
      assertEquals(1, slugs.size());
    }
  }

  @Test
  @DisplayName("a fork shows its images while its parent is archived, and so does its export")
  void forksOfArchivedRooms() throws Exception {
    Member ada;
    RoomUnderTest fork;
    String id;
    try (var server = TestServer.start(folder)) {
      ada = server.room("Parent").join("host", server.person("Ada"));
      id = uploaded(ada, BLUE);
      say(ada, id);
      var forked = ada.post("/fork", "{}");
      assertEquals(201, forked.statusCode(), forked.body());
      fork = new RoomUnderTest(server.http(), json(forked));
    }
    try (var server = TestServer.start(folder)) {
      var parent = ada.room().created().path("documentId").asText();
      var archived = server.http().post("/api/admin/rooms/" + parent + "/archive", "{}");
      assertEquals(200, archived.statusCode(), archived.body());
      var inFork = new RoomUnderTest(server.http(), fork.created()).withLink("host", ada.person());
      assertArrayEquals(BLUE, image(inFork, id));
      assertTrue(entry(export(inFork), id).has("data"));
    }
  }
}
