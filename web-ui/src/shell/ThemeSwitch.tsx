import { DropdownMenu } from "radix-ui";
import { Icon, type IconName } from "../icon/Icon";
import { shellTexts } from "../texts";
import { setTheme, type Theme, useTheme } from "./theme";

const THEMES: readonly (readonly [Theme, string, IconName])[] = [
  ["system", shellTexts.matchSystem, "system"],
  ["light", shellTexts.light, "sun"],
  ["dark", shellTexts.dark, "moon"],
];

export function ThemeSwitch() {
  const theme = useTheme();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="icon-btn" aria-label={shellTexts.theme}>
        <Icon name={theme === "system" ? "system" : theme === "dark" ? "moon" : "sun"} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
          <ThemeItems />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The three themes as menu items. */
export function ThemeItems() {
  const theme = useTheme();
  return (
    <DropdownMenu.RadioGroup
      value={theme}
      onValueChange={(value) => setTheme(value as Theme)}
      aria-label={shellTexts.theme}
    >
      {THEMES.map(([value, label, icon]) => (
        <DropdownMenu.RadioItem key={value} value={value} className="menu-item">
          <Icon name={icon} />
          {label}
          <DropdownMenu.ItemIndicator className="menu-hint">
            <Icon name="check" />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
