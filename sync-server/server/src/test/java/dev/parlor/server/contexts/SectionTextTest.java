package dev.parlor.server.contexts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SectionTextTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JsonNode> blocks = new ArrayList<>();

  private ObjectNode block(String type) {
    var block = JSON.createObjectNode().put("type", type);
    blocks.add(block);
    return block;
  }

  private void text(String line) {
    block("block.toplevel.line").put("line", line);
  }

  private void code(String line) {
    block("block.code.line").put("lang", "jsx").put("line", line);
  }

  private String shown() {
    return SectionText.of(blocks, 8_000);
  }

  private void prompt(String type, String messages) throws Exception {
    block(type).putObject("request").put("model", "m").set("messages", JSON.readTree(messages));
  }

  @Test
  @DisplayName("lines of text and code appear in their order, with the code in a fence")
  void linesInOrder() {
    block("block.begin");
    block("block.toplevel.begin");
    text("Here it is:");
    text("");
    block("block.toplevel.end");
    block("block.code.begin").put("lang", "jsx").put("path", "/App.jsx");
    code("export default function App() {");
    code("  return <b>1</b>;}");
    block("block.code.end");
    text("Done.");
    block("block.stats").put("line", "not for people");
    block("block.end");
    assertEquals(
        """
        Here it is:

        /App.jsx
        ```jsx
        export default function App() {
          return <b>1</b>;}
        ```
        Done.""",
        shown());
  }

  @Test
  @DisplayName(
      "two code blocks stay two, and a block without its begin has the language of its lines")
  void twoCodeBlocks() {
    code("one");
    block("block.code.end");
    block("block.code.begin").put("lang", "css");
    code("two");
    block("block.code.truncated");
    assertEquals("```jsx\none\n```\n```css\ntwo\n```", shown());
  }

  @Test
  @DisplayName("of a prompt the last message appears, as a text or as a list of parts")
  void lastMessageOfAPrompt() throws Exception {
    prompt(
        "prompt.txt",
        "[{\"role\":\"system\",\"content\":\"rules\"},{\"role\":\"user\",\"content\":\"A counter\"}]");
    prompt(
        "prompt.req",
        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"in red\"},{\"type\":\"image_url\"}]}]");
    prompt("prompt.txt", "[]");
    assertEquals("A counter\nin red", shown());
  }

  @Test
  @DisplayName("a section without words has no text")
  void noWords() {
    block("block.begin");
    block("block.image").put("url", "https://example.com/a.png");
    text("");
    assertEquals("", shown());
  }

  @Test
  @DisplayName("a fence is longer than the backquotes in its code, so the code cannot end it")
  void codeWithAFence() {
    code("```");
    code("````");
    assertEquals("`````jsx\n```\n````\n`````", shown());
  }

  @Test
  @DisplayName("a language or path with a line break is left out")
  void languageOfAnotherForm() {
    block("block.code.begin").put("lang", "js\n# title").put("path", "/a\n```\n");
    code("one");
    assertEquals("```\none\n```", shown());
  }

  @Test
  @DisplayName("a text of 8,000 characters stays whole, a longer text is cut and says so")
  void longText() {
    text("x".repeat(8_000));
    assertEquals("x".repeat(8_000), shown());
    text("y");
    var cut = shown();
    assertTrue(cut.length() <= 8_000, "" + cut.length());
    assertTrue(cut.length() > 7_900, "" + cut.length());
    assertTrue(cut.endsWith("(shown short)"), cut.substring(7_900));
  }

  @Test
  @DisplayName("code that is cut keeps the end of its fence")
  void longCode() {
    text("Here:");
    for (var line = 0; line < 900; line++) {
      code("const line" + line + " = 1;");
    }
    var cut = shown();
    assertTrue(cut.length() <= 8_000, "" + cut.length());
    assertTrue(cut.endsWith("\n```\n\n… (shown short)"), cut.substring(7_900));
    assertEquals(2, cut.lines().filter(line -> line.startsWith("```")).count());
  }

  @Test
  @DisplayName("code that would begin at the limit is left out with its fence")
  void codeAtTheLimit() {
    text("x".repeat(7_970));
    code("one".repeat(20));
    var cut = shown();
    assertEquals("x".repeat(7_970) + "\n\n… (shown short)", cut);
  }

  @Test
  @DisplayName("a cut never divides a character, and half a surrogate pair becomes U+FFFD")
  void wholeCharacters() {
    text("\uD83D\uDE00".repeat(4_100));
    var cut = shown();
    assertTrue(cut.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF), "a half is left");
    blocks.clear();
    text("a\uD83Db");
    assertEquals("a\uFFFDb", shown());
    assertFalse(shown().contains("\uD83D"));
  }
}
