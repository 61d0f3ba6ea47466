package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.image.ImageFiles;
import dev.parlor.room.image.ImageLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of rooms over HTTP: upload, reading, cards, chat, and the request to a model. */
class ImagesIT {
  private static final byte[] BLUE = ImageFiles.of("png", 30, 20, 0x0000ff);

  @TempDir private Path folder;

  private static HttpResponse<String> upload(Member member, byte[] bytes, String type) {
    var request = member.room().http().request(member.room().path("/images"), member.headers());
    return member
        .room()
        .http()
        .send(request.header("Content-Type", type).POST(BodyPublishers.ofByteArray(bytes)).build());
  }

  private static String uploaded(Member member, byte[] bytes) {
    var response = upload(member, bytes, "application/octet-stream");
    assertEquals(201, response.statusCode(), response.body());
    return json(response).path("id").asText();
  }

  private static HttpResponse<byte[]> image(Member member, String id, String... more)
      throws IOException, InterruptedException {
    var http = member.room().http();
    var request = http.request(member.room().path("/images/" + id), member.headers());
    if (more.length > 0) {
      request.headers(more);
    }
    return http.client.send(request.GET().build(), BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  @DisplayName(
      "[IM1] an uploaded PNG is served unchanged, with its type, a sandbox and caching, to each"
          + " person of the room and to nobody else")
  void uploadedImagesAreServed() throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = server.room("Pictures");
      var ada = room.join("host", server.person("Ada"));
      var watcher = room.join("spectator", server.person("Wim"));
      var response = upload(ada, BLUE, "text/html");
      assertEquals(201, response.statusCode(), response.body());
      var id = json(response).path("id").asText();
      assertEquals(30, json(response).path("width").asInt());
      assertEquals("image/png", json(response).path("type").asText());
      assertEquals(room.path("/images/" + id), header(response, "Location"));
      assertEquals(200, upload(ada, BLUE, "image/png").statusCode());

      var read = image(watcher, id);
      assertArrayEquals(BLUE, read.body());
      assertEquals("image/png", header(read, "Content-Type"));
      assertEquals("nosniff", header(read, "X-Content-Type-Options"));
      assertEquals("default-src 'none'; sandbox", header(read, "Content-Security-Policy"));
      assertEquals(1, read.headers().allValues("Content-Security-Policy").size());
      assertEquals("private, max-age=31536000, immutable", header(read, "Cache-Control"));
      assertEquals(304, image(watcher, id, "If-None-Match", header(read, "ETag")).statusCode());

      assertProblem(403, "spectator", upload(watcher, BLUE, "image/png"));
      var http = room.http();
      assertProblem(401, "unauthorized", http.get(room.path("/images/" + id)));
      // The id alone shows nothing in another room.
      var other = server.room("Other").join("host", server.person("Eve"));
      assertEquals(404, image(other, id).statusCode());
      assertEquals(404, image(other, "zzz").statusCode());
    }
  }

