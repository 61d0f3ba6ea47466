package dev.parlor.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Screen screen = new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  @DisplayName("control characters in a message of another person do not reach the terminal")
  void controlCharactersAreLeftOut() {
    screen.line("Eve: \u001b[2J\u0007hi\u202e \u00e9\ud83d\ude00");
    screen.piece("r", "a\u001b]0;title\u0007b");
    screen.answered("r");
    assertEquals("Eve: [2Jhi \u00e9\ud83d\ude00\nanswer> a]0;titleb\n", printed());
  }

  @Test
  @DisplayName("lines that come during an answer wait until the answer's line has ended")
  void linesWaitForTheAnswer() {
    screen.piece("r", "one ");
    screen.line("Ann: hello");
    screen.piece("other", "not shown");
    screen.piece("r", "two");
    screen.answered("r");
    assertEquals("answer> one two\nAnn: hello\n", printed());
  }
}
