package dev.parlor.room.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomImport;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.EditPlan;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Creates a room from the file of an exported room: JSON, or an Automerge document ({@link
 * AutomergeFile}). The server writes the room's content as changes of its own actor, which pass
 * admission like all changes.
 */
final class ImportApi {

  private static final List<String> REQUIRED_FIELDS =
      List.of(
          RoomFields.SCHEMA,
          RoomFields.TITLE,
          RoomFields.SETTINGS,
          RoomFields.PARTICIPANTS,
          RoomFields.CARDS,
          RoomFields.WINDOWS,
          RoomFields.NOTES,
          RoomFields.CHAT,
          RoomFields.RESULTS);

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final RoomRegistry registry;
  private final Generations generations;
  private final RandomIds random;
  private final Links links;
  private final RequestLimits limits;
  private final InstantSource clock;
  private final Semaphore permits;

  ImportApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      RoomRegistry registry,
      Generations generations,
      RandomIds random,
      Links links,
      RequestLimits limits,
      InstantSource clock,
      int concurrentMax) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.registry = registry;
    this.generations = generations;
    this.random = random;
    this.links = links;
    this.limits = limits;
    this.clock = clock;
    this.permits = new Semaphore(concurrentMax);
  }

  Reply create(HttpCall call) {
    call.refuseTooLargeBody();
    var owner = authorizer.identity(call);
    limits.countNewRoom(authorizer.limitKey(call));
    if (!permits.tryAcquire()) {
      throw ProblemDetail.of(503, "busy", "other rooms are being imported; try again")
          .retryAfter(5)
          .thrown();
    }
    try {
      var view =
          call.hasType(ExportApi.AUTOMERGE)
              ? view(AutomergeFile.root(call.bodyOfAnyType()), "this document is no room: ")
              : read(call.body());
      return create(call, view, owner);
    } finally {
      permits.release();
    }
  }

  private Reply create(HttpCall call, RoomView view, Optional<String> owner) {
    var room =
        new RoomInfo(random.slug(), random.documentId(), owner, clock.millis(), Optional.empty());
    registry.reserve(room).join();
    var plan = RoomImport.of(view, null);
    for (var change : plan.changes()) {
      gateway.edit(room, _ -> new EditPlan<>(change, true));
    }
    RoomGateway.await(generations.importResults(room.documentId(), plan.results()));
    // Publish the room last, so that no client can open a room with missing parts.
    registry.publish(room).join();
    return RoomsApi.createdReply(call, room, links);
  }

  private static RoomView read(Bytes body) {
    var file = json(body);
    for (var field : REQUIRED_FIELDS) {
      if (!file.has(field)) {
        throw ProblemDetail.field(
                422, field, field + " is missing: send a room exported as JSON (export?as=json)")
            .thrown();
      }
    }
    // Other fields are derived from these or apply only to the exported room.
    file.retain(REQUIRED_FIELDS);
    file.set(RoomFields.GENERATION, Json.object().put(RoomFields.EPOCH, 0));
    return view(JsonValues.of(file, ""), "");
  }

  private static RoomView view(Value root, String prefix) {
    var view = RoomView.read(root);
    if (!view.problems().isEmpty()) {
      var first = view.problems().getFirst();
      throw ProblemDetail.field(422, first.path(), prefix + first.path() + " " + first.message())
          .with("problems", view.problems().size())
          .thrown();
    }
    return view;
  }

  private static ObjectNode json(Bytes body) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.toArray()));
      JsonNode node = Json.read(text.toString());
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw ProblemDetail.of(400, "not-an-object", "the body must be a room exported as JSON")
          .thrown();
    } catch (CharacterCodingException e) {
      throw ProblemDetail.of(400, "not-utf8", "the body is not UTF-8").thrown();
    } catch (JacksonException e) {
      var location = e.getLocation();
      throw ProblemDetail.of(
              400,
              "not-json",
              "the body is not valid JSON"
                  + (location == null
                      ? ""
                      : ": line " + location.getLineNr() + ", column " + location.getColumnNr()))
          .thrown();
    }
  }
}
