package dev.parlor.room.schema;

import static dev.parlor.room.schema.Rooms.card;
import static dev.parlor.room.schema.Rooms.muted;
import static dev.parlor.room.schema.Rooms.removed;
import static dev.parlor.room.schema.Rooms.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptFoldTest {

  private static final Settings LATEST = rule(Settings.StackRule.LATEST);

  static final List<Card> STACK =
      List.of(
          card("role1", CardType.ROLE, "You are an editor.", "a0"),
          card("role2", CardType.ROLE, "You are a pirate.", "a1"),
          muted(card("role3", CardType.ROLE, "You are a robot.", "a2")),
          card("tone1", CardType.TONE, "Calm.", "a3"),
          removed(card("tone2", CardType.TONE, "Loud.", "a4"), "ben"),
          card("limit90", CardType.TOKEN_LIMIT, "90", "a5"),
          card("format", CardType.FORMAT, "Three bullet points.\n", "a6"),
          card("constraint", CardType.CONSTRAINT, "No exclamation marks.", "a7"),
          card("limit50", CardType.TOKEN_LIMIT, " 50 Tokens ", "a8"),
          card("custom", CardType.CUSTOM, "Mention the tunnel,\r\nand the rain.", "a9"));

  private static Settings english(Settings.StackRule rule) {
    return new Settings(
        Settings.TurnMode.FREE,
        10,
        Settings.Status.ACTIVE,
        rule,
        null,
        "Answer in English.",
        false);
  }

  /** A prompt in the format of the golden files. */
  static String format(FoldedPrompt fold) {
    var out = new StringBuilder();
    for (var message : fold.messages()) {
      out.append("[%s]\n%s\n".formatted(message.role(), message.content()));
    }
    var tokens = fold.tokensMax();
    out.append("[tokens] ").append(tokens.isPresent() ? "" + tokens.getAsInt() : "none");
    out.append("\n[used]");
    fold.cardsUsed().forEach(id -> out.append(' ').append(id));
    out.append('\n');
    fold.images().forEach(id -> out.append("[images] ").append(id).append('\n'));
    for (var problem : fold.problems()) {
      out.append("[problem] %s: %s\n".formatted(problem.path(), problem.message()));
    }
    return out.toString();
  }

  @Test
  @DisplayName(
      "[PF6] the prompt has role, tone and token sentence with blank lines between them, byte for byte")
  void paragraphsAreSeparatedByBlankLines() {
    var fold =
        PromptFold.fold(
            List.of(
                card("r", CardType.ROLE, "You are a lighthouse keeper who answers letters.", "a0"),
                card("t", CardType.TONE, "Speak warmly and plainly.", "a1"),
                card("l", CardType.TOKEN_LIMIT, "50 tokens", "a2")),
            "Is it lonely?",
            LATEST);
    assertEquals(Vectors.golden("prompt-seed.txt"), fold.text());
    assertEquals(OptionalInt.of(50), fold.tokensMax());
    assertEquals(new FoldedPrompt.Message("user", "Is it lonely?"), fold.messages().getLast());
    assertEquals(new FoldedPrompt.Message("system", fold.text()), fold.messages().getFirst());
  }

  @Test
  @DisplayName(
      "[PF1] [PF3] [PF4] [PF5] rule latest: the topmost role and tone and the smallest limit count")
  void ruleLatest() {
    assertEquals(
        Vectors.golden("prompt-latest.txt"),
        format(
            PromptFold.fold(
                STACK, "  Write the launch page.", english(Settings.StackRule.LATEST))));
  }

  @Test
  @DisplayName("[PF3] with rule combine every role and tone counts, in order")
  void ruleCombine() {
    assertEquals(
        Vectors.golden("prompt-combine.txt"),
        format(
            PromptFold.fold(
                STACK, "  Write the launch page.", english(Settings.StackRule.COMBINE))));
  }

  @Test
  @DisplayName("[PF2] a remove card mutes the cards below it that it names by type, text or id")
  void removeCardsMuteCardsBelow() {
    var stack =
        List.of(
            card("lonely", CardType.REMOVE, "custom", "a0"),
            card("editor", CardType.ROLE, "You are an editor.", "a1"),
            card("calm", CardType.TONE, "Calm.", "a2"),
            card("limit", CardType.TOKEN_LIMIT, "50", "a3"),
            card("secret", CardType.CUSTOM, "Say the secret word.", "a4"),
            card("by-id", CardType.FORMAT, "A table.", "a5"),
            card(
                "remove",
                CardType.REMOVE,
                "Tone\n say THE secret word. \nby-id\ntoken-limit",
                "a6"),
            card("short", CardType.CONSTRAINT, "Short lines.", "a7"),
            removed(card("gone", CardType.REMOVE, "role", "a8"), "ben"),
            muted(card("quiet", CardType.REMOVE, "role", "a9")));
    assertEquals(
        Vectors.golden("prompt-remove.txt"), format(PromptFold.fold(stack, "Go.", LATEST)));
  }

  @Test
  @DisplayName(
      "[PF8] invalid cards are left out and listed as problems; images are given by content id")
  void invalidCardsAreLeftOut() {
    var stack =
        List.of(
            card("bad-limit", CardType.TOKEN_LIMIT, "as short as possible", "a0"),
            card("blank", CardType.ROLE, " \n ", "a1"),
            card("no-image", CardType.IMAGE, "", "a2"),
            new Card(
                "picture",
                CardType.IMAGE,
                "A picture of a tunnel",
                "cid-1",
                "anna",
                1,
                "a3",
                null,
                false,
                null));
    assertEquals(
        Vectors.golden("prompt-problems.txt"), format(PromptFold.fold(stack, "Go.", LATEST)));
  }

  @Test
  @DisplayName("[PF6] [PF7] with an empty stack the query is the only message")
  void emptyStack() {
    assertEquals(
        Vectors.golden("prompt-empty.txt"), format(PromptFold.fold(List.of(), "Go.", LATEST)));
  }

  @ParameterizedTest
  @CsvSource({
    "50, 50",
    "50 tokens, 50",
    "' 7 TOKEN ', 7",
    "1, 1",
    "100000, 100000",
    "050, 50",
    "100001, 0",
    "0, 0",
    "-5, 0",
    "1e9, 0",
    "abc, 0",
    "'', 0",
    "5.5, 0",
    "999999999999, 0",
    "50 words, 0",
    "'1,000', 0",
    "+5, 0",
    "\u0665, 0"
  })
  @DisplayName("a token-limit card reads a whole number from 1, or is invalid")
  void tokenLimitIsAWholeNumber(String text, int expected) {
    var tokens = CardRules.tokens(text);
    assertEquals(expected == 0 ? OptionalInt.empty() : OptionalInt.of(expected), tokens);
    assertEquals(tokens.isEmpty(), CardRules.problem(CardType.TOKEN_LIMIT, text).isPresent());
  }

  @Test
  @DisplayName(
      "the text of a card is valid up to the length limit; it is blank only on an image card")
  void cardTextLimits() {
    var longest = "x".repeat(RoomLimits.CARD_LENGTH_MAX);
    Stream.of(CardType.values())
        .filter(type -> type != CardType.TOKEN_LIMIT)
        .forEach(
            type -> {
              assertEquals(true, CardRules.problem(type, longest).isEmpty(), type::wire);
              assertEquals(true, CardRules.problem(type, longest + "x").isPresent(), type::wire);
              assertEquals(
                  type != CardType.IMAGE, CardRules.problem(type, " ").isPresent(), type::wire);
            });
  }
}
