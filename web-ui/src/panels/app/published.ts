import type { AppSource, SourceFile } from "./blocks";
import { allFiles, endingOf, fileAt, isModule, isRelative, moduleOfText } from "./files";
import { importsIn, withSpecifiers } from "./imports";

/** One file to publish; its name begins with a slash. */
export interface PublishedFile {
  readonly name: string;
  readonly text: string;
  /** Whether the app starts with this file. A single file needs no mark. */
  readonly entryPoint?: boolean;
}

/**
 * The files of an app as the server serves them. A browser imports JavaScript only. So a style sheet or JSON that a
 * module imports gets a module beside it, such as `/style.css.js`. A remix removes these modules again.
 */
export function publishedFiles(source: AppSource): readonly PublishedFile[] {
  const all = allFiles(source);
  const imported = new Map<string, SourceFile>();
  const files = all.map((file, at) => ({
    name: `/${file.name}`,
    text: isModule(file.name) ? withModules(file, all, imported) : file.code,
    ...(at === 0 && all.length > 1 && { entryPoint: true }),
  }));
  const modules = [...imported.values()].map((file) => ({
    name: `/${file.name}.js`,
    text: moduleOfText(file),
  }));
  return [...files, ...modules];
}

/** The code of a module that imports the modules of texts; these texts are added to `imported`. */
function withModules(
  file: SourceFile,
  all: readonly SourceFile[],
  imported: Map<string, SourceFile>,
): string {
  const texts = importsIn(file.code).flatMap(({ specifier }) => {
    const found = isRelative(specifier) ? fileAt(specifier, file.name, all) : null;
    return found !== null && ["css", "json", "svg"].includes(endingOf(found.name))
      ? [{ specifier, found }]
      : [];
  });
  for (const { found } of texts) imported.set(found.name, found);
  return withSpecifiers(file.code, (specifier) =>
    texts.some((text) => text.specifier === specifier) ? `${specifier}.js` : null,
  );
}
