package dev.parlor.room.http;

import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardRules;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.FractionalIndex;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.ModelMention;
import dev.parlor.room.schema.Named;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.EditPlan;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The commands for playing cards and for the chat. */
final class PlayApi {

  private final RoomGateway gateway;
  private final ImagesApi images;
  private final IdSource ids;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Generations generations;
  private final GenerationApi generation;

  PlayApi(
      RoomGateway gateway,
      ImagesApi images,
      IdSource ids,
      InstantSource clock,
      RandomGenerator random,
      Generations generations,
      GenerationApi generation) {
    this.generations = generations;
    this.generation = generation;
    this.gateway = gateway;
    this.images = images;
    this.ids = ids;
    this.clock = clock;
    this.random = random;
  }

  /** The commands of this class. */
  List<Command> commands() {
    return List.of(
        new Command(
            "play",
            "Plays a card on the stack.",
            List.of(
                cardType("cardType", "the type of the card"),
                cardType("type", "over HTTP: as cardType"),
                CommandField.text(
                    "text",
                    RoomLimits.CARD_LENGTH_MAX,
                    "the text of the card; a card of type image may have none"),
                CommandField.line(
                    "image",
                    RoomLimits.SHORT_LENGTH_MAX,
                    "for a card of type image: the id of an uploaded image")),
            this::play),
        new Command(
            "chat",
            "Writes in the chat. A text that begins with @model asks the model.",
            List.of(
                CommandField.text(
                    "text",
                    RoomLimits.CHAT_LENGTH_MAX,
                    "the message; may be missing with an image"),
                CommandField.line(
                    "replyTo", RoomLimits.SHORT_LENGTH_MAX, "the message that this one answers"),
                CommandField.text(
                    "after",
                    RoomLimits.SHORT_LENGTH_MAX,
                    "for a question: the request whose answer it follows"),
                CommandField.line(
                    "image", RoomLimits.SHORT_LENGTH_MAX, "the id of an uploaded image"),
                CommandField.line("alt", RoomLimits.ALT_LENGTH_MAX, "describes the image")),
            this::chat));
  }

  private Reply play(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var fields = call.fields();
    // In a message of a JSON socket, type is the name of the command.
    var field = fields.has("cardType") || call.source() != null ? "cardType" : "type";
    var type = type(field, fields.line(field, 40));
    var image = image(visitor.room(), type, fields);
    var text =
        image == null
            ? fields.text("text", RoomLimits.CARD_LENGTH_MAX).strip()
            : fields.optionalText("text", RoomLimits.CARD_LENGTH_MAX).orElse("").strip();
    CardRules.problem(type, text)
        .ifPresent(
            problem -> {
              throw ProblemDetail.field(422, "text", "text " + problem).thrown();
            });
    var away = RoomGateway.away(gateway.worker(visitor.room()));
    var card =
        gateway.edit(
            visitor.room(),
            call.author(),
            view -> {
              RoomGateway.requireWriter(visitor, identity, view);
              var order = TurnOrder.of(view, away);
              requireTurn(view, order, identity);
              var played = card(view, order, type, text, image, identity);
              return new EditPlan<>(RoomEdits.play(played), played);
            });
    return Reply.json(201, Map.of("card", json(card)));
  }

  private static CommandField cardType(String name, String meaning) {
    return CommandField.choice(name, CardType.values(), meaning);
  }

  private static CardType type(String field, String wire) {
    return Named.find(CardType.values(), wire)
        .orElseThrow(
            () ->
                ProblemDetail.field(
                        400,
                        field,
                        field
                            + " is one of "
                            + Arrays.stream(CardType.values())
                                .map(CardType::wire)
                                .sorted()
                                .collect(Collectors.joining(", ")))
                    .thrown());
  }

  private static void requireTurn(RoomView view, TurnOrder order, String identity) {
    if (order.mayPlay(identity)) {
      return;
    }
    var holder = order.holder();
    var name =
        holder == null ? "nobody" : view.participant(holder).map(Participant::name).orElse(holder);
    throw ProblemDetail.of(409, "out-of-turn", "it is not your turn; it is the turn of " + name)
        .with("holder", holder == null ? "" : holder)
        .with("holderName", name)
        .thrown();
  }

  /** The image of an image card, which must be uploaded before; null for other cards. */
  private @Nullable String image(RoomInfo room, CardType type, RequestFields fields) {
    var image = fields.optionalLine("image", RoomLimits.SHORT_LENGTH_MAX);
    if (type != CardType.IMAGE) {
      if (image.isPresent()) {
        throw ProblemDetail.field(422, "image", "image needs a card of type image").thrown();
      }
      return null;
    }
    var id =
        image.orElseThrow(
            () ->
                ProblemDetail.field(
                        422, "image", "image is missing; upload it first: POST …/images")
                    .thrown());
    images.require(room, "image", id);
    return id;
  }

