package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestFieldsTest {

  private static ProblemDetail refused(String body, String... allowed) {
    return assertThrows(
            ProblemException.class,
            () -> RequestFields.parse(Bytes.utf8(body), allowed).text("name", 5))
        .problem();
  }

  @Test
  void allowedFieldsAreRead() {
    var fields =
        RequestFields.parse(Bytes.utf8("{\"name\":\" Ada \",\"color\":null}"), "name", "color");
    assertEquals("Ada", fields.line("name", 80));
    assertEquals(Optional.empty(), fields.optionalText("color", 10));
    assertEquals(
        Optional.empty(), RequestFields.parse(Bytes.EMPTY, "name").optionalText("name", 10));
  }

  @Test
  void unknownFieldIsNamed() {
    var problem = refused("{\"nmae\":\"Ada\"}", "name");
    assertEquals(400, problem.status());
    assertEquals("nmae", problem.field());
    assertTrue(problem.detail().contains("name"), problem.detail());
  }

  @Test
  void everyFieldErrorNamesItsField() {
    for (var body :
        new String[] {
          "{}",
          "{\"name\":null}",
          "{\"name\":7}",
          "{\"name\":[]}",
          "{\"name\":\"\"}",
          "{\"name\":\"  \"}",
          "{\"name\":\"123456\"}",
          "{\"name\":\"\\ud800\"}",
          "{\"name\":\"a\\u0000\"}",
          "{\"name\":\"\\u001b[2J\"}",
        }) {
      var problem = refused(body, "name");
      assertEquals(400, problem.status(), body);
      assertEquals("name", problem.field(), body);
    }
  }

  @Test
  void bodyMustBeAJsonObject() {
    for (var body :
        new String[] {
          "[]",
          "\"name\"",
          "null",
          "{",
          "{\"name\":\"Ada\"} trailing",
          "{\"name\":\"Ada\",\"name\":\"Bo\"}",
          "[".repeat(100_000),
          "{'name':'Ada'}",
        }) {
      assertEquals(
          400, refused(body, "name").status(), body.substring(0, Math.min(30, body.length())));
    }
  }

  @Test
  void bodyMustBeUtf8() {
    var latin1 = Bytes.wrap(new byte[] {'{', '"', 'n', '"', ':', '"', (byte) 0xe9, '"', '}'});
    var problem =
        assertThrows(ProblemException.class, () -> RequestFields.parse(latin1, "n")).problem();
    assertEquals("not-utf8", problem.code());
  }

  @Test
  void lineWithALineBreakIsRefused() {
    var fields = RequestFields.parse(Bytes.utf8("{\"name\":\"a\\nb\"}"), "name");
    assertEquals("a\nb", fields.text("name", 5));
    assertThrows(ProblemException.class, () -> fields.line("name", 5));
  }
}
