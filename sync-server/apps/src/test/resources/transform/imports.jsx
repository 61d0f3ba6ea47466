import pad from "left-pad";
import _, { debounce as later } from "lodash-es";
import * as d3 from "d3";
import "side-effect";
import "./styles.js";
import local, { a, b as c } from "../local.js";
import root from "/root.js";
import { readFileSync } from "node:fs";
import {
  x as
  y,
} from '@scope/part/deep.js';

export async function load(name) {
  const three = await import("three");
  await import(/* webpackIgnore: true */ `find-up`);
  await import(`./${name}.js`);
  await import(name);
  notAn.import("method-call");
  return [three, pad, _, later, a, c, local, root, readFileSync, y];
}
export const scale = d3.scaleLinear().domain([0, d3.max([1, 2])]);
