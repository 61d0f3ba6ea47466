export const example = `
import { x } from "inside-a-template";
`;
