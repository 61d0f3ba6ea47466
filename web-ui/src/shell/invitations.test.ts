import { expect, test } from "vitest";
import type { Invitation } from "../room";
import { limitTexts } from "./Invitations";

const invitation: Invitation = {
  id: "inv_1",
  role: "player",
  by: "id_a",
  createdAt: 0,
  expiresAt: null,
  uses: null,
  used: null,
  state: "open",
  link: "",
};

test("the limits of an invitation are described by its uses and its remaining time", () => {
  expect(limitTexts(invitation, 0)).toEqual([]);
  expect(limitTexts({ ...invitation, uses: 5, used: 2, expiresAt: 90_000 }, 0)).toEqual([
    "2 of 5 joined",
    "2 minutes left",
  ]);
  expect(limitTexts({ ...invitation, uses: 1, used: 1 }, 0)).toEqual(["no places left"]);
  expect(limitTexts({ ...invitation, expiresAt: 86_400_000 }, 0)).toEqual(["24 hours left"]);
  expect(limitTexts({ ...invitation, expiresAt: 7 * 86_400_000 }, 0)).toEqual(["7 days left"]);
  expect(limitTexts({ ...invitation, expiresAt: -1 }, 0)).toEqual(["1 minute left"]);
});
