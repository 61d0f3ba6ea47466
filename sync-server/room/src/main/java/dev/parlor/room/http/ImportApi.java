package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomImport;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.EditPlan;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Creates a room from the file of an exported room: JSON, or an Automerge document ({@link
 * AutomergeFile}). The server writes the room's content as changes of its own actor, which pass
 * admission like all changes. The images of a JSON file are stored as uploads are.
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

  /** Fields that files of earlier versions do not have. */
  private static final List<String> OPTIONAL_FIELDS =
      List.of(RoomFields.COMMENTS, RoomFields.REACTIONS, RoomFields.EDITS);

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final RoomRegistry registry;
  private final Generations generations;
  private final RoomImages images;
  private final RandomIds random;
  private final Links links;
  private final RequestLimits limits;
  private final InstantSource clock;
  private final ServiceLimits.Imports importLimits;
  private final ServiceLimits.Images imageLimits;
  private final Semaphore permits;

  ImportApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      RoomRegistry registry,
      Generations generations,
      RoomImages images,
      RandomIds random,
      Links links,
      RequestLimits limits,
      InstantSource clock,
      ServiceLimits.Imports importLimits,
      ServiceLimits.Images imageLimits) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.registry = registry;
    this.generations = generations;
    this.images = images;
    this.random = random;
    this.links = links;
    this.limits = limits;
    this.clock = clock;
    this.importLimits = importLimits;
    this.imageLimits = imageLimits;
    this.permits = new Semaphore(importLimits.concurrentMax());
  }

  /** Bounds the files that are in memory: a large file needs all permits. */
  Reply admit(HttpCall call, Supplier<Reply> request) {
    call.refuseTooLargeBody();
    var isSmall = call.declaredLength().orElse(Long.MAX_VALUE) <= importLimits.bodyBytesMax();
    var needed = isSmall ? 1 : importLimits.concurrentMax();
    if (!permits.tryAcquire(needed)) {
      throw ProblemDetail.of(503, "busy", "other rooms are being imported; try again")
          .retryAfter(5)
          .thrown();
    }
    try {
      return request.get();
    } finally {
      permits.release(needed);
    }
  }

  Reply create(HttpCall call) {
    var owner = authorizer.identity(call);
    limits.countNewRoom(authorizer.limitKey(call));
    if (call.hasType(ExportApi.AUTOMERGE)) {
      call.refuseTooLargeBody(importLimits.bodyBytesMax());
      requireLength(call.bodyOfAnyType().length(), "the document");
      var root = AutomergeFile.root(call.bodyOfAnyType());
      return create(call, view(root, "this document is no room: "), ImportedImages.NONE, owner);
    }
    var body = call.body();
    var file = RoomFileJson.read(body);
    requireLength(body.length() - file.encodedBytes(), "the file without its images");
    var view = view(file.room());
    return create(call, view, ImportedImages.check(file.images(), view, images), owner);
  }

  private void requireLength(long length, String part) {
    if (length > importLimits.bodyBytesMax()) {
      throw ProblemDetail.of(
              413,
              "body-too-large",
              part + " may have at most " + importLimits.bodyBytesMax() + " bytes")
          .thrown();
    }
  }

  private Reply create(
      HttpCall call, RoomView view, ImportedImages imported, Optional<String> owner) {
    var room =
        new RoomInfo(random.slug(), random.documentId(), owner, clock.millis(), Optional.empty());
    var _ = RecordUpdate.await(registry.reserve(room));
    var plan = RoomImport.of(view, null);
    for (var change : plan.changes()) {
      gateway.edit(room, _ -> new EditPlan<>(change, true));
    }
    RoomGateway.await(generations.importResults(room.documentId(), plan.results()));
    imported.store(room.documentId(), images, imageLimits);
    // Publish the room last, so that no client can open a room with missing parts.
    var _ = RecordUpdate.await(registry.publish(room));
    var json = RoomsApi.createdJson(call, room, links);
    json.set("missingImages", Json.tree(imported.missing(view, images)));
    return RoomsApi.createdReply(room, json);
  }

  private static RoomView view(ObjectNode file) {
    for (var field : REQUIRED_FIELDS) {
      if (!file.has(field)) {
        throw ProblemDetail.field(
                422, field, field + " is missing: send a room exported as JSON (export?as=json)")
            .thrown();
      }
    }
    // Other fields are derived from these or apply only to the exported room.
    var kept = new ArrayList<>(REQUIRED_FIELDS);
    kept.addAll(OPTIONAL_FIELDS);
    file.retain(kept);
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
}
