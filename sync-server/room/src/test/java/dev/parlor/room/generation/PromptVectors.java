package dev.parlor.room.generation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.FoldedPrompt;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Named;
import dev.parlor.room.schema.RoomView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * The cases of {@code docs/vectors/prompt-fold.json}, which this project's two implementations of
 * the fold must agree on. {@link #main} draws the cases anew and writes the file.
 */
final class PromptVectors {
  static final Path FILE = Path.of("..", "..", "docs", "vectors", "prompt-fold.json");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CASES = 40;

  private static final List<String> CARD_TYPES =
      List.of("role", "tone", "token-limit", "format", "constraint", "custom", "image", "remove");
  private static final List<String> TEXTS =
      List.of(
          "Act as an editor",
          " Plain\r\nand warm\r ",
          "50 tokens",
          "7",
          "tone",
          "c0\nrole",
          "",
          "\u00a0",
          "漢字 \ud83d\ude00",
          "Say \"so\"");
  private static final List<String> IMAGES = List.of("zOne", "zTwo", "zThree");
  private static final List<String> FROM =
      List.of("result:r0", "note:n", "card:c", "chat:m", "elsewhere");

  private PromptVectors() {}

  static List<JsonNode> read() throws IOException {
    List<JsonNode> all = new ArrayList<>();
    JSON.readTree(FILE.toFile()).forEach(all::add);
    return all;
  }

  public static void main(String[] arguments) throws IOException {
    Random random = new Random(13);
    ArrayNode all = JSON.createArrayNode();
    for (int i = 0; i < CASES; i++) {
      ObjectNode vector = draw(random).put("name", "case " + i);
      vector.set("expected", expected(vector));
      all.add(vector);
    }
    Files.writeString(FILE, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
  }

  private static String any(List<String> choices, Random random) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static ObjectNode draw(Random random) {
    ObjectNode vector = JSON.createObjectNode();
    ObjectNode cards = vector.putObject("cards");
    for (int i = 0, count = random.nextInt(7); i < count; i++) {
      ObjectNode card = cards.putObject("c" + i);
      card.put("type", any(CARD_TYPES, random)).put("text", any(TEXTS, random));
      if (random.nextInt(3) > 0) {
        card.put("image", any(IMAGES, random));
      }
      card.put("order", "a" + random.nextInt(4)).put("muted", random.nextInt(6) == 0);
      card.put("removedBy", random.nextInt(6) == 0 ? "ann" : null);
    }
    ObjectNode results = vector.putObject("results");
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      ObjectNode result = results.putObject("r" + i);
      result.put("query", "Question " + i).put("status", "done").put("startedAt", i);
      result.put("after", i == 0 ? "" : "r" + random.nextInt(i));
      result.putArray("chunks").add(any(TEXTS, random).repeat(random.nextInt(40)));
      if (random.nextInt(3) == 0) {
        result.set("attach", attachments(random));
      }
    }
    vector.put("query", any(List.of("Why?", " And\r\nthen? ", "😀"), random));
    vector.set("attach", attachments(random));
    vector.put("after", count == 0 ? "" : "r" + (count - 1));
    vector.put("stackRule", random.nextBoolean() ? "latest" : "combine");
    vector.put("systemPrompt", random.nextBoolean() ? "" : "Answer in English.\n");
    vector.put("contextTokens", random.nextBoolean() ? 0 : 60 + random.nextInt(300));
    return vector;
  }

  private static ArrayNode attachments(Random random) {
    ArrayNode attach = JSON.createArrayNode();
    for (int i = 0, count = random.nextInt(5); i < count; i++) {
      ObjectNode entry = attach.addObject();
      if (random.nextInt(3) == 0) {
        entry.put("kind", "image").put("id", any(IMAGES, random)).put("text", any(TEXTS, random));
      } else if (random.nextBoolean()) {
        entry.put("kind", "note").put("id", "n").put("title", any(TEXTS, random));
        entry.put("text", any(TEXTS, random));
      } else {
        entry.put("kind", "text").put("text", any(TEXTS, random));
        entry.put("from", random.nextInt(4) == 0 ? null : any(FROM, random));
      }
    }
    return attach;
  }

  /** The prompt of a case, by the code that the server uses for previews and calls. */
  static ObjectNode expected(JsonNode vector) {
    int context = vector.path("contextTokens").asInt();
    RoomView room =
        RoomView.read(
            Value.map(
                "cards", value(vector.path("cards")),
                "results", value(vector.path("results")),
                "settings",
                    Value.map(
                        "stackRule", value(vector.path("stackRule")),
                        "systemPrompt", value(vector.path("systemPrompt")))));
    List<Attachment> attach = new ArrayList<>();
    vector
        .path("attach")
        .forEach(
            each ->
                attach.add(
                    new Attachment(
                        Named.find(Attachment.Kind.values(), each.path("kind").asText())
                            .orElseThrow(),
                        each.path("id").asText(""),
                        each.path("title").asText(""),
                        each.path("text").asText(""),
                        each.path("from").isTextual() ? each.path("from").asText() : null)));
    List<String> cards = room.cards().stream().map(Card::id).toList();
    Lock lock =
        new Lock(
            "r",
            "ann",
            0,
            vector.path("query").asText(),
            cards,
            0,
            vector.path("after").asText(),
            attach,
            null);
    BuiltPrompt built =
        new PromptBuilder("stub", Set.of(), ServiceLimits.defaults().model(), _ -> context)
            .prepareFrozen(lock, room);
    ObjectNode expected = JSON.createObjectNode();
    ArrayNode messages = expected.putArray("messages");
    built.messages().forEach(message -> messages.add(json(message)));
    expected.put("tokensMax", built.tokensMax());
    expected.put("text", built.text());
    expected.set("cardsUsed", JSON.valueToTree(built.cards()));
    ArrayNode problems = expected.putArray("problems");
    built
        .problems()
        .forEach(
            problem ->
                problems.addObject().put("path", problem.path()).put("message", problem.message()));
    expected.put("omitted", built.omitted());
    return expected;
  }

  /** A message; without images it has no field for them. */
  private static ObjectNode json(FoldedPrompt.Message message) {
    ObjectNode json = JSON.createObjectNode();
    json.put("role", message.role()).put("content", message.content());
    if (!message.images().isEmpty()) {
      json.set("images", JSON.valueToTree(message.images()));
    }
    return json;
  }

  private static Value value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, Value> entries = new TreeMap<>();
        node.properties().forEach(entry -> entries.put(entry.getKey(), value(entry.getValue())));
        yield new Value.MapOf(new TreeMap<>(entries));
      }
      case ARRAY -> {
        List<Value> items = new ArrayList<>();
        node.forEach(item -> items.add(value(item)));
        yield Value.list(items);
      }
      case STRING -> Value.of(node.textValue());
      case NUMBER -> Value.of(node.longValue());
      case BOOLEAN -> Value.of(node.booleanValue());
      default -> Value.NULL;
    };
  }
}