  private Card card(
      RoomView view,
      TurnOrder order,
      CardType type,
      String text,
      @Nullable String image,
      String identity) {
    var keys = view.cards().stream().map(Card::order).toList();
    return new Card(
        ids.next(),
        type,
        text,
        image,
        identity,
        clock.millis(),
        FractionalIndex.afterAll(keys, random),
        order.claim().orElse(null),
        false,
        null);
  }

  private static Map<String, Object> json(Card card) {
    var json = new LinkedHashMap<String, Object>();
    json.put("id", card.id());
    json.put("type", card.type().wire());
    json.put("text", card.text());
    Optional.ofNullable(card.image()).ifPresent(image -> json.put("image", image));
    json.put("by", card.by());
    json.put("at", card.at());
    json.put("order", card.order());
    Optional.ofNullable(card.turn()).ifPresent(turn -> json.put("turn", turn));
    return json;
  }

  /** Appends a message to the chat. A message that begins with {@code @model} asks the model. */
  private Reply chat(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var fields = call.fields();
    var image = fields.optionalLine("image", RoomLimits.SHORT_LENGTH_MAX);
    image.ifPresent(id -> images.require(visitor.room(), "image", id));
    var alt = fields.optionalLine("alt", RoomLimits.ALT_LENGTH_MAX);
    if (alt.isPresent() && image.isEmpty()) {
      throw ProblemDetail.field(422, "alt", "alt describes an image, and image is missing")
          .thrown();
    }
    var replyTo = fields.optionalLine("replyTo", RoomLimits.SHORT_LENGTH_MAX);
    var sentAfter = fields.optionalText("after", RoomLimits.SHORT_LENGTH_MAX);
    var text =
        image.isEmpty()
            ? fields.text("text", RoomLimits.CHAT_LENGTH_MAX).strip()
            : fields.optionalText("text", RoomLimits.CHAT_LENGTH_MAX).orElse("").strip();
    var entry =
        new ChatEntry(
            ids.next(),
            identity,
            clock.millis(),
            ChatEntry.Kind.SAY,
            text,
            replyTo.orElse(null),
            null,
            image.orElse(null),
            alt.orElse(null),
            null);
    var reply = new LinkedHashMap<String, Object>();
    reply.put("id", entry.id());
    reply.put("by", identity);
    reply.put("at", entry.at());
    reply.put("text", text);
    image.ifPresent(id -> reply.put("image", id));
    var view = gateway.read(visitor.room()).view();
    var question = ModelMention.question(text, generations.modelOf(view));
    if (question.filter(words -> !words.isEmpty()).isPresent()) {
      RoomGateway.requireWriter(visitor, identity, view);
      requireRepliedEntry(entry, view);
      var after = sentAfter.orElseGet(() -> lastRequest(view));
      var asked =
          new Generations.Question(
              identity,
              question.get(),
              after,
              image.map(id -> List.of(Attachment.image(id, alt.orElse("")))).orElse(List.of()),
              entry.id());
      reply.put("request", generation.ask(visitor.room(), asked, RoomEdits.chat(entry)).request());
      return Reply.json(201, reply);
    }
    gateway.edit(
        visitor.room(),
        call.author(),
        present -> {
          RoomGateway.requireSpeaker(visitor, identity, present);
          requireRepliedEntry(entry, present);
          return new EditPlan<>(RoomEdits.chat(entry), true);
        });
    return Reply.json(201, reply);
  }

  private static void requireRepliedEntry(ChatEntry entry, RoomView view) {
    var repliedEntry = entry.replyTo();
    if (repliedEntry != null
        && view.chat().stream().noneMatch(each -> each.id().equals(repliedEntry))) {
      throw ProblemDetail.field(422, "replyTo", "replyTo is not the id of a message in this room")
          .thrown();
    }
  }

  /** The request that was accepted last and not refused; empty without one [GE16]. */
  private static String lastRequest(RoomView view) {
    var waiting =
        view.generation().queue().stream()
            .filter(queued -> queued.state() == Queued.State.WAITING)
            .map(Queued::request)
            .toList();
    if (!waiting.isEmpty()) {
      return waiting.getLast();
    }
    return view.results().stream()
        .filter(result -> result.status() != Result.Status.REFUSED)
        .map(Result::request)
        .reduce("", (_, later) -> later);
  }
}
