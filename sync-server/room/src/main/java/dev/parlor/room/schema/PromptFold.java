package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Folds a stack of cards and a query into chat messages. A pure function. The preview and the real
 * request use it, and golden files pin its output.
 *
 * <h2>Rules [PF]</h2>
 *
 * <ul>
 *   <li>PF1 Cards are sorted by (order, id). Removed and muted cards do not count.
 *   <li>PF2 A remove card mutes the cards below it that one of its lines names: by id, by type, or
 *       by their whole text (ignoring case and outer space).
 *   <li>PF3 Rule {@code latest}: the topmost role and the topmost tone count; {@code combine}: all.
 *   <li>PF4 The smallest token limit counts. It becomes a sentence of the prompt and the token
 *       limit of the request.
 *   <li>PF5 Format, constraint, custom and image cards add their text in stack order.
 *   <li>PF6 The system message has paragraphs with a blank line between them: system prompt, roles,
 *       tones, the text of PF5, the token sentence. Without paragraphs there is no system message.
 *   <li>PF7 The query is the last message, unchanged. Attachments stand before it [PF10].
 *   <li>PF8 A card that is not valid for its type is left out and named in the problems.
 *   <li>PF9 A request that follows an answer includes the path to it: after the system message, a
 *       pair of user and assistant messages for each answer, oldest first. See {@link AnswerPath}.
 *   <li>PF10 Each attachment is a block before the query, see {@link Attachment}.
 *   <li>PF11 The oldest pairs of the path are left out above the budget. See {@link #budget}.
 *   <li>PF12 Images stand in the message of their question: image cards first, then attachments.
 *       Earlier images are left out above {@link RoomLimits#IMAGES_MAX}, the oldest first.
 * </ul>
 */
public final class PromptFold {

  private PromptFold() {}

  /** Folds a fresh start, which has no earlier answers. */
  public static FoldedPrompt fold(List<Card> cards, String query, Settings settings) {
    return fold(cards, query, settings, AnswerPath.NONE);
  }

  public static FoldedPrompt fold(
      List<Card> cards, String query, Settings settings, AnswerPath path) {
    return fold(cards, List.of(), query, settings, path);
  }

  /** Folds a question with its attachments. */
  public static FoldedPrompt fold(
      List<Card> cards, List<Attachment> attach, String query, Settings settings, AnswerPath path) {
    var problems = new ArrayList<Problem>();
    var stack = stack(cards, problems);
    var roles = ofType(stack, CardType.ROLE, settings.stackRule());
    var tones = ofType(stack, CardType.TONE, settings.stackRule());
    var limit = smallestLimit(stack);
    var used = new HashSet<String>();
    var paragraphs = new ArrayList<String>();
    addParagraph(paragraphs, settings.systemPrompt());
    var images = new ArrayList<String>();
    for (var card : roles) {
      addText(card, paragraphs, used);
    }
    for (var card : tones) {
      addText(card, paragraphs, used);
    }
    for (var card : stack) {
      switch (card.type()) {
        case FORMAT, CONSTRAINT, CUSTOM -> addText(card, paragraphs, used);
        case IMAGE -> {
          addText(card, paragraphs, used);
          if (card.image() != null) {
            images.add(card.image());
          }
        }
        case TOKEN_LIMIT -> {
          if (limit.equals(CardRules.tokens(card.text()))) {
            used.add(card.id());
          }
        }
        case REMOVE -> used.add(card.id());
        case ROLE, TONE -> {
          // Added above, before all other text.
        }
      }
    }
    if (limit.isPresent()) {
      paragraphs.add("IMPORTANT: Keep your response under " + limit.getAsInt() + " tokens.");
    }
    var text = String.join("\n\n", paragraphs);
    var messages = new ArrayList<FoldedPrompt.Message>();
    if (!text.isEmpty()) {
      messages.add(new FoldedPrompt.Message("system", text));
    }
    addPairs(messages, path);
    images.addAll(images(attach));
    messages.add(new FoldedPrompt.Message("user", question(attach, query), images));
    var usedInOrder = stack.stream().map(Card::id).filter(used::contains).toList();
    return new FoldedPrompt(
        withinImagesMax(messages), limit, text, usedInOrder, images, problems, path.omitted());
  }

  /** The content ids of the attached images, in order. */
  private static List<String> images(List<Attachment> attach) {
    return attach.stream()
        .filter(each -> each.kind() == Attachment.Kind.IMAGE)
        .map(Attachment::id)
        .toList();
  }

  /** Keeps the newest images up to the limit [PF12]. */
  private static List<FoldedPrompt.Message> withinImagesMax(List<FoldedPrompt.Message> messages) {
    var left = RoomLimits.IMAGES_MAX;
    var kept = new ArrayList<FoldedPrompt.Message>();
    for (var message : messages.reversed()) {
      var images = message.images().stream().limit(left).toList();
      left -= images.size();
      kept.addFirst(message.withImages(images));
    }
    return kept;
  }

  private static void addPairs(List<FoldedPrompt.Message> messages, AnswerPath path) {
    for (var pair : path.pairs()) {
      messages.add(new FoldedPrompt.Message("user", pair.question(), images(pair.attach())));
      messages.add(new FoldedPrompt.Message("assistant", pair.text()));
    }
  }

  /** The user message of a question: its attachments and the query [PF7, PF10]. */
  public static String question(List<Attachment> attach, String query) {
    var message = new StringBuilder();
    attach.forEach(each -> message.append(each.block()));
    return message.append(query).toString();
  }

  /** The messages of a folded prompt with another path in place of its own [GE9]. */
  public static List<FoldedPrompt.Message> withPath(
      List<FoldedPrompt.Message> messages, AnswerPath path) {
    var replaced = new ArrayList<FoldedPrompt.Message>();
    if (messages.getFirst().role().equals("system")) {
      replaced.add(messages.getFirst());
    }
    addPairs(replaced, path);
    replaced.add(messages.getLast());
    return List.copyOf(withinImagesMax(replaced));
  }

  /**
   * The budget of the path in UTF-16 units [PF11].
   *
   * @param contextTokens the model's context; 0 if it is unknown
   * @param fixedLength the length of the system message and of the last message
   * @param tokensMax the token limit of the answer; 0 without one
   */
  public static long budget(int contextTokens, long fixedLength, long tokensMax) {
    if (contextTokens == 0) {
      return RoomLimits.PATH_LENGTH_MAX;
    }
    var answer = tokensMax > 0 ? 4 * tokensMax : contextTokens;
    return Math.clamp(4L * contextTokens - fixedLength - answer, 0, RoomLimits.PATH_LENGTH_MAX);
  }

  /** The valid, unmuted cards in order [PF1, PF2, PF8]. */
  private static List<Card> stack(List<Card> cards, List<Problem> problems) {
    var active = cards.stream().filter(Card::isActive).sorted(Card.IN_ORDER).distinct().toList();
    var valid = new ArrayList<Card>();
    for (var card : active) {
      var problem = CardRules.problem(card.type(), card.text());
      if (card.type() == CardType.IMAGE && card.image() == null && card.text().isBlank()) {
        problems.add(new Problem("cards/" + card.id() + "/image", "is missing"));
      } else if (problem.isPresent()) {
        problems.add(new Problem("cards/" + card.id() + "/text", problem.get()));
      } else {
        valid.add(card);
      }
    }
    var mutedIds = new HashSet<String>();
    for (var i = 0; i < valid.size(); i++) {
      var remover = valid.get(i);
      if (remover.type() == CardType.REMOVE) {
        var named = named(remover, valid.subList(0, i));
        mutedIds.addAll(named);
        if (named.isEmpty()) {
          mutedIds.add(remover.id());
          problems.add(
              new Problem("cards/" + remover.id() + "/text", "names no card below this one"));
        }
      }
    }
    valid.removeIf(card -> mutedIds.contains(card.id()));
    return valid;
  }

  /** The ids of the cards below a remove card that one of its lines names [PF2]. */
  private static Set<String> named(Card remover, List<Card> below) {
    var named = new HashSet<String>();
    for (var line : remover.text().lines().map(PromptFold::normalized).toList()) {
      for (var card : below) {
        if (card.type() != CardType.REMOVE
            && !line.isEmpty()
            && (line.equals(card.id())
                || line.equals(card.type().wire())
                || line.equals(normalized(card.text())))) {
          named.add(card.id());
        }
      }
    }
    return named;
  }

  private static String normalized(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }

  private static List<Card> ofType(List<Card> stack, CardType type, Settings.StackRule rule) {
    var all = stack.stream().filter(card -> card.type() == type).toList();
    return switch (rule) {
      case COMBINE -> all;
      case LATEST -> all.isEmpty() ? all : List.of(all.getLast());
    };
  }

  private static OptionalInt smallestLimit(List<Card> stack) {
    return stack.stream()
        .filter(card -> card.type() == CardType.TOKEN_LIMIT)
        .map(card -> CardRules.tokens(card.text()))
        .flatMapToInt(OptionalInt::stream)
        .min();
  }

  private static void addText(Card card, List<String> paragraphs, Set<String> used) {
    used.add(card.id());
    addParagraph(paragraphs, card.text());
  }

  /** Adds the text without outer space and with plain line ends; adds nothing for a blank text. */
  private static void addParagraph(List<String> paragraphs, String text) {
    var words = text.replace("\r\n", "\n").replace('\r', '\n').strip();
    if (!words.isEmpty()) {
      paragraphs.add(words);
    }
  }
}
