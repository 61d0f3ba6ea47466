package dev.parlor.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answer of {@link RehearsalClient} to a request: Markdown with a heading, a paragraph about
 * the cards, a list and a small code block. A pure function of the request.
 *
 * @param words the text, split into words; each word counts as a token
 * @param promptTokens the number of words in the request's messages
 * @param isTruncated whether the request's token limit truncated the text
 */
record RehearsalAnswer(List<String> words, int promptTokens, boolean isTruncated) {

  /** The first line of every answer; the token limit does not apply to it. */
  static final String FIRST_LINE =
      "*Rehearsal: this is not a language model. A small program answers from your cards.*";

  private static final Pattern WORD = Pattern.compile("\\S+\\s*");
  private static final Pattern LIMIT_LINE = Pattern.compile("IMPORTANT: Keep your response .*");

  RehearsalAnswer {
    words = List.copyOf(words);
  }

  static RehearsalAnswer to(ModelRequest request) {
    List<String> cards = new ArrayList<>();
    String query = "";
    for (var message : request.messages()) {
      if (message.role().equals("user")) {
        query = message.content().strip();
      } else {
        for (String block : message.content().split("\\n\\s*\\n", -1)) {
          String line = plainLine(block, 160);
          if (!line.isEmpty() && !LIMIT_LINE.matcher(line).matches()) {
            cards.add(line);
          }
        }
      }
    }
    List<String> words = split(compose(request, cards, query));
    int firstLineWords = split(FIRST_LINE).size();
    int max = Math.max(firstLineWords, request.tokensMax().orElse(Integer.MAX_VALUE));
    boolean isTruncated = words.size() > max;
    int promptTokens =
        request.messages().stream().mapToInt(message -> split(message.content()).size()).sum();
    return new RehearsalAnswer(
        isTruncated ? words.subList(0, max) : words, promptTokens, isTruncated);
  }

  private static String compose(ModelRequest request, List<String> cards, String query) {
    Random random = new Random(seed(request));
    String subject = query.isEmpty() ? "An empty question" : plainLine(query, 72);
    StringBuilder text = new StringBuilder(FIRST_LINE).append("\n\n");
    text.append("## ").append(subject).append("\n\n");
    text.append(choose(random, OPENINGS)).append(' ');
    text.append(
        switch (cards.size()) {
          case 0 -> "No card lies on the stack, so nothing shapes the answer yet.";
          case 1 -> "One card shapes the answer: **" + cards.getFirst() + "**.";
          default ->
              cards.size()
                  + " cards shape the answer, beginning with **"
                  + cards.getFirst()
                  + "** and ending with **"
                  + cards.getLast()
                  + "**.";
        });
    text.append(' ').append(choose(random, MIDDLES)).append("\n\n");
    for (String card : cards.subList(0, Math.min(6, cards.size()))) {
      text.append("- ").append(choose(random, VERBS)).append(": ").append(card).append('\n');
    }
    int images = request.messages().getLast().images().size();
    if (images > 0) {
      text.append("- Not looked at: ").append(images == 1 ? "1 image" : images + " images");
      text.append('\n');
    }
    text.append("- Asked, word for word: ")
        .append(query.isEmpty() ? "(nothing)" : plainLine(query, 200));
    text.append("\n\n```json\n{\n");
    text.append("  \"cards\": ").append(cards.size()).append(",\n");
    text.append("  \"messages\": ").append(request.messages().size()).append(",\n");
    text.append("  \"tokensMax\": ");
    text.append(request.tokensMax().isPresent() ? request.tokensMax().getAsInt() : "null");
    text.append("\n}\n```\n\n").append(choose(random, CLOSINGS)).append('\n');
    return text.toString();
  }

  /** Converts a text to one line without Markdown syntax. */
  private static String plainLine(String text, int charsMax) {
    String line =
        text.replaceAll("[\\s\\p{Cntrl}]+", " ").replaceAll("[`*_<>#\\[\\]|~]", "").strip();
    if (line.length() <= charsMax) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(charsMax - 2)) ? charsMax - 2 : charsMax - 1;
    return line.substring(0, end) + "…";
  }

  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  private static String choose(Random random, List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static long seed(ModelRequest request) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (var message : request.messages()) {
        digest.update(
            (message.role() + "\n" + message.content() + "\0").getBytes(StandardCharsets.UTF_8));
      }
      long seed = 0;
      byte[] hash = digest.digest();
      for (int i = 0; i < Long.BYTES; i++) {
        seed = seed << 8 | (hash[i] & 0xff);
      }
      return seed;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static final List<String> OPENINGS =
      List.of(
          "Everyone in the room sees these words arrive at the same time.",
          "This is how an answer will look when a model is behind it.",
          "The stack was read, and here is what it says.");
  private static final List<String> MIDDLES =
      List.of(
          "The same cards with the same question always give this same text.",
          "Mute a card, ask again, and watch what changes.",
          "Swap two cards, ask again, and compare.");
  private static final List<String> VERBS = List.of("Heard", "Noted", "Taken up", "Kept in mind");
  private static final List<String> CLOSINGS =
      List.of(
          "Set a model endpoint, and the next answer comes from there.",
          "To hear a real model, start the server with a model endpoint.",
          "Nothing left this machine to make this answer.");
}
