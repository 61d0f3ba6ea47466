package dev.parlor.room.http;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.BoardEdits;
import dev.parlor.room.schema.FractionalIndex;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.Named;
import dev.parlor.room.schema.Note;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.RoomWindow;
import dev.parlor.room.worker.EditPlan;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The commands for windows. Each writes only the fields that the call has. {@code state_delta} does
 * several of them in one change.
 */
final class WindowCommands {
  private static final String WINDOW = "window";

  private static final List<CommandField> PLACE =
      List.of(
          CommandField.integer(
              "x", -RoomLimits.COORDINATE_MAX, RoomLimits.COORDINATE_MAX, "pixels from the left"),
          CommandField.integer(
              "y", -RoomLimits.COORDINATE_MAX, RoomLimits.COORDINATE_MAX, "pixels from the top"));

  private static final List<CommandField> SIZE =
      List.of(
          CommandField.integer("width", 1, RoomLimits.COORDINATE_MAX, "pixels"),
          CommandField.integer("height", 1, RoomLimits.COORDINATE_MAX, "pixels"));

  private static final CommandField TITLE =
      CommandField.line("title", RoomLimits.TITLE_LENGTH_MAX, "the title");

  private static final CommandField STATE =
      CommandField.choice("state", RoomWindow.State.values(), "whether the window is visible");

  private static final CommandField PROPS =
      CommandField.object("props", "parameters of the window's type; others stay");

  private final RoomGateway gateway;
  private final IdSource ids;
  private final InstantSource clock;
  private final RandomGenerator random;

  WindowCommands(RoomGateway gateway, IdSource ids, InstantSource clock, RandomGenerator random) {
    this.gateway = gateway;
    this.ids = ids;
    this.clock = clock;
    this.random = random;
  }

  List<Command> commands() {
    return List.of(
        new Command(
            "window_open",
            "Opens a new window. A note window without ref gets a new note.",
            openFields(),
            this::open),
        new Command("window_move", "Moves a window.", fields(needed(PLACE)), this::update),
        new Command("window_resize", "Resizes a window.", fields(needed(SIZE)), this::update),
        new Command(
            "window_rename", "Renames a window.", fields(List.of(TITLE.needed())), this::update),
        new Command(
            "window_state",
            "Opens, minimises or closes a window.",
            fields(List.of(STATE.needed())),
            this::update),
        new Command("window_close", "Closes a window.", fields(List.of()), this::close),
        new Command(
            "window_update",
            "Changes the fields of a window that the call has; the others stay untouched.",
            fields(updateFields()),
            this::update),
        new Command(
            "state_delta",
            "Adds, changes and removes windows in one change. A field that is absent stays.",
            List.of(
                CommandField.list(
                    "add", FixedServiceLimits.DELTA_WINDOWS_MAX, "windows as in window_open"),
                CommandField.list(
                    "update", FixedServiceLimits.DELTA_WINDOWS_MAX, "windows as in window_update"),
                CommandField.list(
                    "remove", FixedServiceLimits.DELTA_WINDOWS_MAX, "ids of windows to close")),
            this::delta));
  }

  private static List<CommandField> openFields() {
    var all = new ArrayList<CommandField>();
    all.add(
        CommandField.choice("windowType", RoomWindow.Type.values(), "note, app or pattern")
            .needed());
    all.add(TITLE);
    all.addAll(PLACE);
    all.addAll(SIZE);
    all.add(CommandField.line("ref", RoomLimits.SHORT_LENGTH_MAX, "the note to show"));
    all.add(CommandField.text("text", RoomLimits.NOTE_LENGTH_MAX, "the text of the new note"));
    all.add(PROPS);
    return all;
  }

  private static List<CommandField> updateFields() {
    var all = new ArrayList<CommandField>();
    all.add(TITLE);
    all.addAll(PLACE);
    all.addAll(SIZE);
    all.add(STATE);
    all.add(PROPS);
    return all;
  }

