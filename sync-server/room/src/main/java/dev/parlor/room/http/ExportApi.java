package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomMarkdown;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Exports a room as a file: the Automerge document, JSON with the images, or a transcript. */
final class ExportApi {

  /** The media type of an Automerge document. */
  static final String AUTOMERGE = "application/vnd.automerge";

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final RoomImages images;

  ExportApi(RequestAuthorizer authorizer, RoomGateway gateway, RoomImages images) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.images = images;
  }

  Download export(HttpCall call) {
    var room = authorizer.enter(call).room();
    var worker = gateway.worker(room);
    var format = call.query("as").orElse("automerge");
    return switch (format) {
      case "automerge" -> {
        var bytes = RoomGateway.await(worker.save());
        var title = RoomGateway.await(worker.view()).title();
        yield Download.of(file(bytes, AUTOMERGE, title, ".automerge"));
      }
      case "json" -> {
        var reading = RoomGateway.await(worker.read());
        var json = RoomJson.of(room, reading, RoomGateway.away(worker));
        var head = file(Bytes.EMPTY, "application/json", reading.view().title(), ".json");
        yield new ExportedImages(room, images).download(head, json, reading.view());
      }
      case "markdown" -> {
        var view = RoomGateway.await(worker.view());
        var text = Bytes.utf8(RoomMarkdown.of(view));
        yield Download.of(file(text, "text/markdown; charset=utf-8", view.title(), ".md"));
      }
      default ->
          throw ProblemDetail.field(400, "as", "as is one of automerge, json, markdown").thrown();
    };
  }

  private static Reply file(Bytes bytes, String type, String title, String extension) {
    return new Reply(200, type, bytes, Map.of())
        .header("Content-Disposition", disposition(title, extension))
        .header("Cache-Control", "private, no-store");
  }

  /**
   * The Content-Disposition header. It names the file by the room's title: in ASCII for all
   * clients, and in Unicode for clients that support RFC 6266.
   */
  static String disposition(String title, String extension) {
    var shortTitle =
        title.length() > FixedServiceLimits.FILE_NAME_LENGTH_MAX
            ? title.substring(0, FixedServiceLimits.FILE_NAME_LENGTH_MAX)
            : title;
    var name = shortTitle.replaceAll("[\\p{Cntrl}/\\\\:*?\"<>|\\p{Cs}\\s]+", " ").strip();
    if (name.isEmpty()) {
      name = "parlor room";
    }
    var ascii = name.replaceAll("[^A-Za-z0-9 ._-]+", "-");
    var encoded = URLEncoder.encode(name + extension, StandardCharsets.UTF_8).replace("+", "%20");
    return "attachment; filename=\"" + ascii + extension + "\"; filename*=UTF-8''" + encoded;
  }
}
