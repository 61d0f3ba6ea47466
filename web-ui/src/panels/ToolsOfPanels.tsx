import { CommentsPanel } from "./comments/CommentsPanel";
import { Comparison } from "./compare/Comparison";
import { FollowTools } from "./follow/FollowTools";
import { JumpHandler } from "./JumpHandler";
import { SearchPanel } from "./search/SearchPanel";
import { SelectionTools } from "./selection/SelectionTools";

/** The tools that work in all panels: for selected text, comments, search and comparisons. */
export function ToolsOfPanels() {
  return (
    <>
      <SelectionTools />
      <CommentsPanel />
      <SearchPanel />
      <FollowTools />
      <Comparison />
      <JumpHandler />
    </>
  );
}
