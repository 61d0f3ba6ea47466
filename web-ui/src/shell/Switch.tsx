import { useId } from "react";
import "./settings.css";

interface SwitchProps {
  readonly label: string;
  readonly text: string;
  readonly on: boolean;
  readonly locked: boolean;
  readonly onPick: (on: boolean) => void;
}

/** A switch with its name and a sentence below it. */
export function Switch({ label, text, on, locked, onPick }: SwitchProps) {
  const id = useId();
  return (
    <label className="setting setting-option setting-switch" data-on={on}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        disabled={locked}
        aria-label={label}
        aria-describedby={id}
        onChange={(event) => onPick(event.target.checked)}
      />
      <b>{label}</b>
      <small id={id}>{text}</small>
    </label>
  );
}
