package dev.parlor.apps.transform;

import dev.parlor.apps.content.MediaTypes;
import java.util.ArrayList;
import java.util.List;

/** The syntax of a source, with the options by which esbuild reads it. */
enum Syntax {
  JSX("jsx", true),
  TSX("tsx", true),
  TS("ts", true),
  MODULE("js", true),
  /**
   * A script or a module. It is served as written and only read for its imports, so no format is
   * demanded: a script may use syntax that a module may not.
   */
  SCRIPT("js", false);

  private final String loader;
  private final boolean isModule;

  Syntax(String loader, boolean isModule) {
    this.loader = loader;
    this.isModule = isModule;
  }

  /** The syntax that a file's extension names. */
  static Syntax ofName(String fileName) {
    return switch (MediaTypes.extension(fileName)) {
      case "jsx" -> JSX;
      case "tsx" -> TSX;
      case "ts" -> TS;
      case "mjs" -> MODULE;
      default -> SCRIPT;
    };
  }

  /** The arguments of esbuild. */
  List<String> arguments() {
    var arguments =
        new ArrayList<>(
            List.of(
                "--loader=" + loader,
                "--jsx=automatic",
                "--charset=utf8",
                // Browsers do not have these yet.
                "--supported:decorators=false",
                "--supported:using=false",
                "--log-level=error",
                "--log-limit=1",
                "--color=false"));
    if (isModule) {
      arguments.add("--format=esm");
    }
    return arguments;
  }
}
