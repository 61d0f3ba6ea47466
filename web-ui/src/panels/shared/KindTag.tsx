import { Icon } from "../../icon/Icon";
import { kindOf } from "./cards";

/** The kind of a card as a sign and a word. */
export function KindTag({ type }: { readonly type: string }) {
  const { label, icon } = kindOf(type);
  return (
    <span className="p-tag">
      <Icon name={icon} />
      {label}
    </span>
  );
}
