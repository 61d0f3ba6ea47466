import { CommentsPanel } from "./comments/CommentsPanel";
import { FollowTools } from "./follow/FollowTools";
import { JumpHandler } from "./JumpHandler";
import { SearchPanel } from "./search/SearchPanel";
import { SelectionTools } from "./selection/SelectionTools";

/** The tools that work in all panels: for selected text, comments and search. */
export function ToolsOfPanels() {
  return (
    <>
      <SelectionTools />
      <CommentsPanel />
      <SearchPanel />
      <FollowTools />
      <JumpHandler />
    </>
  );
}
