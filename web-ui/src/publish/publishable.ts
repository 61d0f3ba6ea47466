import type { AppFile } from "./api";

/** The endings of files with which an app can start on the server. */
const CODE = /\.(html?|[jt]sx?|mjs)$/i;

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/**
 * The files as the server accepts them: an app of drawings only gets a page with the first drawing, because an app starts
 * with HTML or code.
 */
export function publishable(title: string, files: readonly AppFile[]): readonly AppFile[] {
  const drawing = files.find(({ name }) => /\.svg$/i.test(name));
  if (drawing === undefined || files.some(({ name }) => CODE.test(name))) return files;
  const text = `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>body { margin: 0; height: 100vh; display: grid; place-items: center } svg { max-width: 100%; max-height: 100% }</style>
</head>
<body>
${drawing.text}
</body>
</html>
`;
  return [...files, { name: "/index.html", text }];
}
