package dev.parlor.relay.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.PolicySettings;
import dev.parlor.relay.config.RelaySetting;
import dev.parlor.relay.config.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a policy file, see {@code docs/document-policy.md}. Collects all problems, each with its
 * line and field. Used once by one thread; blocks on the disk.
 */
public final class PolicyFile {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final int VERSION = 1;

  private final JsonParser parser;
  private final List<String> problems = new ArrayList<>();
  private final List<DocumentRule> rules = new ArrayList<>();

  private PolicyFile(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads a file.
   *
   * @throws PolicyFileException if the file cannot be read or is invalid
   */
  public static DocumentRules read(Path file) throws PolicyFileException {
    Bytes text;
    try (var in = Files.newInputStream(file)) {
      text = Bytes.wrap(in.readNBytes(FixedLimits.POLICY_BYTES_MAX + 1));
    } catch (NoSuchFileException _) {
      throw new PolicyFileException(List.of("does not exist"));
    } catch (IOException e) {
      throw new PolicyFileException(List.of("cannot be read: " + e.getMessage()));
    }
    if (text.length() > FixedLimits.POLICY_BYTES_MAX) {
      throw new PolicyFileException(
          List.of("has more than " + FixedLimits.POLICY_BYTES_MAX + " bytes"));
    }
    return parse(text);
  }

  /**
   * Checks the policy file of the settings. Problems are collected in the reader.
   *
   * @param reader the reader of the settings
   */
  public static void check(PolicySettings settings, SettingsReader reader) {
    if (settings.file().isPresent()) {
      try {
        var _ = read(settings.file().get());
      } catch (PolicyFileException e) {
        e.problems().forEach(problem -> reader.problem(RelaySetting.DOCUMENT_POLICY, problem));
      }
    }
  }

  /**
   * Makes the policy of each document that is not a room: by the file of the settings, or else by
   * the role alone.
   *
   * @throws IOException with one sentence for the operator, if the file has become invalid
   */
  public static ChangePolicy.Factory policies(PolicySettings settings) throws IOException {
    if (settings.file().isEmpty()) {
      return (_, _) -> ChangePolicy.byRole();
    }
    try {
      return read(settings.file().get()).factory();
    } catch (PolicyFileException e) {
      throw new IOException(settings.file().get() + " " + e.getMessage(), e);
    }
  }

  /** Reads the text of a policy file. */
  public static DocumentRules parse(Bytes text) throws PolicyFileException {
    try (var parser = JSON.createParser(text.toArray())) {
      var file = new PolicyFile(parser);
      file.readAll();
      if (!file.problems.isEmpty()) {
        throw new PolicyFileException(file.problems);
      }
      return new DocumentRules(file.rules);
    } catch (JsonProcessingException e) {
      throw new PolicyFileException(
          List.of(
              "line " + e.getLocation().getLineNr() + ": is not JSON: " + e.getOriginalMessage()));
    } catch (IOException e) {
      throw new PolicyFileException(List.of("cannot be read: " + e.getMessage()));
    }
  }

  private void readAll() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      problem("the file must be an object with the fields version and rules");
      return;
    }
    var hasVersion = false;
    var hasRules = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "version" -> {
          hasVersion = true;
          if (!parser.currentToken().isNumeric() || !parser.getText().equals("" + VERSION)) {
            problem("the field version must be " + VERSION);
          }
        }
        case "rules" -> {
          hasRules = true;
          readRules();
        }
        default -> problem("there is no field " + name + "; the fields are version and rules");
      }
      parser.skipChildren();
    }
    if (!hasVersion) {
      problem("the field version is missing; it must be " + VERSION);
    }
    if (!hasRules) {
      problem("the field rules is missing");
    }
    if (parser.nextToken() != null) {
      problem("nothing may follow the object");
    }
  }

  private void readRules() throws IOException {
    if (!parser.isExpectedStartArrayToken()) {
      problem("the field rules must be a list of rules");
      return;
    }
    var number = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      number++;
      if (number > FixedLimits.POLICY_RULES_MAX) {
        problem("a policy has at most " + FixedLimits.POLICY_RULES_MAX + " rules");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          parser.skipChildren();
        }
        return;
      }
      var line = line();
      var rule = new RuleReader(parser, number, problems).read();
      if (rule.isPresent()) {
        checkReachable(rule.get(), number, line);
        rules.add(rule.get());
      }
    }
    if (number == 0) {
      problem("the field rules must have a rule; without a rule nobody may write");
    }
  }

  /** Adds a problem if an earlier rule decides about all paths of this rule. */
  private void checkReachable(DocumentRule rule, int number, int line) {
    for (var earlier : rules) {
      if (earlier.path().covers(rule.path())) {
        problems.add(
            "line "
                + line
                + ": rule "
                + number
                + " never decides, because the earlier rule "
                + earlier.path().text()
                + " matches all of its paths");
        return;
      }
    }
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private void problem(String sentence) {
    problems.add("line " + line() + ": " + sentence);
  }
}
