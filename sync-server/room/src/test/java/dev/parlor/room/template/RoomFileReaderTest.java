package dev.parlor.room.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.GenesisOptions.NewCard;
import dev.parlor.room.schema.GenesisOptions.NewWindow;
import dev.parlor.room.schema.RoomWindow;
import dev.parlor.room.schema.Settings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading of room files, and of invalid ones. */
class RoomFileReaderTest {

  private static RoomFile usable(String text) {
    return assertInstanceOf(
            RoomFileContent.Usable.class,
            RoomFileReader.read("ideas.md", text),
            () -> RoomFileReader.read("ideas.md", text).toString())
        .file();
  }

  private static List<RoomFileProblem> problems(String text) {
    return assertInstanceOf(
            RoomFileContent.Faulty.class, RoomFileReader.read("ideas.md", text), text)
        .problems();
  }

  private static String withField(String line) {
    return "---\nname: Ideas\n" + line + "\n---\n";
  }

  @Test
  @DisplayName("a room file gives settings, cards, windows, system prompt and welcome text")
  void everyFieldIsRead() {
    var file =
        usable(
            """
            ---
            name: Ideas
            description: For Fridays
            title: Friday ideas
            room: friday
            max_players: 2
            slots: 3
            turn_mode: turns
            stack_rule: combine
            model: small
            spectator_chat: true
            typing: false
            cards:
              - type: token-limit
                text: 50
              - {type: tone, text: "Dry: very"}
            layout:
              - type: note
                title: Plan
                pos: 10,20
                size: 300x200
                state: minimized
                text: |
                  first line

                  second line
              - type: stack
            ---
            # System prompt

            Be kind.

            ## Not a section

            ```
            # not a section
            ```

            # Welcome
            Hello *you*
            """);
    assertEquals("ideas", file.id());
    assertEquals("Ideas", file.name());
    assertEquals("For Fridays", file.description());
    assertEquals(Optional.of("friday"), file.sharedKey());
    assertTrue(file.multiplayer());
    var content = file.content();
    assertEquals("Friday ideas", content.title());
    assertEquals("Hello *you*", content.welcome());
    var settings = content.settings();
    assertEquals(2, settings.maxPlayers());
    assertEquals(3, settings.slots());
    assertEquals(Settings.TurnMode.TURNS, settings.turnMode());
    assertEquals(Settings.StackRule.COMBINE, settings.stackRule());
    assertEquals("small", settings.model());
    assertTrue(settings.spectatorChat());
    assertEquals(java.util.Set.of(Settings.Extra.TYPING), settings.extrasOff());
    assertEquals(
        "Be kind.\n\n## Not a section\n\n```\n# not a section\n```", settings.systemPrompt());
    assertEquals(
        List.of(new NewCard(CardType.TOKEN_LIMIT, "50"), new NewCard(CardType.TONE, "Dry: very")),
        content.cards());
    var note =
        content.windows().stream()
            .filter(window -> window.type() == RoomWindow.Type.NOTE)
            .findFirst()
            .orElseThrow();
    assertEquals("first line\n\nsecond line", note.text());
    assertEquals("Plan", note.title());
    assertEquals(
        List.of(10, 20, 300, 200), List.of(note.x(), note.y(), note.width(), note.height()));
    assertEquals(RoomWindow.State.MINIMIZED, note.state());
  }

  @Test
  @DisplayName("a core window that the layout does not list is closed and can be opened")
  void missingCoreWindowsAreClosed() {
    var windows = usable(withField("layout: [{type: output}]")).content().windows();
    assertEquals(
        List.of("closed people", "closed chat", "closed stack", "open output"),
        windows.stream().map(w -> w.state().wire() + " " + w.type().wire()).toList());
  }

  @Test
  @DisplayName("a room file with a name alone gives ten seats, the standard windows and no cards")
  void defaults() {
    var content = usable("---\nname: Ideas\n---\n").content();
    assertEquals("Ideas", content.title());
    assertEquals(10, content.settings().maxPlayers());
    assertEquals(List.of(), content.cards());
    assertEquals("", content.welcome());
    assertEquals(
        List.of("People", "Shared notes", "Chat", "Output", "Stack"),
        content.windows().stream().map(NewWindow::title).toList());
  }

  @Test
  @DisplayName("a file for one person has one seat")
  void singlePlayerHasOneSeat() {
    var file = usable(withField("multiplayer: false"));
    assertEquals(false, file.multiplayer());
    assertEquals(1, file.content().settings().maxPlayers());
  }