  @Test
  @DisplayName("an upload that is repeated with the same Idempotency-Key has the same reply")
  void repeatedUploadsAreReplayed() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Pictures").join("host", server.person("Ada"));
      var request = ada.room().http().request(ada.room().path("/images"), ada.headers());
      request.header("Content-Type", "image/png").header("Idempotency-Key", "picture-1");
      var upload = request.POST(BodyPublishers.ofByteArray(BLUE)).build();
      var first = ada.room().http().send(upload);
      assertEquals(201, first.statusCode(), first.body());
      var second = ada.room().http().send(upload);
      assertEquals(201, second.statusCode(), second.body());
      assertEquals(first.body(), second.body());
    }
  }

  @Test
  @DisplayName(
      "[IM1] SVG, damaged and large uploads are refused with a sentence; nothing is stored")
  void badUploadsAreRefused() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Pictures").join("host", server.person("Ada"));
      var svg =
          "<svg xmlns='http://www.w3.org/2000/svg'/>"
              .getBytes(java.nio.charset.StandardCharsets.UTF_8);
      assertProblem(415, "not-an-image", upload(ada, svg, "image/png"));
      assertProblem(
          422, "image-damaged", upload(ada, java.util.Arrays.copyOf(BLUE, 60), "image/png"));
      assertProblem(
          413, "body-too-large", upload(ada, new byte[ImageLimits.BYTES_MAX + 1], "image/png"));
      assertProblem(415, "not-an-image", upload(ada, new byte[0], "image/png"));
    }
  }

  @Test
  @DisplayName(
      "beyond a rate, an upload is refused with the time to try again; beyond a quota, 409")
  void uploadsAreLimited() throws Exception {
    var limits =
        ServiceLimits.defaults().with(new ServiceLimits.Images(3, 60, 2, 1 << 20, 1, 1 << 20, 8));
    try (var server = TestServer.start(folder, PageFiles.in(folder), limits)) {
      var room = server.room("Pictures");
      var ada = room.join("host", server.person("Ada"));
      var ben = room.join("player", server.person("Ben"));
      var first = uploaded(ada, BLUE);
      assertEquals(200, upload(ada, BLUE, "image/png").statusCode());
      var second = ImageFiles.of("png", 30, 20, 1);
      assertProblem(409, "image-quota", upload(ada, second, "image/png"));
      var tooMany = upload(ada, BLUE, "image/png");
      assertProblem(429, "too-many-requests", tooMany);
      assertTrue(json(tooMany).path("retryAfterSeconds").asInt() > 0, tooMany.body());
      var ofBen = uploaded(ben, second);
      assertFalse(first.equals(ofBen));
      var full = upload(ben, ImageFiles.of("png", 30, 20, 2), "image/png");
      assertProblem(409, "image-quota", full);
      assertTrue(json(full).path("detail").asText().contains("1 images"), full.body());
    }
  }

  @Test
  @DisplayName("[IM2] an image card and a chat message name an uploaded image of the room only")
  void cardsAndMessagesNameImages() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Pictures").join("host", server.person("Ada"));
      var id = uploaded(ada, BLUE);
      var card = ada.post("/play", "{\"type\":\"image\",\"image\":\"" + id + "\"}");
      assertEquals(201, card.statusCode(), card.body());
      assertEquals(id, json(card).path("card").path("image").asText());
      for (var bad :
          java.util.List.of(
              "{\"type\":\"image\",\"text\":\"a kite\"}",
              "{\"type\":\"image\",\"image\":\"http://169.254.169.254/x.png\"}",
              "{\"type\":\"role\",\"text\":\"x\",\"image\":\"" + id + "\"}")) {
        var refused = ada.post("/play", bad);
        assertEquals(422, refused.statusCode(), refused.body());
        assertEquals("image", json(refused).path("field").asText(), refused.body());
      }
      var said = ada.post("/chat", "{\"text\":\"\",\"image\":\"" + id + "\",\"alt\":\"all blue\"}");
      assertEquals(201, said.statusCode(), said.body());
      assertEquals(422, ada.post("/chat", "{\"text\":\"x\",\"image\":\"zz\"}").statusCode());
      assertEquals(422, ada.post("/chat", "{\"text\":\"x\",\"alt\":\"zz\"}").statusCode());
      var chat = json(ada.get("")).path("chat");
      var entry = chat.path(chat.size() - 1);
      assertEquals(id, entry.path("image").asText());
      assertEquals("all blue", entry.path("alt").asText());

      // A fork has the images too.
      var forked = ada.post("/fork", "{}");
      assertEquals(201, forked.statusCode(), forked.body());
      var path = "/api/rooms/" + json(forked).path("slug").asText() + "/images/" + id;
      var key = json(forked).path("links").path("player").asText().split("#k=", -1)[1];
      var read = ada.room().http().get(path, "Parlor-Key", key);
      assertEquals(200, read.statusCode());
      assertEquals("image/png", header(read, "Content-Type"));
    }
  }

  @Test
  @DisplayName("[IM2] an image of 1 MB on a card adds less than 1 KB to the document")
  void imagesStayOutOfTheDocument() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Pictures").join("host", server.person("Ada"));
      var noise = ImageFiles.noise(700, 500);
      assertTrue(noise.length > 1_000_000, "the image has " + noise.length + " bytes");
      var before = savedBytes(ada);
      var id = uploaded(ada, noise);
      ada.post("/play", "{\"type\":\"image\",\"text\":\"noise\",\"image\":\"" + id + "\"}");
      assertTrue(savedBytes(ada) - before < 1_000, before + " and " + savedBytes(ada));
      assertArrayEquals(noise, image(ada, id).body());
    }
  }

  private static int savedBytes(Member member) throws IOException, InterruptedException {
    var http = member.room().http();
    var request = http.request(member.room().path("/export?as=automerge"), member.headers());
    return http.client.send(request.GET().build(), BodyHandlers.ofByteArray()).body().length;
  }

  private static JsonNode last(JsonNode messages) {
    return messages.path(messages.size() - 1);
  }

  @Test
  @DisplayName(
      "[PF12] a card's and an attached image reach a model that takes images, as the preview"
          + " shows; a model that takes none gets the words, and preview and result say so")
  void imagesReachTheModel() throws Exception {
    try (var provider = new StubProvider();
        var server = TestServer.start(folder, provider.settings())) {
      var ada = server.room("Pictures").join("host", server.person("Ada"));
      var onCard = uploaded(ada, BLUE);
      var attached = uploaded(ada, ImageFiles.of("gif", 9, 9, 0xff00));
      ada.post("/play", "{\"type\":\"image\",\"image\":\"" + onCard + "\"}");
      var body =
          "{\"query\":\"Which colors?\",\"attach\":[{\"kind\":\"image\",\"id\":\""
              + attached
              + "\",\"text\":\"a leaf\"}]}";
      var preview = json(ada.post("/generate?dryRun=1", body));
      var asked = json(ada.post("/generate", body)).path("request").asText();
      var result = json(ada.get("/results/" + asked + "?wait=30"));
      assertEquals("done", result.path("status").asText(), result.toString());
      assertEquals(preview.path("body").asText(), provider.bodies.getLast());
      var content = last(Json.read(provider.bodies.getLast()).path("messages")).path("content");
      assertEquals(
          "<image>\na leaf\n</image>\n\nWhich colors?", content.path(0).path("text").asText());
      assertEquals(
          "data:image/png;base64," + Base64.getEncoder().encodeToString(BLUE),
          content.path(1).path("image_url").path("url").asText());
      assertTrue(
          content.path(2).path("image_url").path("url").asText().startsWith("data:image/gif"));
      var shown = last(preview.path("messages")).path("images");
      assertEquals(onCard, shown.path(0).path("id").asText());
      assertEquals(attached, shown.path(1).path("id").asText());
      assertEquals(attached, result.path("attach").path(0).path("id").asText());

      var unknown = body.replace(attached, "zALtCJe12EFVgLEg6YDxtpba7jPHLRYEojT6aP8rtG3s");
      var problems = json(ada.post("/generate?dryRun=1", unknown)).path("problems").toString();
      assertTrue(problems.contains("1 image was left out"), problems);
    }
  }

  @Test
  @DisplayName("[PF13] a model that takes no images gets the words; preview and result say so")
  void modelsWithoutImages() throws Exception {
    try (var provider = new StubProvider()) {
      var file = folder.resolve("models.json");
      java.nio.file.Files.writeString(
          file,
          "{\"endpoints\":[{\"name\":\"stub\",\"url\":\""
              + provider.settings().get("PARLOR_LLM_URL")
              + "\",\"models\":[{\"name\":\"blind\",\"images\":false}]}]}");
      try (var server = TestServer.start(folder, Map.of("PARLOR_MODELS", file.toString()))) {
        var ada = server.room("Pictures").join("host", server.person("Ada"));
        var id = uploaded(ada, BLUE);
        ada.post("/play", "{\"type\":\"image\",\"text\":\"all blue\",\"image\":\"" + id + "\"}");
        var preview = json(ada.post("/generate?dryRun=1", "{\"query\":\"Which?\"}"));
        assertTrue(
            preview
                .path("problems")
                .toString()
                .contains("the model blind takes no images: 1 image is left out"),
            preview.toString());
        var asked = json(ada.post("/generate", "{\"query\":\"Which?\"}")).path("request").asText();
        var result = json(ada.get("/results/" + asked + "?wait=30"));
        assertEquals(preview.path("body").asText(), provider.bodies.getLast());
        assertFalse(provider.bodies.getLast().contains("image_url"));
        assertTrue(provider.bodies.getLast().contains("all blue"));
        assertTrue(
            result.path("usage").path("call").path("notes").toString().contains("no images"),
            result.toString());
      }
    }
  }
}
