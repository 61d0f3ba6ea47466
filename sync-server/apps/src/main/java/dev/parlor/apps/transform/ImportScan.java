package dev.parlor.apps.transform;

import dev.parlor.apps.limits.AppLimits;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Finds the imports of bare specifiers in JavaScript that esbuild wrote, where each statement at
 * the top starts a line. A text that only looks like an import, for example in a template literal,
 * is found too; that only adds an entry to an import map. Relative paths and URLs are left out,
 * except {@code node:} and a name: that is a package, which no browser has.
 *
 * <p>Of a namespace, the names that the module reads from it are listed as well.
 */
final class ImportScan {
  private static final Pattern URL = Pattern.compile("(?!node:)[A-Za-z][A-Za-z0-9+.-]*:.*");
  private static final Pattern MEMBER = Pattern.compile("(?<![\\w$.])([\\w$]++)\\.([\\w$]++)");
  private static final String NAMESPACE = "*";

  /** The comment between {@code import(} and its specifier is skipped up to this length. */
  private static final int COMMENT_LENGTH_MAX = 1_000;

  private final String text;
  private final Map<String, Set<String>> imports = new TreeMap<>();

  /** The specifiers of namespaces by their local names. */
  private final Map<String, String> namespaces = new HashMap<>();

  private int at;

  private ImportScan(String text) {
    this.text = text;
  }

  /**
   * The imports of a module.
   *
   * @return as {@link SourceTransformer.Module#imports}, for bare specifiers alone
   */
  static Map<String, Set<String>> of(String javaScript) {
    var scan = new ImportScan(javaScript);
    for (var line = 0; line >= 0; line = scan.nextLine(line)) {
      scan.readStatement(line);
    }
    scan.readDynamicImports();
    scan.readMembers();
    return scan.imports;
  }

  /** The start of the line after a position, or -1. */
  private int nextLine(int from) {
    var end = text.indexOf('\n', from);
    return end < 0 || end + 1 == text.length() ? -1 : end + 1;
  }

  private void readStatement(int line) {
    at = line + "import".length(); // "export" has the same length.
    if (text.startsWith("import", line)) {
      readImport();
    } else if (text.startsWith("export", line)) {
      readExport();
    }
  }

  /** Reads {@code import a, {b as c} from "x"} and its other forms; stops at anything else. */
  private void readImport() {
    var bare = string();
    if (bare.isPresent()) {
      add(bare.get(), Set.of());
      return;
    }
    var names = new TreeSet<String>();
    var namespace = "";
    var isMore = true;
    if (!word().isEmpty()) {
      names.add("default");
      isMore = take(',');
    }
    if (isMore && take('*')) {
      names.add(NAMESPACE);
      if (!word().equals("as")) {
        return;
      }
      namespace = word();
    } else if (isMore && !(take('{') && readNames(names))) {
      return;
    }
    if (!word().equals("from")) {
      return;
    }
    var specifier = string().orElse("");
    add(specifier, names);
    if (!namespace.isEmpty() && isBare(specifier)) {
      namespaces.put(namespace, specifier);
    }
  }

  /** Reads {@code export {a as b} from "x"} and {@code export * as c from "x"}. */
  private void readExport() {
    var names = new TreeSet<String>();
    if (take('*')) {
      names.add(NAMESPACE);
      var next = word();
      if (next.equals("as")) {
        if (string().isEmpty()) {
          word();
        }
        next = word();
      }
      if (!next.equals("from")) {
        return;
      }
    } else if (!take('{') || !readNames(names) || !word().equals("from")) {
      return;
    }
    string().ifPresent(specifier -> add(specifier, names));
  }

  /** Reads {@code a, b as c, "d-e" as f}} up to and with the brace; false at anything else. */
  private boolean readNames(Set<String> names) {
    while (!take('}')) {
      var name = string().orElseGet(this::word);
      if (name.isEmpty()) {
        return false;
      }
      names.add(name);
      if (peek() != ',' && peek() != '}') {
        if (!word().equals("as") || string().orElseGet(this::word).isEmpty()) {
          return false;
        }
      }
      take(',');
    }
    return true;
  }

  private void readDynamicImports() {
    var call = "import(";
    for (var found = text.indexOf(call); found >= 0; found = text.indexOf(call, found + 1)) {
      if (found > 0 && (isNamePart(text.charAt(found - 1)) || text.charAt(found - 1) == '.')) {
        continue;
      }
      at = found + call.length();
      skipSpace();
      while (text.startsWith("/*", at)) {
        var end =
            text.substring(at, Math.min(text.length(), at + COMMENT_LENGTH_MAX)).indexOf("*/");
        if (end < 0) {
          break;
        }
        at += end + 2;
        skipSpace();
      }
      string().ifPresent(specifier -> add(specifier, Set.of(NAMESPACE)));
    }
  }

  private void readMembers() {
    if (namespaces.isEmpty()) {
      return;
    }
    var member = MEMBER.matcher(text);
    while (member.find()) {
      var specifier = namespaces.get(member.group(1));
      if (specifier != null) {
        add(specifier, Set.of(member.group(2)));
      }
    }
  }

  private void add(String specifier, Set<String> names) {
    if (isBare(specifier)) {
      imports.computeIfAbsent(specifier, _ -> new TreeSet<>()).addAll(names);
    }
  }

  private static boolean isBare(String specifier) {
    return !specifier.isEmpty()
        && specifier.length() <= AppLimits.SPECIFIER_LENGTH_MAX
        && !specifier.startsWith("/")
        && !specifier.startsWith(".")
        && specifier.indexOf('\\') < 0
        && !URL.matcher(specifier).matches();
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  /** The next character after white space; 0 at the end. */
  private char peek() {
    skipSpace();
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean take(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  /** The next identifier or keyword; empty if something else comes next. */
  private String word() {
    skipSpace();
    var start = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isNamePart(char one) {
    return Character.isUnicodeIdentifierPart(one) || Character.isSurrogate(one) || one == '$';
  }

  /** The next string in quotes, in one line and without a substitution. */
  private Optional<String> string() {
    var quote = peek();
    if (quote != '"' && quote != '\'' && quote != '`') {
      return Optional.empty();
    }
    var start = at + 1;
    var end = start;
    while (end < text.length() && text.charAt(end) != quote && text.charAt(end) != '\n') {
      end++;
    }
    if (end >= text.length() || text.charAt(end) != quote) {
      return Optional.empty();
    }
    var content = text.substring(start, end);
    if (quote == '`' && content.contains("${")) {
      return Optional.empty();
    }
    at = end + 1;
    return Optional.of(content);
  }
}
