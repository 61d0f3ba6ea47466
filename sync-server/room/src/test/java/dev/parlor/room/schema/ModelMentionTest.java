package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelMentionTest {

  @ParameterizedTest(name = "text “{0}”")
  @DisplayName("[GE16] a text that begins with @model or the model's name asks the rest of it")
  @CsvSource({
    "'@model why?', 'why?'",
    "'@Model: why?', 'why?'",
    "'@MODEL, why?', 'why?'",
    "'@gpt-5 why?', 'why?'",
    "'@GPT-5', ''",
    "'@model', ''",
    "'@model   ', ''"
  })
  void questions(String text, String question) {
    assertEquals(Optional.of(question), ModelMention.question(text, "gpt-5"));
  }

  @ParameterizedTest(name = "text “{0}”")
  @DisplayName("[GE16] other texts ask nothing")
  @CsvSource({"'Hello @model'", "'@models why?'", "'@gpt-5x why?'", "'@'", "'model why?'", "''"})
  void otherTexts(String text) {
    assertEquals(Optional.empty(), ModelMention.question(text, "gpt-5"));
  }

  @Test
  @DisplayName("[GE16] a model without a name is asked by @model only")
  void modelWithoutName() {
    assertEquals(Optional.empty(), ModelMention.question("@ why?", ""));
    assertEquals(Optional.of("why?"), ModelMention.question("@model\nwhy?", ""));
  }
}
