package dev.parlor.bench.load;

import dev.parlor.crdt.replica.Edit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A long, hardly compressible text that is pasted page by page; the same for every server.
 *
 * @param pages in order
 */
record PageText(List<String> pages) {

  private static final int PAGE_CHARACTERS = 10_000;

  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";

  PageText {
    pages = List.copyOf(pages);
  }

  /** Makes enough pages for about this many bytes of Automerge changes. */
  PageText(int bytes, long seed) {
    this(random(bytes, seed));
  }

  private static List<String> random(int bytes, long seed) {
    var random = new Random(seed);
    var pages = new ArrayList<String>();
    for (var made = 0L; made < bytes; made += PAGE_CHARACTERS) {
      var page = new StringBuilder(PAGE_CHARACTERS);
      for (var i = 0; i < PAGE_CHARACTERS; i++) {
        page.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
      pages.add(page.toString());
    }
    return pages;
  }

  /**
   * The text as Automerge changes: the first makes the text, each further change appends a page.
   */
  Trace trace() {
    var edits = new ArrayList<Edit>();
    for (var i = 0; i < pages.size(); i++) {
      edits.add(new Edit.SpliceText(Trace.TEXT, i * PAGE_CHARACTERS, 0, pages.get(i)));
    }
    return Trace.of(edits, 1);
  }

  YjsEdits yjs() {
    return YjsEdits.appended(pages, Script.YJS_CLIENT);
  }
}
