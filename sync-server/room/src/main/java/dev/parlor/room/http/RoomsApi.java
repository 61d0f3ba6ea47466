package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.access.Members;
import dev.parlor.room.access.Owners;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.access.RoomSecret;
import dev.parlor.room.access.SharedRooms;
import dev.parlor.room.access.Tickets;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.GuestName;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.template.RoomFile;
import dev.parlor.room.template.RoomFiles;
import dev.parlor.room.worker.EditPlan;
import io.helidon.http.HeaderNames;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/** The endpoints that create and show rooms, join people, and return links and tickets. */
final class RoomsApi {

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final RoomRegistry registry;
  private final RoomAuthorizer roomAuthorizer;
  private final Owners owners;
  private final Members members;
  private final RandomIds random;
  private final IdSource ids;
  private final Links links;
  private final Tickets tickets;
  private final RequestLimits limits;
  private final InstantSource clock;
  private final String storageId;
  private final RoomFiles roomFiles;
  private final SharedRooms sharedRooms;

  RoomsApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      RoomRegistry registry,
      RoomAuthorizer roomAuthorizer,
      Owners owners,
      Members members,
      RandomIds random,
      IdSource ids,
      Links links,
      Tickets tickets,
      RequestLimits limits,
      InstantSource clock,
      String storageId,
      RoomFiles roomFiles,
      SharedRooms sharedRooms) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.registry = registry;
    this.roomAuthorizer = roomAuthorizer;
    this.owners = owners;
    this.members = members;
    this.random = random;
    this.ids = ids;
    this.links = links;
    this.tickets = tickets;
    this.limits = limits;
    this.clock = clock;
    this.storageId = storageId;
    this.roomFiles = roomFiles;
    this.sharedRooms = sharedRooms;
  }

  Reply create(HttpCall call) {
    var owner = authorizer.identity(call);
    var fields = RequestFields.parse(call.body(), "title", "secret", "template");
    var title = fields.optionalLine("title", RoomLimits.TITLE_LENGTH_MAX).filter(t -> !t.isEmpty());
    var secret = SecretApi.ofBody(fields);
    var file =
        fields.optionalLine("template", FixedServiceLimits.SLUG_LENGTH_MAX).map(this::roomFile);
    limits.countNewRoom(authorizer.limitKey(call));
    return create(call, file, title, owner, secret);
  }

  private RoomFile roomFile(String id) {
    return roomFiles
        .listing()
        .find(id)
        .orElseThrow(
            () ->
                ProblemDetail.field(
                        422, "template", "there is no room file “" + id + "”; see /api/room-files")
                    .thrown());
  }

  /** Creates a room from a room file, or the standard room without one. */
  Reply create(
      HttpCall call,
      Optional<RoomFile> file,
      Optional<String> title,
      Optional<String> owner,
      Optional<RoomSecret> secret) {
    var key = file.flatMap(RoomFile::sharedKey);
    if (key.isEmpty()) {
      return createdReply(call, make(file, title, owner, secret), links);
    }
    var made = new AtomicReference<RoomInfo>();
    var room =
        sharedRooms.of(
            key.get(),
            () -> {
              made.set(make(file, title, owner, secret));
              return made.get();
            });
    return room.equals(made.get())
        ? createdReply(call, room, links)
        : sharedReply(call, room, links);
  }

  private RoomInfo make(
      Optional<RoomFile> file,
      Optional<String> title,
      Optional<String> owner,
      Optional<RoomSecret> secret) {
    var now = clock.millis();
    var content = file.map(RoomFile::content).orElseGet(() -> GenesisOptions.standard(""));
    var genesis = title.map(content::titled).orElse(content);
    var single = file.filter(found -> !found.multiplayer()).isPresent();
    var room =
        new RoomInfo(
            random.slug(), random.documentId(), owner, now, secret, single, Optional.empty());
    var _ = RecordUpdate.await(registry.reserve(room));
    gateway.edit(room, _ -> new EditPlan<>(RoomSchema.genesis(genesis, ids, now), true));
    if (secret.isPresent() && owner.isPresent()) {
      // The creator chose the secret and does not have to prove it.
      members.setKnowsSecret(room.slug(), owner.get());
    }
    var _ = RecordUpdate.await(registry.publish(room));
    return room;
  }

  /**
   * The reply to a person who made a room from a file with a key that another room has already. The
   * person gets that room, as a player.
   */
  private static Reply sharedReply(HttpCall call, RoomInfo room, Links links) {
    var json = Json.object();
    json.put("slug", room.slug());
    json.put("documentId", room.documentId().value());
    json.put("automergeUrl", room.documentId().url());
    json.put("shared", true);
    json.set("links", Json.tree(withoutHost(links.pages(call, room.slug()))));
    json.set("sync", Json.tree(withoutHost(links.sockets(call, room.slug()))));
    return Reply.json(200, json).header("Cache-Control", "no-store");
  }

  private static Map<String, String> withoutHost(Map<String, String> byRole) {
    var copy = new TreeMap<>(byRole);
    copy.remove(Role.HOST.name().toLowerCase(Locale.ROOT));
    return copy;
  }

  /** The reply to the creator of a room. */
  static Reply createdReply(HttpCall call, RoomInfo room, Links links) {
    return createdReply(room, createdJson(call, room, links));
  }

  /** The room's addresses, for its creator. */
  static ObjectNode createdJson(HttpCall call, RoomInfo room, Links links) {
    var json = Json.object();
    json.put("slug", room.slug());
    json.put("documentId", room.documentId().value());
    json.put("automergeUrl", room.documentId().url());
    json.set("links", Json.tree(links.pages(call, room.slug())));
    json.set("sync", Json.tree(links.sockets(call, room.slug())));
    return json;
  }

  static Reply createdReply(RoomInfo room, ObjectNode json) {
    return Reply.json(201, json)
        .header("Location", "/api/rooms/" + room.slug())
        .header("Cache-Control", "no-store");
  }

  /** The room as JSON, or 304 if the client already has these heads. */
  Reply show(HttpCall call) {
    var room = authorizer.enter(call).room();
    var worker = gateway.worker(room);
    var reading = RoomGateway.await(worker.read());
    var etag = ETags.of(reading.heads());
    var ifNoneMatch = call.header(HeaderNames.IF_NONE_MATCH);
    var reply =
        ifNoneMatch.isPresent() && ETags.matches(ifNoneMatch.get(), etag)
            ? Reply.empty(304)
            : Reply.json(
                200,
                withOwner(
                    room, RoomJson.of(room, reading, RoomGateway.away(worker)), caller(call)));
    return reply.header("ETag", etag).header("Cache-Control", "private, no-cache");
  }

  private Optional<String> caller(HttpCall call) {
    return authorizer.validIdentity(call);
  }

  private ObjectNode withOwner(RoomInfo room, ObjectNode json, Optional<String> caller) {
    json.put("owner", owners.of(room).orElse(null));
    json.put("single", room.single());
    json.set("parent", room.parent().map(parent -> parent(parent, caller)).orElse(null));
    return json;
  }

  /** The room of which a room is a fork. Its slug is shown only to identities that may enter it. */
  private ObjectNode parent(RoomInfo.Parent parent, Optional<String> caller) {
    var mayEnter =
        registry
            .bySlug(parent.slug())
            .filter(
                room ->
                    caller.isPresent()
                        && roomAuthorizer.check(room, "", caller)
                            instanceof RoomAuthorizer.Decision.Allowed)
            .isPresent();
    return Json.object().put("title", parent.title()).put("slug", mayEnter ? parent.slug() : null);
  }

  /** The room's links. Only hosts may see them. */
  Reply links(HttpCall call) {
    var visitor = authorizer.enter(call);
    if (visitor.role() != Role.HOST) {
      throw ProblemDetail.forbidden("not-host", "only a host may see the room's links").thrown();
    }
    var slug = visitor.room().slug();
    return Reply.json(
            200,
            Map.of(
                "links",
                links.pages(call, slug),
                "sync",
                links.sockets(call, slug),
                "locked",
                visitor.room().isLocked()))
        .header("Cache-Control", "no-store");
  }

  /**
   * Joins the room. Joining again changes name, avatar and color, and keeps the place in the turn
   * order.
   */
  Reply join(HttpCall call) {
    var identity = authorizer.requireIdentity(call);
    var fields = RequestFields.parse(call.body(), "name", "avatar", "color");
    migrateMember(call, identity);
    var visitor = authorizer.join(call, identity);
    var room = visitor.room();
    var ownerReturns = owners.isOwner(room, identity) && members.of(room.slug(), identity).kicked();
    if (ownerReturns) {
      // An owner cannot be removed. Undo a removal from before the identity became the owner.
      members.setOwner(room.slug(), identity);
    }
    var guestName = GuestName.of(identity);
    var name = fields.optionalLine("name", RoomLimits.NAME_LENGTH_MAX).filter(n -> !n.isEmpty());
    var avatar = fields.optionalLine("avatar", FixedServiceLimits.AVATAR_LENGTH_MAX);
    var color = fields.optionalLine("color", FixedServiceLimits.COLOR_LENGTH_MAX);
    var issuedName = authorizer.issuedName(call);
    var now = clock.millis();
    gateway.edit(
        room,
        view -> {
          var existing = view.participant(identity);
          var person =
              new Participant(
                  identity,
                  name.or(() -> existing.map(Participant::name))
                      .or(() -> issuedName)
                      .orElse(guestName.name()),
                  avatar.or(() -> existing.map(Participant::avatar)).orElse(guestName.avatar()),
                  color.or(() -> existing.map(Participant::color)).orElse(null),
                  RoomGateway.documentRole(visitor.role()),
                  members.joinedAt(
                      room.slug(), identity, existing.map(Participant::joinedAt).orElse(now)));
          var edits = new ArrayList<>(RoomEdits.join(view, person));
          if (ownerReturns && existing.isPresent()) {
            edits.addAll(RoomEdits.readmitPerson(identity));
          }
          return new EditPlan<>(edits, true);
        });
    var json = joinedJson(visitor, identity);
    json.put(
        "addressKey",
        roomAuthorizer.addressKey(room, RequestAuthorizer.sentKey(call), identity).orElse(null));
    return Reply.json(200, json).header("Cache-Control", "no-store");
  }

  /** Migrates a member of an earlier version, whose role is stored only in the document. */
  private void migrateMember(HttpCall call, String identity) {
    var room = authorizer.room(call);
    var member = members.of(room.slug(), identity);
    if (member.fromEarlierVersion() && !member.kicked()) {
      gateway
          .read(room)
          .view()
          .participant(identity)
          .ifPresent(
              person ->
                  members.migrate(room.slug(), identity, RoomGateway.serverRole(person.role())));
    }
  }

  private ObjectNode joinedJson(RequestAuthorizer.Visitor visitor, String identity) {
    var room = visitor.room();
    var worker = gateway.worker(room);
    var reading = RoomGateway.await(worker.read());
    var away = RoomGateway.away(worker);
    var person = RoomGateway.requireParticipant(reading.view(), identity);
    var json = Json.object();
    json.put("slug", room.slug());
    json.put("documentId", room.documentId().value());
    json.put("automergeUrl", room.documentId().url());
    json.put("identity", identity);
    json.put("role", effectiveRole(visitor, identity, reading.view()));
    json.put("storageId", storageId);
    json.set("participant", RoomJson.person(person, TurnOrder.of(reading.view(), away), away));
    json.set("room", withOwner(room, RoomJson.of(room, reading, away), Optional.of(identity)));
    json.set("heads", RoomJson.heads(reading.heads()));
    return json;
  }

  private static String effectiveRole(
      RequestAuthorizer.Visitor visitor, String identity, dev.parlor.room.schema.RoomView view) {
    return RoomGateway.effectiveRole(visitor.role(), identity, view)
        .name()
        .toLowerCase(Locale.ROOT);
  }

  /** Issues a single-use ticket for one socket or event stream, with the identity's role. */
  Reply issueTicket(HttpCall call) {
    var identity = authorizer.requireIdentity(call);
    RequestFields.parse(call.body());
    migrateMember(call, identity);
    var visitor = authorizer.connect(call, identity);
    var view = gateway.read(visitor.room()).view();
    var role = RoomGateway.effectiveRole(visitor.role(), identity, view);
    var ticket =
        tickets.issue(
            new Caller(
                Optional.of(identity),
                role,
                Optional.of(visitor.room().documentId()),
                visitor.link()));
    return Reply.json(
            201,
            Map.of(
                "url", links.ticketSocket(call, ticket.value()),
                "role", role.name().toLowerCase(Locale.ROOT),
                "expiresAt", ticket.expiresAt().toEpochMilli()))
        .header("Cache-Control", "no-store");
  }
}
