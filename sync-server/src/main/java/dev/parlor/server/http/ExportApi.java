package dev.parlor.server.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.room.RoomMarkdown;
import dev.parlor.server.config.FixedLimits;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Exports a room as a file: the Automerge document, JSON, or a transcript. */
final class ExportApi {

  private final RequestAuthorizer door;
  private final RoomGateway desk;

  ExportApi(RequestAuthorizer door, RoomGateway desk) {
    this.door = door;
    this.desk = desk;
  }

  Reply export(HttpCall ask) {
    var room = door.enter(ask).room();
    var actor = desk.actor(room);
    var as = ask.query("as").orElse("automerge");
    return switch (as) {
      case "automerge" -> {
        var bytes = RoomGateway.await(actor.save());
        var title = RoomGateway.await(actor.view()).title();
        yield file(bytes, "application/vnd.automerge", title, ".automerge");
      }
      case "json" -> {
        var reading = RoomGateway.await(actor.read());
        var json = RoomJson.of(room, reading, RoomGateway.away(actor));
        yield file(Json.bytes(json), "application/json", reading.view().title(), ".json");
      }
      case "markdown" -> {
        var view = RoomGateway.await(actor.view());
        yield file(
            Bytes.utf8(RoomMarkdown.of(view)), "text/markdown; charset=utf-8", view.title(), ".md");
      }
      default ->
          throw ProblemDetail.field(400, "as", "as is one of automerge, json, markdown").thrown();
    };
  }

  private static Reply file(Bytes bytes, String type, String title, String ending) {
    return new Reply(200, type, bytes, Map.of())
        .header("Content-Disposition", disposition(title, ending))
        .header("Cache-Control", "private, no-store");
  }

  /**
   * The Content-Disposition header: an ASCII file name for all clients, and the title for clients
   * that support RFC 6266.
   */
  static String disposition(String title, String ending) {
    var cut =
        title.length() > FixedLimits.FILE_NAME_LENGTH_MAX
            ? title.substring(0, FixedLimits.FILE_NAME_LENGTH_MAX)
            : title;
    var name = cut.replaceAll("[\\p{Cntrl}/\\\\:*?\"<>|\\p{Cs}\\s]+", " ").strip();
    if (name.isEmpty()) {
      name = "parlor room";
    }
    var plain = name.replaceAll("[^A-Za-z0-9 ._-]+", "-");
    var encoded = URLEncoder.encode(name + ending, StandardCharsets.UTF_8).replace("+", "%20");
    return "attachment; filename=\"" + plain + ending + "\"; filename*=UTF-8''" + encoded;
  }
}
