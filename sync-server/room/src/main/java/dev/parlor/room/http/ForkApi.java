package dev.parlor.room.http;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomFork;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.EditPlan;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Forks a room: makes a new room with the content of another one, now or at earlier heads. Any
 * person who may read a room may fork it, because that person could also export it. The person who
 * forks owns the new room. The original does not change.
 */
final class ForkApi {

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final RoomRegistry registry;
  private final Generations generations;
  private final RoomImages images;
  private final RandomIds random;
  private final Links links;
  private final RequestLimits limits;
  private final InstantSource clock;

  ForkApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      RoomRegistry registry,
      Generations generations,
      RoomImages images,
      RandomIds random,
      Links links,
      RequestLimits limits,
      InstantSource clock) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.registry = registry;
    this.generations = generations;
    this.images = images;
    this.random = random;
    this.links = links;
    this.limits = limits;
    this.clock = clock;
  }

  Reply fork(HttpCall call) {
    var owner = authorizer.requireIdentity(call);
    var fields = RequestFields.parse(call.body(), "title", "heads");
    var title = fields.optionalLine("title", RoomLimits.TITLE_LENGTH_MAX);
    var heads = heads(fields);
    var original = authorizer.enter(call).room();
    limits.countNewRoom(authorizer.limitKey(call));
    var root = root(original, heads);
    var originalTitle = RoomView.read(root).title();
    var room =
        new RoomInfo(
            random.slug(),
            random.documentId(),
            Optional.of(owner),
            clock.millis(),
            Optional.empty(),
            original.single(),
            Optional.of(new RoomInfo.Parent(original.slug(), originalTitle)));
    var _ = RecordUpdate.await(registry.reserve(room));
    var plan = RoomFork.of(root, title.orElseGet(() -> forkTitle(originalTitle)));
    for (var change : plan.changes()) {
      gateway.edit(room, _ -> new EditPlan<>(change, true));
    }
    RoomGateway.await(generations.importResults(room.documentId(), plan.results()));
    ImagesApi.await(images.copyAll(original.documentId(), room.documentId()));
    // Publish the room last, so that no client can open a room with missing parts.
    var _ = RecordUpdate.await(registry.publish(room));
    return RoomsApi.createdReply(call, room, links);
  }

  /** The title of a fork whose maker gave none. */
  static String forkTitle(String title) {
    var copy = title.isBlank() ? "Copy of a room" : "Copy of " + title;
    return copy.length() > RoomLimits.TITLE_LENGTH_MAX ? title : copy;
  }

  private static Optional<Set<ChangeHash>> heads(RequestFields fields) {
    var texts = fields.optionalTexts("heads", FixedServiceLimits.FORK_HEADS_MAX);
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    var heads = new HashSet<ChangeHash>();
    for (var text : texts.get()) {
      switch (ChangeHash.parse(text)) {
        case Decoding.Decoded<ChangeHash>(var hash) -> heads.add(hash);
        case Decoding.Malformed<ChangeHash> _ ->
            throw ProblemDetail.field(400, "heads", "heads must be hashes of changes in hex")
                .thrown();
      }
    }
    return Optional.of(heads);
  }

  private Value.MapOf root(RoomInfo original, Optional<Set<ChangeHash>> heads) {
    var root =
        heads.isEmpty()
            ? gateway.read(original).root()
            : AutomergeFile.root(
                RoomGateway.await(gateway.worker(original).save()), List.copyOf(heads.get()));
    if (root instanceof Value.MapOf map && map.entries().containsKey(RoomFields.SCHEMA)) {
      return map;
    }
    throw ProblemDetail.field(422, "heads", "at these heads the room did not exist yet").thrown();
  }
}
