import { expect, test } from "vitest";
import { imageLine, imageLines } from "./imageLines";

const ID = "zALtCJe12EFVgLEg6YDxtpba7jPHLRYEojT6aP8rtG3s";

test("[IM3] a line of a note that names an image is found with its description, wherever it stands", () => {
  const text = `Before\n${imageLine(ID, "a kite")}\nbetween ${imageLine(ID, "no line of its own")}\n${imageLine(ID, "")}`;
  expect(imageLines(text)).toEqual([
    { id: ID, alt: "a kite" },
    { id: ID, alt: "" },
  ]);
});

test("[IM3] a description with a bracket or a line end stays one line; an address is no image", () => {
  expect(imageLines(imageLine(ID, "a ] b\nc"))).toEqual([{ id: ID, alt: "a   b c" }]);
  expect(imageLines("![x](https://example.org/x.png)\n![x](image:../../x)")).toEqual([]);
});
