import { DropdownMenu } from "radix-ui";
import { Icon } from "../../icon/Icon";
import { type RoomWindow, setWindowParameters, useRoom } from "../../room";
import { patternTexts } from "../../texts";
import { PALETTES, readSpec } from "./wave";

const SPEEDS: readonly (readonly [number, string])[] = [
  [0, patternTexts.still],
  [1, patternTexts.slow],
  [3, patternTexts.lively],
];

/** The menu items of a pattern window: the settings of the pattern, which apply to all people. */
export function PatternItems({ window, off }: { readonly window: RoomWindow; readonly off: boolean }) {
  const room = useRoom();
  const spec = readSpec(window.props, window.id);
  const setParameters = (values: Parameters<typeof setWindowParameters>[1]): void => {
    room.run(setWindowParameters(window.id, values));
  };
  const paletteIndex = PALETTES.indexOf(spec.palette.join(" "));
  return (
    <>
      <DropdownMenu.Separator className="menu-line" />
      <DropdownMenu.Item
        className="menu-item"
        disabled={off}
        onSelect={() => setParameters({ seed: room.newId().slice(-8) })}
      >
        <Icon name="wave" />
        {patternTexts.drawAnother}
      </DropdownMenu.Item>
      <DropdownMenu.Item
        className="menu-item"
        disabled={off}
        onSelect={() => setParameters({ palette: PALETTES[(paletteIndex + 1) % PALETTES.length] ?? null })}
      >
        <Icon name="sun" />
        {patternTexts.otherColours}
      </DropdownMenu.Item>
      <DropdownMenu.RadioGroup
        value={String(spec.speed)}
        onValueChange={(value) => setParameters({ speed: Number(value) })}
        aria-label={patternTexts.howItMoves}
      >
        {SPEEDS.map(([value, label]) => (
          <DropdownMenu.RadioItem
            key={value}
            value={String(value)}
            className="menu-item menu-inset"
            disabled={off}
          >
            {label}
            <DropdownMenu.ItemIndicator className="menu-hint">
              <Icon name="check" />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}