  private static List<CommandField> fields(List<CommandField> more) {
    var all = new ArrayList<CommandField>();
    all.add(
        CommandField.line(WINDOW, RoomLimits.SHORT_LENGTH_MAX, "the id of the window").needed());
    all.addAll(more);
    return all;
  }

  private static List<CommandField> needed(List<CommandField> fields) {
    return fields.stream().map(CommandField::needed).toList();
  }

  // The commands.

  private Reply open(CommandCall call) {
    var plan = opening(call.fields(), call.identity());
    write(call, plan::edits);
    return Reply.json(201, Map.of(WINDOW, plan.id()));
  }

  private Reply update(CommandCall call) {
    var change = new Change(call.fields());
    write(call, change::edits);
    return Reply.json(200, Map.of(WINDOW, change.window));
  }

  private Reply close(CommandCall call) {
    var window = call.fields().line(WINDOW, RoomLimits.SHORT_LENGTH_MAX);
    write(call, view -> closing(window, view));
    return Reply.json(200, Map.of(WINDOW, window));
  }

  private Reply delta(CommandCall call) {
    var identity = call.identity();
    var most = FixedServiceLimits.DELTA_WINDOWS_MAX;
    var add =
        call.fields().optionalObjects("add", most, names(openFields())).stream()
            .map(fields -> opening(fields, identity))
            .toList();
    var update =
        call.fields().optionalObjects("update", most, names(fields(updateFields()))).stream()
            .map(Change::new)
            .toList();
    var remove = call.fields().optionalLines("remove", most, RoomLimits.SHORT_LENGTH_MAX);
    write(
        call,
        view -> {
          var edits = new ArrayList<Edit>();
          add.forEach(each -> edits.addAll(each.edits(view)));
          update.forEach(each -> edits.addAll(each.edits(view)));
          remove.forEach(each -> edits.addAll(closing(each, view)));
          return edits;
        });
    return Reply.json(200, Map.of("added", add.stream().map(Opening::id).toList()));
  }

  private static String[] names(List<CommandField> fields) {
    return fields.stream().map(CommandField::name).toArray(String[]::new);
  }

  /** Makes the edits for a caller who may write. */
  private void write(CommandCall call, Function<RoomView, List<Edit>> edits) {
    var identity = call.identity();
    var _ =
        gateway.edit(
            call.room(),
            call.author(),
            view -> {
              RoomGateway.requireWriter(call.visitor(), identity, view);
              return new EditPlan<>(edits.apply(view), true);
            });
  }

  private static List<Edit> closing(String window, RoomView view) {
    var _ = required(window, view);
    return RoomEdits.state(window, RoomWindow.State.CLOSED);
  }

  private static RoomWindow required(String window, RoomView view) {
    return view.window(window)
        .orElseThrow(
            () ->
                ProblemDetail.field(422, WINDOW, "window is not the id of a window in this room")
                    .thrown());
  }

  /** A window to open; its fields are checked. */
  private record Opening(RoomWindow window, @Nullable Note note, RandomGenerator random) {
    String id() {
      return window.id();
    }

    List<Edit> edits(RoomView view) {
      var ref = window.ref();
      if (note == null && ref != null && view.note(ref).isEmpty()) {
        throw ProblemDetail.field(422, "ref", "ref is not the id of a note in this room").thrown();
      }
      var keys = view.windows().stream().map(RoomWindow::z).toList();
      var z = FractionalIndex.afterAll(keys, random);
      var edits = new ArrayList<Edit>();
      if (note != null) {
        edits.addAll(RoomEdits.note(note));
      }
      edits.addAll(
          RoomEdits.open(
              new RoomWindow(
                  window.id(),
                  window.type(),
                  window.title(),
                  window.x(),
                  window.y(),
                  window.width(),
                  window.height(),
                  z,
                  window.state(),
                  ref,
                  window.props(),
                  window.by(),
                  window.at())));
      return edits;
    }
  }

