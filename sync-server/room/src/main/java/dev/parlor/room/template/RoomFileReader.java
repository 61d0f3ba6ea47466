package dev.parlor.room.template;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.CardRules;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.GenesisOptions.NewCard;
import dev.parlor.room.schema.GenesisOptions.NewWindow;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomWindow;
import dev.parlor.room.schema.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads a room file: YAML between two lines {@code ---}, then Markdown with the sections {@code #
 * System prompt} and {@code # Welcome}. {@code docs/operations.md} has the fields. A pure function
 * of the file's name and text.
 */
public final class RoomFileReader {

  /** The extension of a room file. */
  static final String EXTENSION = ".md";

  /** Ids of room files, and keys of shared rooms. */
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

  private static final String ID_RULE =
      "1 to 64 lower-case letters, digits and hyphens, not first a hyphen";

  private static final String FENCE = "---";
  private static final String SYSTEM_PROMPT = "system prompt";
  private static final String WELCOME = "welcome";

  private static final Pattern POS = Pattern.compile("([0-9]{1,5}),\\s*([0-9]{1,5})");
  private static final Pattern SIZE = Pattern.compile("([0-9]{2,5})x([0-9]{2,5})");
  private static final Pattern PALETTE = Pattern.compile("(1[0-2]|[1-9])( (1[0-2]|[1-9])){0,11}");

  /** The windows that every room has, once each. */
  private static final Set<RoomWindow.Type> CORE =
      EnumSet.of(
          RoomWindow.Type.STACK,
          RoomWindow.Type.OUTPUT,
          RoomWindow.Type.CHAT,
          RoomWindow.Type.PEOPLE);

  private final String fileName;
  private final List<RoomFileProblem> problems = new ArrayList<>();

  private RoomFileReader(String fileName) {
    this.fileName = fileName;
  }

  /** Reads the text of a file of this name. */
  public static RoomFileContent read(String fileName, String text) {
    var reader = new RoomFileReader(fileName);
    var file = reader.file(text);
    if (file.isPresent() && reader.problems.isEmpty()) {
      return new RoomFileContent.Usable(file.get());
    }
    reader.problems.sort(Comparator.comparingInt(RoomFileProblem::line));
    return new RoomFileContent.Faulty(
        reader.problems.subList(
            0, Math.min(reader.problems.size(), FixedServiceLimits.ROOM_FILE_PROBLEMS_MAX)));
  }

  private void report(int line, String reason) {
    problems.add(new RoomFileProblem(fileName, line, reason));
  }

  private Optional<RoomFile> file(String text) {
    var id =
        fileName.endsWith(EXTENSION)
            ? fileName.substring(0, fileName.length() - EXTENSION.length())
            : fileName;
    if (!ID.matcher(id).matches()) {
      report(0, "the name of the file must be " + ID_RULE);
    }
    var lines = text.replace("\uFEFF", "").lines().toList();
    if (lines.isEmpty() || !lines.getFirst().stripTrailing().equals(FENCE)) {
      report(1, "the file must begin with a line ---");
      return Optional.empty();
    }
    var end = 1;
    while (end < lines.size() && !lines.get(end).stripTrailing().equals(FENCE)) {
      end++;
    }
    if (end == lines.size()) {
      report(lines.size(), "the second line --- is missing, which ends the front matter");
      return Optional.empty();
    }
    try {
      var yaml = String.join("\n", lines.subList(1, end)) + "\n";
      var fields = new FileFields(FrontMatter.read(yaml, 1), this::report);
      return Optional.of(file(id, fields, sections(lines, end + 1)));
    } catch (FrontMatter.Malformed e) {
      report(e.line, e.reason);
      return Optional.empty();
    }
  }

  private RoomFile file(String id, FileFields fields, Map<String, String> sections) {
    var name = fields.line("name", RoomLimits.NAME_LENGTH_MAX).filter(n -> !n.isEmpty());
    if (name.isEmpty() && problems.isEmpty()) {
      report(fields.line("name"), "“name” is missing");
    }
    var description = fields.line("description", RoomLimits.TITLE_LENGTH_MAX).orElse("");
    var title = fields.line("title", RoomLimits.TITLE_LENGTH_MAX).or(() -> name).orElse("");
    var multiplayer = fields.flag("multiplayer").orElse(true);
    var key = fields.matching("room", ID, ID_RULE);
    if (!multiplayer && key.isPresent()) {
      report(fields.line("room"), "“room” shares a room; it does not go with multiplayer: false");
    }
    var settings = settings(fields, multiplayer, sections.getOrDefault(SYSTEM_PROMPT, ""));
    var cards = cards(fields);
    var windows = windows(fields);
    fields.refuseOthers();
    return new RoomFile(
        id,
        name.orElse(""),
        description,
        key,
        multiplayer,
        new GenesisOptions(title, settings, cards, windows, sections.getOrDefault(WELCOME, "")));
  }

  private Settings settings(FileFields fields, boolean multiplayer, String systemPrompt) {
    var players = fields.number("max_players", 1, RoomLimits.PLAYERS_MAX);
    if (!multiplayer && players.orElse(1) > 1) {
      report(fields.line("max_players"), "“max_players” must be 1 with multiplayer: false");
    }
    var extrasOff = EnumSet.noneOf(Settings.Extra.class);
    for (var extra : Settings.Extra.values()) {
      if (!fields.flag(extra.wire()).orElse(true)) {
        extrasOff.add(extra);
      }
    }
    return new Settings(
        fields.choice("turn_mode", Settings.TurnMode.values()).orElse(Settings.TurnMode.FREE),
        multiplayer ? players.orElse(RoomLimits.PLAYERS_DEFAULT) : 1,
        Settings.Status.WAITING,
        fields.choice("stack_rule", Settings.StackRule.values()).orElse(Settings.StackRule.LATEST),
        fields.line("model", RoomLimits.SHORT_LENGTH_MAX).filter(m -> !m.isEmpty()).orElse(null),
        systemPrompt,
        fields.flag("spectator_chat").orElse(false),
        fields.number("slots", 1, RoomLimits.SLOTS_MAX).orElse(1),
        extrasOff);
  }

  private List<NewCard> cards(FileFields fields) {
    List<NewCard> cards = new ArrayList<>();
    for (var card : fields.maps("cards", FixedServiceLimits.ROOM_FILE_CARDS_MAX)) {
      var types = new ArrayList<>(List.of(CardType.values()));
      types.remove(CardType.IMAGE);
      var type = card.choice("type", types);
      var text = card.text("text", RoomLimits.CARD_LENGTH_MAX).map(String::stripTrailing);
      if (!card.has("type")) {
        report(card.line(), "a card needs a “type”");
      }
      if (type.isPresent()) {
        CardRules.problem(type.get(), text.orElse(""))
            .ifPresent(reason -> report(card.line("text"), "“text” of the card " + reason));
        cards.add(new NewCard(type.get(), text.orElse("")));
      }
      card.refuseOthers();
    }
    return cards;
  }

  private List<NewWindow> windows(FileFields fields) {
    if (!fields.has("layout")) {
      return GenesisOptions.DESKTOP;
    }
    List<NewWindow> windows = new ArrayList<>();
    var seen = EnumSet.noneOf(RoomWindow.Type.class);
    for (var entry : fields.maps("layout", FixedServiceLimits.ROOM_FILE_WINDOWS_MAX)) {
      var window = window(entry);
      entry.refuseOthers();
      if (window.isPresent()) {
        var type = window.get().type();
        if (CORE.contains(type) && !seen.add(type)) {
          report(entry.line("type"), "a room has only one window of type " + type.wire());
        }
        windows.add(window.get());
      }
    }
    // Every room has these windows, because people can open them again.
    List<NewWindow> all = new ArrayList<>();
    for (var standard : GenesisOptions.DESKTOP) {
      if (CORE.contains(standard.type()) && !seen.contains(standard.type())) {
        all.add(standard.in(RoomWindow.State.CLOSED));
      }
    }
    all.addAll(windows);
    return all;
  }

  private Optional<NewWindow> window(FileFields entry) {
    var types = new ArrayList<>(List.of(RoomWindow.Type.values()));
    types.remove(RoomWindow.Type.APP); // An app is opened from an answer.
    var type = entry.choice("type", types);
    if (!entry.has("type")) {
      report(entry.line(), "a window needs a “type”");
    }
    var standard =
        GenesisOptions.DESKTOP.stream()
            .filter(window -> window.type() == type.orElse(null))
            .findFirst();
    var title = entry.line("title", RoomLimits.TITLE_LENGTH_MAX);
    var state = entry.choice("state", RoomWindow.State.values()).orElse(RoomWindow.State.OPEN);
    var pos = pair(entry, "pos", POS, "“x,y” in pixels of the desk, for example 344,24");
    var size = pair(entry, "size", SIZE, "“widthxheight” in pixels, for example 640x480");
    var isNote = type.filter(RoomWindow.Type.NOTE::equals).isPresent();
    var text =
        isNote ? entry.text("text", RoomLimits.NOTE_LENGTH_MAX).orElse("").stripTrailing() : "";
    var isPattern = type.filter(RoomWindow.Type.PATTERN::equals).isPresent();
    var props = isPattern ? pattern(entry) : GenesisOptions.NO_PROPS;
    return type.map(
        known ->
            new NewWindow(
                known,
                title.or(() -> standard.map(NewWindow::title)).orElseGet(() -> name(known)),
                pos.map(p -> p[0]).or(() -> standard.map(NewWindow::x)).orElse(420),
                pos.map(p -> p[1]).or(() -> standard.map(NewWindow::y)).orElse(84),
                size.map(s -> s[0]).or(() -> standard.map(NewWindow::width)).orElse(320),
                size.map(s -> s[1]).or(() -> standard.map(NewWindow::height)).orElse(220),
                state,
                text,
                props));
  }

  private static String name(RoomWindow.Type type) {
    return type.wire().substring(0, 1).toUpperCase(Locale.ROOT) + type.wire().substring(1);
  }

  private static Value.MapOf pattern(FileFields entry) {
    var props = new TreeMap<String, Value>();
    entry.line("seed", RoomLimits.SHORT_LENGTH_MAX).ifPresent(s -> props.put("seed", Value.of(s)));
    entry
        .matching("palette", PALETTE, "up to twelve numbers from 1 to 12, for example 7 2 8 3")
        .ifPresent(palette -> props.put("palette", Value.of(palette)));
    entry.number("speed", 0, 4).ifPresent(speed -> props.put("speed", Value.of(speed)));
    return new Value.MapOf(props);
  }

  private static Optional<int[]> pair(
      FileFields entry, String name, Pattern pattern, String expected) {
    return entry
        .matching(name, pattern, expected)
        .map(pattern::matcher)
        .filter(java.util.regex.Matcher::matches)
        .map(m -> new int[] {Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2))});
  }

  /** The sections of the Markdown, by their names in lower case. */
  private Map<String, String> sections(List<String> lines, int from) {
    var sections = new HashMap<String, String>();
    var section = Optional.<String>empty();
    var text = new StringBuilder();
    var inCode = false;
    for (var at = from; at < lines.size(); at++) {
      var line = lines.get(at);
      inCode ^= line.startsWith("```") || line.startsWith("~~~");
      if (!inCode && line.startsWith("# ")) {
        endSection(sections, section, text, at);
        section = Optional.of(line.substring(2).strip());
        var name = section.get().toLowerCase(Locale.ROOT);
        if (!name.equals(SYSTEM_PROMPT) && !name.equals(WELCOME)) {
          report(
              at + 1,
              "there is no section “" + section.get() + "”; known are System prompt and Welcome");
        } else if (sections.containsKey(name)) {
          report(at + 1, "the section “" + section.get() + "” stands twice");
        }
      } else if (section.isPresent()) {
        text.append(line).append('\n');
      } else if (!line.isBlank()) {
        report(at + 1, "text must stand in a section, “# System prompt” or “# Welcome”");
        return sections;
      }
    }
    endSection(sections, section, text, lines.size());
    return sections;
  }

  private void endSection(
      Map<String, String> sections, Optional<String> section, StringBuilder text, int lastLine) {
    if (section.isPresent()) {
      var name = section.get().toLowerCase(Locale.ROOT);
      var lengthMax =
          name.equals(WELCOME) ? RoomLimits.CHAT_LENGTH_MAX : RoomLimits.SYSTEM_PROMPT_LENGTH_MAX;
      var stripped = text.toString().strip();
      if (stripped.length() > lengthMax) {
        report(
            lastLine,
            "the section “"
                + section.get()
                + "” has "
                + stripped.length()
                + " characters; at most "
                + lengthMax
                + " fit");
      }
      sections.put(name, stripped);
    }
    text.setLength(0);
  }
}
