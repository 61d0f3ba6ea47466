package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.parlor.room.schema.Named;
import dev.parlor.room.template.RoomFile;
import dev.parlor.room.template.RoomFileContent;
import dev.parlor.room.template.RoomFileReader;
import dev.parlor.room.template.RoomFiles;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Shows the room files of the server, and makes a room from the text of a room file. */
final class RoomFilesApi {

  /** The media type of a room file in a request. */
  static final String MARKDOWN = "text/markdown";

  private final RequestAuthorizer authorizer;
  private final RoomsApi rooms;
  private final RequestLimits limits;
  private final RoomFiles files;

  RoomFilesApi(
      RequestAuthorizer authorizer, RoomsApi rooms, RequestLimits limits, RoomFiles files) {
    this.authorizer = authorizer;
    this.rooms = rooms;
    this.limits = limits;
    this.files = files;
  }

  /** The files from which rooms can be made. */
  Reply list(HttpCall call) {
    ArrayNode listed = Json.object().putArray("roomFiles");
    files.listing().usable().forEach(file -> listed.add(json(file)));
    return Reply.json(200, Json.object().set("roomFiles", listed))
        .header("Cache-Control", "no-cache");
  }

  private static com.fasterxml.jackson.databind.node.ObjectNode json(RoomFile file) {
    var content = file.content();
    var json = Json.object();
    json.put("id", file.id());
    json.put("name", file.name());
    json.put("description", file.description());
    json.put("title", content.title());
    json.put("multiplayer", file.multiplayer());
    json.put("shared", file.sharedKey().isPresent());
    json.put("maxPlayers", content.settings().maxPlayers());
    json.put("turnMode", content.settings().turnMode().wire());
    json.put("cards", content.cards().size());
    var windows = json.putArray("windows");
    content.windows().stream().map(window -> window.type()).map(Named::wire).forEach(windows::add);
    return json;
  }

  /** Makes a room from a room file in the body. Its key counts as for a file of the server. */
  Reply create(HttpCall call) {
    var owner = authorizer.identity(call);
    limits.countNewRoom(authorizer.limitKey(call));
    return switch (RoomFileReader.read("request.md", text(call))) {
      case RoomFileContent.Usable(var file) ->
          rooms.create(call, Optional.of(file), Optional.empty(), owner, Optional.empty());
      case RoomFileContent.Faulty(var problems) -> {
        var first = problems.getFirst();
        throw ProblemDetail.of(
                422,
                "room-file",
                (first.line() > 0 ? "line " + first.line() + ": " : "") + first.reason())
            .with("line", first.line())
            .with("problems", problems.size())
            .thrown();
      }
    };
  }

  private static String text(HttpCall call) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(call.bodyOfAnyType().toArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw ProblemDetail.of(400, "not-utf8", "the body is not UTF-8").thrown();
    }
  }
}