  private Opening opening(RequestFields fields, String identity) {
    var name = fields.line("windowType", 40);
    var type =
        Named.find(RoomWindow.Type.values(), name)
            .orElseThrow(
                () ->
                    ProblemDetail.field(
                            400, "windowType", "windowType is note, app, pattern or a core window")
                        .thrown());
    var ref = fields.optionalLine("ref", RoomLimits.SHORT_LENGTH_MAX).orElse(null);
    var text = fields.optionalText("text", RoomLimits.NOTE_LENGTH_MAX);
    var isNewNote = type == RoomWindow.Type.NOTE && ref == null;
    if (text.isPresent() && !isNewNote) {
      throw ProblemDetail.field(422, "text", "text is for a note window without ref").thrown();
    }
    var note = isNewNote ? new Note(ids.next(), text.orElse("")) : null;
    var window =
        new RoomWindow(
            ids.next(),
            type,
            fields.optionalLine("title", RoomLimits.TITLE_LENGTH_MAX).orElse(""),
            place(fields, "x", 60),
            place(fields, "y", 60),
            size(fields, "width", 320),
            size(fields, "height", 240),
            "",
            RoomWindow.State.OPEN,
            note == null ? ref : note.id(),
            new Value.MapOf(new TreeMap<>(props(fields))),
            identity,
            clock.millis());
    return new Opening(window, note, random);
  }

  private static int place(RequestFields fields, String name, int otherwise) {
    return fields
        .optionalInteger(name, -RoomLimits.COORDINATE_MAX, RoomLimits.COORDINATE_MAX)
        .map(Long::intValue)
        .orElse(otherwise);
  }

  private static int size(RequestFields fields, String name, int otherwise) {
    return fields
        .optionalInteger(name, 1, RoomLimits.COORDINATE_MAX)
        .map(Long::intValue)
        .orElse(otherwise);
  }

  private static Map<String, Value> props(RequestFields fields) {
    var props = new LinkedHashMap<String, Value>();
    fields
        .optionalTree("props")
        .ifPresent(
            tree ->
                tree.properties()
                    .forEach(
                        each -> props.put(each.getKey(), JsonValues.of(each.getValue(), "props"))));
    if (props.containsKey("")) {
      throw ProblemDetail.field(400, "props", "a name in props is empty").thrown();
    }
    return props;
  }

  /** The fields of a window that change; the others stay untouched. */
  private static final class Change {
    final String window;
    private final RequestFields fields;
    private final @Nullable String title;
    private final RoomWindow.@Nullable State state;
    private final Map<String, Value> props;

    Change(RequestFields fields) {
      this.fields = fields;
      this.window = fields.line(WINDOW, RoomLimits.SHORT_LENGTH_MAX);
      this.title = fields.optionalLine("title", RoomLimits.TITLE_LENGTH_MAX).orElse(null);
      this.state =
          fields
              .optionalLine("state", 40)
              .map(
                  name ->
                      Named.find(RoomWindow.State.values(), name)
                          .orElseThrow(
                              () ->
                                  ProblemDetail.field(
                                          400, "state", "state is open, minimized or closed")
                                      .thrown()))
              .orElse(null);
      this.props = props(fields);
      var _ = place(fields, "x", 0) + place(fields, "y", 0);
      var _ = size(fields, "width", 1) + size(fields, "height", 1);
    }

    List<Edit> edits(RoomView view) {
      var present = required(window, view);
      var edits = new ArrayList<Edit>();
      if (fields.has("x") || fields.has("y")) {
        edits.addAll(
            RoomEdits.move(
                window, place(fields, "x", present.x()), place(fields, "y", present.y())));
      }
      if (fields.has("width") || fields.has("height")) {
        edits.addAll(
            RoomEdits.resize(
                window,
                size(fields, "width", present.width()),
                size(fields, "height", present.height())));
      }
      if (title != null) {
        edits.addAll(BoardEdits.renameWindow(window, title));
      }
      if (state != null) {
        edits.addAll(RoomEdits.state(window, state));
      }
      edits.addAll(BoardEdits.windowProps(window, props));
      return edits;
    }
  }
}