  @ParameterizedTest
  @DisplayName("an invalid field is named with its line")
  @CsvSource(
      delimiter = '|',
      value = {
        "max_players: 0 | “max_players” must be a whole number from 1 to 500",
        "max_players: \"2\" | “max_players” must be a whole number from 1 to 500",
        "max_players: 2.5 | “max_players” must be a whole number from 1 to 500",
        "max_players: [2] | “max_players” must be a whole number from 1 to 500",
        "slots: 4 | “slots” must be a whole number from 1 to 3",
        "multiplayer: yes | “multiplayer” must be true or false",
        "turn_mode: chaos | “turn_mode” must be one of free, turns",
        "room: Friday Ideas | “room” must be 1 to 64 lower-case letters, digits and hyphens, not first a hyphen",
        "cards: role | “cards” must be a list",
        "cards: [role] | each entry of “cards” must be a map",
        "cards: [{text: x}] | a card needs a “type”",
        "cards: [{type: token-limit, text: many}] | “text” of the card should be a whole number of tokens from 1 to 100,000, for example 50",
        "cards: [{type: image, text: x}] | “type” must be one of role, tone, token-limit, format, constraint, custom, remove",
        "layout: [{type: app}] | “type” must be one of note, stack, output, chat, people, pattern",
        "layout: [{type: chat, pos: left}] | “pos” must be “x,y” in pixels of the desk, for example 344,24",
        "layout: [{type: chat}, {type: chat}] | a room has only one window of type chat",
        "layout: [{type: chat, colour: red}] | there is no field “colour” here; known are type, title, state, pos, size",
        "name: again | “name” stands twice",
        "title: &a x | anchors (&) and aliases (*) are not allowed",
        "title: *a | anchors (&) and aliases (*) are not allowed",
        "title: !!java.net.URL x | tags (!) are not allowed",
        "layout: !!set {} | tags (!) are not allowed",
        "cards: [[[[[[[x]]]]]]] | lists and maps are nested deeper than 6 levels",
      })
  void invalidFieldIsNamed(String line, String reason) {
    assertEquals(
        List.of(new RoomFileProblem("ideas.md", 3, reason.strip())),
        problems(withField(line.strip())));
  }

  @Test
  @DisplayName("all faults of a file are told, in the order of their lines")
  void allFaultsAreTold() {
    assertEquals(
        List.of("ideas.md:3: “slots” must be a whole number from 1 to 3", "ideas.md:4"),
        problems("---\nname: Ideas\nslots: 9\nwhen: now\n---\n").stream()
            .map(problem -> problem.line() == 4 ? "ideas.md:4" : problem.toString())
            .toList());
  }

  @ParameterizedTest
  @DisplayName(
      "a file that ends early is faulty, wherever it ends before the end of the front matter")
  @ValueSource(
      strings = {
        "",
        "-",
        "---",
        "---\nname: Id",
        "---\nname: Ideas\nslots: 2",
        "---\nname: Ideas\n--"
      })
  void fileThatEndsEarlyIsFaulty(String text) {
    assertEquals(1, problems(text).size());
  }

  @Test
  @DisplayName(
      "an unknown section, a second one and text before the first are faults with their line")
  void sectionsAreChecked() {
    assertEquals(
        "ideas.md:4: there is no section “Rules”; known are System prompt and Welcome",
        problems("---\nname: I\n---\n# Rules\nx\n").getFirst().toString());
    assertEquals(
        "ideas.md:6: the section “welcome” stands twice",
        problems("---\nname: I\n---\n# Welcome\nx\n# welcome\n").getFirst().toString());
    assertEquals(
        "ideas.md:5: text must stand in a section, “# System prompt” or “# Welcome”",
        problems("---\nname: I\n---\n\nHello\n").getFirst().toString());
    assertEquals(
        "ideas.md:5: the section “Welcome” has 8001 characters; at most 8000 fit",
        problems("---\nname: I\n---\n# Welcome\n" + "x".repeat(8001)).getFirst().toString());
  }

  @Test
  @DisplayName("YAML with deep nesting is refused without recursion to its end")
  void deepNestingIsRefused() {
    var deep = "[".repeat(FixedServiceLimits.ROOM_FILE_BYTES_MAX / 2);
    assertEquals(
        "lists and maps are nested deeper than 6 levels",
        problems(withField("cards: " + deep)).getFirst().reason());
  }

  @Test
  @DisplayName("invalid YAML is told with its line")
  void invalidYamlIsToldWithItsLine() {
    var problem = problems("---\nname: Ideas\ncards: [\n---\n").getFirst();
    assertTrue(problem.reason().startsWith("is not valid YAML: "), problem.toString());
    assertTrue(problem.line() >= 3 && problem.line() <= 4, problem.toString());
  }

  @Test
  @DisplayName("the name of the file must be an id")
  void fileNameMustBeAnId() {
    var content = RoomFileReader.read("My ideas.md", "---\nname: Ideas\n---\n");
    assertEquals(
        "My ideas.md: the name of the file must be 1 to 64 lower-case letters, digits and hyphens,"
            + " not first a hyphen",
        assertInstanceOf(RoomFileContent.Faulty.class, content).problems().getFirst().toString());
  }
}
