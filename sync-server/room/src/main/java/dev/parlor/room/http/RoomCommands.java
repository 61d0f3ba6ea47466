package dev.parlor.room.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.relay.admission.Caller;
import dev.parlor.room.access.RoomInfo;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The registry of the commands of rooms. HTTP paths and JSON sockets run the same commands with the
 * same checks. Immutable after the start; safe from any thread.
 */
public final class RoomCommands {
  private final RequestAuthorizer authorizer;
  private final RequestLimits limits;
  private final Map<String, Command> byName = new LinkedHashMap<>();

  RoomCommands(RequestAuthorizer authorizer, RequestLimits limits) {
    this.authorizer = authorizer;
    this.limits = limits;
  }

  void add(Collection<Command> commands) {
    for (var command : commands) {
      if (byName.putIfAbsent(command.name(), command) != null) {
        throw new IllegalArgumentException("there are two commands " + command.name());
      }
    }
  }

  Collection<Command> all() {
    return byName.values();
  }

  /**
   * The endpoint of a command over HTTP. The body has the fields of the command, except those in
   * the path.
   *
   * @param pathFields fields that are parameters of the path
   */
  Endpoint endpoint(String name, String... pathFields) {
    var command = command(name);
    var inPath = Arrays.asList(pathFields);
    var inBody = command.fieldNames().stream().filter(field -> !inPath.contains(field)).toList();
    return call -> {
      var visitor = authorizer.enter(call);
      var hasBody = !call.method().equals("DELETE");
      var object = hasBody ? RequestFields.object(call.body(), inBody) : Json.object();
      inPath.forEach(field -> object.put(field, call.pathParameter(field)));
      var fields = RequestFields.of(object, command.fieldNames());
      return command
          .handler()
          .run(new CommandCall(visitor, () -> authorizer.requireIdentity(call), fields, null));
    };
  }

  /** The answer to a command: its result, or a problem as in {@code docs/http-api.md}. */
  public record Answer(int status, JsonNode body) {
    public boolean isError() {
      return status >= 400;
    }
  }

  /**
   * Runs a command for a connection; waits until its changes are on disk.
   *
   * @param caller the caller of the connection, which is authorized for the room
   * @param source the connection
   */
  public Answer run(String name, ObjectNode fields, RoomInfo room, Caller caller, Object source) {
    try {
      caller.identity().ifPresent(limits::countRequest);
      var command = command(name);
      var call =
          new CommandCall(
              new RequestAuthorizer.Visitor(room, caller.role(), caller.link()),
              () -> required(caller.identity()),
              RequestFields.of(fields, command.fieldNames()),
              source);
      var reply = command.handler().run(call);
      return new Answer(reply.status(), reply.body().isEmpty() ? Json.object() : Json.tree(reply));
    } catch (RuntimeException e) {
      var reply = Endpoints.failed("the command " + name, e);
      return new Answer(reply.status(), Json.tree(reply));
    }
  }

  /** The JSON Schema of all commands, as messages of a JSON socket. */
  ObjectNode schema() {
    var json = Json.object();
    json.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.put("title", "Commands of a Parlor room");
    json.put(
        "description",
        "A message of a program to a room. Over HTTP, the fields without type and id are the body"
            + " of POST /api/rooms/{slug}/commands/{type}.");
    var all = json.putArray("oneOf");
    for (var command : byName.values()) {
      var schema = command.schema();
      var properties = (ObjectNode) schema.get("properties");
      properties.remove("type");
      properties.putObject("type").put("const", command.name());
      var id = properties.putObject("id").put("description", "repeated in the answer");
      id.putArray("type").add("string").add("integer").add("null");
      schema.withArray("required").add("type");
      all.add(schema);
    }
    return json;
  }

  private static String required(Optional<String> identity) {
    return identity.orElseThrow(
        () ->
            ProblemDetail.unauthorized(
                    "connect with a token as Authorization: Bearer to run commands")
                .thrown());
  }

  private Command command(String name) {
    var command = byName.get(name);
    if (command == null) {
      throw ProblemDetail.field(
              400, "type", "there is no command of this name; known are " + names())
          .thrown();
    }
    return command;
  }

  private String names() {
    return String.join(", ", byName.keySet());
  }
}
